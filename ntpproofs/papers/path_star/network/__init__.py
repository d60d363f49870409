"""Real networks on path-star graphs (extra `torch`): a small transformer, a plain selective state-space model, one experiment.

Nothing else in the package imports this. Without PyTorch the modules still import, and a run raises `InvalidInput` with the remedy.
"""
