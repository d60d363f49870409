"""Gradient flow in log time: its two stages, in dense coordinates and on structured problems, and how far its slope is from its limit."""
