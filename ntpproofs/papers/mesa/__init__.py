"""Mesa-optimisation in linear attention on autoregressive processes (Zheng et al., NeurIPS 2024, arXiv 2405.16845)."""
