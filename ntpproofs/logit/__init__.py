"""The one convex problem: the conditional logit, its separation, subspaces, finite part and margins, exactly."""
