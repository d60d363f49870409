"""The papers statements come from, in one place. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """A bibliographic entry."""

    key: str
    authors: str
    title: str
    venue: str
    year: int
    arxiv: str = ""


REFERENCES = {
    entry.key: entry
    for entry in (
        Reference("thrampoulidis2024", "C. Thrampoulidis", "Implicit Optimization Bias of Next-Token Prediction in Linear Models",
                  "NeurIPS", 2024, "2402.18551"),
        Reference("li2024", "Y. Li, Y. Huang, M. E. Ildiz, A. S. Rawat, S. Oymak", "Mechanics of Next Token Prediction with Self-Attention",
                  "AISTATS", 2024, "2403.08081"),
        Reference("bachmann2024", "G. Bachmann, V. Nagarajan", "The Pitfalls of Next-Token Prediction", "ICML", 2024, "2403.06963"),
        Reference("bu2024", "D. Bu, W. Huang, A. Han, A. Nitanda, T. Suzuki, Q. Zhang, H.-S. Wong",
                  "Provably Transformers Harness Multi-Concept Word Semantics for Efficient In-Context Learning", "NeurIPS", 2024, "2411.02199"),
        Reference("zheng2024", "C. Zheng, W. Huang, R. Wang, G. Wu, J. Zhu, C. Li",
                  "On Mesa-Optimization in Autoregressively Trained Transformers: Emergence and Capability", "NeurIPS", 2024, "2405.16845"),
        Reference("albert1984", "A. Albert, J. A. Anderson", "On the Existence of Maximum Likelihood Estimates in Logistic Regression Models",
                  "Biometrika 71", 1984),
        Reference("geyer2009", "C. J. Geyer", "Likelihood Inference in Exponential Families and Directions of Recession",
                  "Electronic Journal of Statistics 3", 2009),
        Reference("goldman1956", "A. J. Goldman, A. W. Tucker", "Theory of Linear Programming", "Linear Inequalities and Related Systems", 1956),
        Reference("ji2019", "Z. Ji, M. Telgarsky", "The Implicit Bias of Gradient Descent on Nonseparable Data", "COLT", 2019, "1803.07300"),
        Reference("ji2020", "Z. Ji, M. Dudik, R. E. Schapire, M. Telgarsky", "Gradient Descent Follows the Regularization Path for General Losses",
                  "COLT", 2020, "2006.11226"),
        Reference("whiteley1996", "W. Whiteley", "Some Matroids from Discrete Applied Geometry", "Contemporary Mathematics 197", 1996),
        Reference("fan2025", "C. Fan, M. Schmidt, C. Thrampoulidis", "Implicit Bias of Spectral Descent and Muon on Multiclass Separable Data",
                  "preprint", 2025, "2502.04664"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Where a statement comes from: a reference and the item's own number there, or our own derivation.

    `item` is printed as given; `deviation` says where our wording differs from the source.
    """

    key: str
    item: str
    deviation: str = ""

    @property
    def text(self) -> str:
        """The source line of reports.

        >>> cite("thrampoulidis2024", "Theorem 2").text
        'C. Thrampoulidis (NeurIPS 2024), Theorem 2'
        """
        if self.key == "derived":
            return f"derived here, {self.item}"
        reference = REFERENCES[self.key]
        return f"{reference.authors} ({reference.venue} {reference.year}), {self.item}"


def cite(key: str, item: str, deviation: str = "") -> Source:
    """A source in the bibliography. Raises `KeyError` for an unknown key, listing the known ones."""
    if key not in REFERENCES:
        raise KeyError(f"no reference {key!r}; known: {', '.join(REFERENCES)}")
    return Source(key, item, deviation)


def derived(item: str, deviation: str = "") -> Source:
    """A statement derived in this project; `item` says from what."""
    return Source("derived", item, deviation)
