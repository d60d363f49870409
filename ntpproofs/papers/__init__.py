"""One package per paper, all built to the same plan; a paper imports the core below it and never another paper."""
