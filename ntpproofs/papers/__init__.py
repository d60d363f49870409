"""One package per paper, all built to the same plan."""
