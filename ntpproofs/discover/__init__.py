"""Conjectures proposed by the machine: a table of instances, bounds by linear programming, attacks by the campaign of `check`."""
