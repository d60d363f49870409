"""The max-margin programme with the equalities on tied pairs dropped: the plausible mistake several mutants make.

Every row keeps its own margins (for soft labels: every label against every separable alternative), so this is the
programme a reader would write who forgets that tied scores have to stay level.
"""

from __future__ import annotations

from fractions import Fraction

from ....exact.programme import Infeasible, least_norm
from ....language.statements import Case
from ....logit.assemble import assemble
from ....logit.problem import ConditionalLogit, Vector
from ....logit.recession import anchored_rows


def margins_only(case: Case) -> Vector:
    """The least-norm vector with margin 1 on separable pairs and no other constraint."""
    expanded = ConditionalLogit(case.problem.rows)
    anchored = anchored_rows(expanded)
    separable = case.derived.separation.separable
    rows = [r for r in range(len(anchored)) if (anchored.blocks[r], anchored.alternatives[r]) in separable]
    answer = least_norm(anchored.rows, [], rows)
    assert not isinstance(answer, Infeasible)  # u satisfies these constraints
    return assemble(expanded, anchored.coefficients({r: Fraction(anchored.scale) ** 2 * x for r, x in answer.multipliers.items()}))
