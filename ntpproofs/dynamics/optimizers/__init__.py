"""Gradient descent and its relatives, step by step."""
