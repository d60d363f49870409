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
        Reference("fan2025", "C. Fan, M. Schmidt, C. Thrampoulidis", "Implicit Bias of Spectral Descent and Muon on Multiclass Separable Data",
                  "preprint", 2025, "2502.04664"),
        Reference("bretagnolle1979", "J. Bretagnolle, C. Huber", "Estimation des densités: risque minimax",
                  "Zeitschrift für Wahrscheinlichkeitstheorie und verwandte Gebiete 47", 1979),
        Reference("cover1965", "T. M. Cover",
                  "Geometrical and Statistical Properties of Systems of Linear Inequalities with Applications in Pattern Recognition",
                  "IEEE Transactions on Electronic Computers EC-14", 1965),
        Reference("doob1953", "J. L. Doob", "Stochastic Processes", "Wiley", 1953),
        Reference("farkas1902", "J. Farkas", "Theorie der einfachen Ungleichungen", "Journal für die reine und angewandte Mathematik 124", 1902),
        Reference("fejer1904", "L. Fejér", "Untersuchungen über Fouriersche Reihen", "Mathematische Annalen 58", 1904),
        Reference("ford1957", "L. R. Ford", "Solution of a Ranking Problem from Binary Comparisons", "American Mathematical Monthly 64", 1957),
        Reference("hunter2004", "D. R. Hunter", "MM Algorithms for Generalized Bradley-Terry Models", "Annals of Statistics 32", 2004),
        Reference("karush1939", "W. Karush",
                  "Minima of Functions of Several Variables with Inequalities as Side Constraints",
                  "Master's thesis, University of Chicago", 1939),
        Reference("kuhn1951", "H. W. Kuhn, A. W. Tucker", "Nonlinear Programming",
                  "Second Berkeley Symposium on Mathematical Statistics and Probability", 1951),
        Reference("motzkin1936", "T. S. Motzkin", "Beiträge zur Theorie der linearen Ungleichungen", "Dissertation, Universität Basel", 1936),
        Reference("nesterov1983", "Y. Nesterov",
                  "A Method of Solving a Convex Programming Problem with Convergence Rate O(1/k^2)", "Soviet Mathematics Doklady 27", 1983),
        Reference("nitanda2019", "A. Nitanda, T. Suzuki",
                  "Stochastic Gradient Descent with Exponential Convergence Rates of Expected Classification Errors",
                  "AISTATS", 2019, "1806.05438"),
        Reference("pinelis1994", "I. Pinelis",
                  "Optimum Bounds for the Distributions of Martingales in Banach Spaces", "Annals of Probability 22", 1994),
        Reference("pinsker1964", "M. S. Pinsker",
                  "Information and Information Stability of Random Variables and Processes", "Holden-Day", 1964),
        Reference("popoviciu1935", "T. Popoviciu", "Sur les équations algébriques ayant toutes leurs racines réelles", "Mathematica (Cluj) 9", 1935),
        Reference("soudry2018", "D. Soudry, E. Hoffer, M. S. Nacson, S. Gunasekar, N. Srebro",
                  "The Implicit Bias of Gradient Descent on Separable Data",
                  "Journal of Machine Learning Research 19", 2018, "1710.10345"),
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
