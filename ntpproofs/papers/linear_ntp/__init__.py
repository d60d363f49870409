"""Thrampoulidis (NeurIPS 2024), arXiv 2402.18551: the implicit bias of next-token prediction in linear models."""
