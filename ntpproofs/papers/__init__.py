"""Statements, one per file. `registry.collect` walks this package; files starting with an underscore hold shared parts."""
