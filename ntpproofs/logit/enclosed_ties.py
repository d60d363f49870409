"""Ties of the enclosed route: which alternatives are level with the labels on the whole recession cone, proposed in doubles, decided exactly.

Restricting every block to its labels and some proposed alternatives leaves a smaller problem. What is tied there is tied in the whole: the
circulation that proves it is one of the whole problem, too. And where all of it is tied, its finite part is that of the whole problem
once the other alternatives turn out to be separable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np

from ..errors import TooLarge
from ..exact.programme import multipliers
from ..kernel.instances import Block
from ..language.answers import Effort
from .anchored import anchored_rows
from .decomposition import Decomposition, decompose
from .problem import ConditionalLogit
from .row_data import RowData
from .saved_run import Stages

ROUNDS = 60


@dataclass(frozen=True, eq=False)
class Ties:
    """The data with all tied rows level, and the exact parts of the problem that is left of it."""

    data: RowData
    parts: Decomposition


def ties(data: RowData, run: Stages | None = None) -> Ties | None:
    """The tied alternatives, exactly; None where nothing or everything is proposed, or where the exact part would take long.

    The proposal is a stage of the run, and what it has on the way is kept.
    """
    run = run or Stages(Effort(), lambda: "")
    level = run("ties", "ties", lambda: _proposed(data, run))
    for _ in range(3):
        if level is None or level.all():
            return None
        logit, kept = _restricted(data, level)
        small = anchored_rows(logit)
        if small.takes_long:
            return None
        run.step("ties, exactly")
        try:
            parts = decompose(logit)
        except TooLarge:
            return None
        if parts.separation.kind == "overlap":
            rows = [kept[b, v] for b, v in zip(small.blocks, small.alternatives)]
            basis = [rows[i] for i in small.rows.independent(range(len(small)))]
            if len(basis) != parts.tied.dimension:  # an unlucky prime
                return None
            return Ties(replace(data, level=level, basis=np.array(sorted(basis), dtype=np.int64)), parts)
        tied = parts.separation.tied_sets
        level = data.is_tie.copy()
        for (b, v), r in kept.items():
            level[r] |= v in tied[b]
    return None


def _proposed(data: RowData, run: Stages) -> np.ndarray | None:
    # Rows are levelled as long as margins on the others are infeasible: those of a Farkas certificate, and those in the span of level ones.
    begin = run.found.get("ties so far", np.zeros(0))
    level = begin.copy() if begin.shape == data.is_tie.shape else data.is_tie.copy()
    lengths = np.linalg.norm(data.rows, axis=1)
    for k in range(ROUNDS):
        run.keep({"ties so far": level.copy()})
        run.step(f"ties, round {k + 1}: {int(level.sum()):,} of {len(level):,} alternatives")
        if level.all():
            return level
        off, flat = np.flatnonzero(~level), data.rows[~level]
        if level.any():
            _, singular, right = np.linalg.svd(data.rows[level], full_matrices=False)
            basis = right[singular > 1e-9 * singular.max(initial=0.0)]
            flat = flat - (flat @ basis.T) @ basis
        sizes = np.linalg.norm(flat, axis=1)
        vanishing = sizes <= 1e-9 * lengths[off]
        if vanishing.any():
            level[off[vanishing]] = True
            continue
        y = multipliers(flat / sizes[:, None], sizes.min() / sizes, partial(run.step, "ties"))
        if y is None:
            return None
        if ((flat @ (flat.T @ (y / sizes))) > 0).all():
            return level
        carried = y > 1e-9 * y.max(initial=0.0)
        if not carried.any():
            return None
        level[off[carried]] = True
    return None


def _restricted(data: RowData, level: np.ndarray) -> tuple[ConditionalLogit, dict[tuple[int, int], int]]:
    # The problem with labels and level alternatives only, and the row of the whole that belongs to every (block, alternative) of it.
    anchored = data.anchored
    whole = anchored.problem.data
    chosen: list[list[int]] = [[anchor] for anchor in anchored.anchors]
    for r in np.flatnonzero(level).tolist():
        chosen[anchored.blocks[r]].append(anchored.alternatives[r])
    blocks: list[Block] = []
    kept: dict[tuple[int, int], int] = {}
    for b, (block, alternatives) in enumerate(zip(whole.blocks, chosen)):
        alternatives.sort()
        for k, v in enumerate(alternatives):
            if v != anchored.anchors[b]:
                kept[b, k] = anchored.index[b, v]
        labels: dict[int, Fraction] = {alternatives.index(z): share for z, share in block.labels.items()}
        counts = None if block.multiplicities is None else tuple(block.multiplicities[v] for v in alternatives)
        items = tuple(block.alternatives[v] for v in alternatives)
        blocks.append(replace(block, labels=labels, alternatives=items, multiplicities=counts))
    return ConditionalLogit.from_dataset(replace(whole, blocks=tuple(blocks))), kept


__all__ = ["Ties", "ties"]
