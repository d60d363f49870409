"""The command line: commands and the templates of `new`."""
