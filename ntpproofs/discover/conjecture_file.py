"""The conjecture file of discovered bounds: Python that `ntpproofs check` takes, every bound a claim in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..language.forms import Bound

HEAD = '''\
"""{title}: bounds proposed by `ntpproofs discover {area}`. Conjectures, not theorems.

Check them with: ntpproofs check {file}

A claim says nothing about instances on which one of the assumptions named after its bound fails, or an invariant is not defined.
"""

from ntpproofs import Case, Conjecture
from ntpproofs.invariants import instances_of, invariants_of

conjecture = Conjecture(
    label="{label}",
    title="{title}",
    instances=instances_of("{kind}"),
    derive=invariants_of,
)
'''

# Characters of a formula on a line of the file.
WIDEST = 125
CLAIM = """

@conjecture.claim({latex})
def {name}(case: Case):
    return case.derived.says({arguments})
"""


def claim_name(number: int, target: str) -> str:
    """The name of a claim: its place and its target.

    >>> claim_name(1, "squared_norm")
    'bound_1_of_squared_norm'
    """
    return f"bound_{number}_of_{target}"


def conjecture_file(kind: str, area: str, title: str, file: str, bounds: Sequence[tuple[str, Bound]], symbols: Mapping[str, str]) -> str:
    """The text of the file for (target, bound) pairs."""
    parts = [HEAD.format(title=title, area=area, file=file, label=f"discovered-{area}", kind=kind)]
    for number, (target, bound) in enumerate(bounds, 1):
        arguments = ", ".join(f'"{word}"' for word in (bound.text, *bound.assuming))
        parts.append(CLAIM.format(latex=_written(claim_latex(bound, symbols)), name=claim_name(number, target), arguments=arguments))
    return "".join(parts)


def _written(latex: str) -> str:
    # A long formula is broken after its premise.
    if len(latex) < WIDEST:
        return f'r"{latex}"'
    pieces = re.split(r"(?<=\\Rightarrow )", latex, maxsplit=1)
    return "\n" + "".join(f'    r"{piece}"\n' for piece in pieces)


def claim_latex(bound: Bound, symbols: Mapping[str, str]) -> str:
    r"""The bound in LaTeX, with its assumptions in words.

    >>> from ntpproofs.language.forms import read_bound
    >>> claim_latex(read_bound("a <= b", "one_query"), {"a": "a", "b": "b"})
    '\\text{one query} \\Rightarrow a \\le b'
    """
    words = [re.sub("_", " ", name) for name in bound.assuming]
    premise = rf"\text{{{', '.join(words)}}} \Rightarrow " if words else ""
    return premise + bound.latex(symbols)
