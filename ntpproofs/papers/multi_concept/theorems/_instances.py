"""Instances shared by the statements of this area: golden problems of the brief, and small exact objects of their own kinds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from ..balls import RationalLayer, off_kinks, random_layer
from ..problem import MultiConcept

F = Fraction
# Section 0a and S9 of the brief.
unit_sliding = MultiConcept(2, alive=6)
wide_sliding = MultiConcept(2, c=F(3, 2), d=F(7, 10), alive=5)
four_roots = MultiConcept(
    1, F(1073, 1000), F(165, 1000), F(1372, 1000), neurons=24, alive=2, regularisation=F("0.0140535"), initial_scale=F(2),
    initial_gate=F(3, 10), initial_lift=F(3, 10),
)  # fmt: skip
golden_run = MultiConcept(4, neurons=64, regularisation=F(1, 1000))
golden_small_start = MultiConcept(4, neurons=64, regularisation=F(1, 1000), initial_scale=F(1, 10))
small_c = MultiConcept(2, c=F(1, 100), regularisation=F(15, 1000), initial_scale=F(1))
too_regularised = MultiConcept(4, neurons=64, regularisation=F(1, 100))
many_flips = MultiConcept(4, neurons=64, regularisation=F(1, 1000), flips=F(9, 20))
golden = (unit_sliding, wide_sliding, four_roots, golden_run, golden_small_start, small_c, too_regularised, many_flips)


def layers() -> st.SearchStrategy[RationalLayer]:
    """Dense layers of random shape, weights and prompts."""
    shapes = {"words": st.integers(1, 3), "labels": st.integers(1, 3), "length": st.integers(2, 4), "neurons": st.sampled_from([2, 4])}
    return st.builds(random_layer, st.integers(0, 10**6), **shapes, ridge=st.sampled_from([F(0), F(1, 10)])).filter(off_kinks)


@dataclass(frozen=True)
class Counts:
    """Attention at one score: beta and the numbers of matching and opposite demonstrations; `shift` is the common a-part of all scores."""

    beta: Fraction
    matching: int
    opposite: int
    shift: Fraction = Fraction(0)

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        return {"kind": "attention-counts", "beta": str(self.beta), "matching": self.matching, "opposite": self.opposite, "shift": str(self.shift)}


def balanced_counts() -> st.SearchStrategy[Counts]:
    """As many matching as opposite demonstrations."""
    return st.builds(lambda quarters, n, shift: Counts(F(quarters, 4), n, n, F(shift)), st.integers(-16, 16), st.integers(1, 12), st.integers(-4, 4))


def counts() -> st.SearchStrategy[Counts]:
    """Scores in [-4, 4], up to 12 demonstrations of each sign."""
    return st.builds(Counts, st.integers(-16, 16).map(lambda k: F(k, 4)), st.integers(1, 12), st.integers(1, 12), st.integers(-4, 4).map(F))
