"""Checking conjectures: enumerate, draw, steer, reduce; workers that can be killed; reports that do not depend on them."""
