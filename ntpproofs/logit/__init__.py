"""The one convex problem: the conditional logit, with exact separation, subspaces and max-margin direction, and enclosed finite part."""
