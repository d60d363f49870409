"""Statements about multi-concept in-context learning, one per file."""
