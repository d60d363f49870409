"""Statements about linear attention trained on autoregressive processes, one file each."""
