"""Li, Huang, Ildiz, Rawat, Oymak (AISTATS 2024), arXiv 2403.08081: next-token prediction with one self-attention layer."""
