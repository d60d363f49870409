"""Foundations: the conditional logit, its decomposition, and gradient descent on it."""
