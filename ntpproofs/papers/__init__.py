"""One package per paper: its problems, what is special to them, and its statements in `theorems/`, one per file."""
