"""The conjecture file of discovered bounds: Python that `ntpproofs check` takes, every bound a claim in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..language.forms import Bound

HEAD = '''\
"""{title}: bounds proposed by `ntpproofs discover {area}`. Conjectures, not theorems.

Check them with: ntpproofs check {file}

A claim says nothing about instances on which an invariant is not defined, or an assumption named after its bound fails.
"""

from ntpproofs import Case, Conjecture
from ntpproofs.invariants import {imports}
'''
CONJECTURE = """
{variable} = Conjecture(
    label="{label}",
    title="{title}",
    instances=instances_of("{kind}"),
    {assuming}derive=invariants_of,
)
"""

# Characters of a formula on a line of the file.
WIDEST = 125
CLAIM = """

@{variable}.claim({latex})
def {name}(case: Case):
    return case.derived.says({arguments})
"""


def claim_name(number: int, target: str) -> str:
    """The name of a claim: its place and its target.

    >>> claim_name(1, "squared_norm")
    'bound_1_of_squared_norm'
    """
    return f"bound_{number}_of_{target}"


def conjecture_file(
    kind: str, area: str, title: str, file: str, bounds: Sequence[tuple[str, Bound]], symbols: Mapping[str, str], apart: bool = False
) -> str:
    """The text of the file for (target, bound) pairs: one conjecture, whose claims have premises and are tried on the same instances.

    `apart` makes one conjecture of the bounds with the same assumptions, which are then those of the conjecture: `check` draws
    instances that meet them.
    """
    groups: dict[tuple[str, ...], list[tuple[int, str, Bound]]] = {} if apart else {(): []}
    for number, (target, bound) in enumerate(bounds, 1):
        groups.setdefault(bound.assuming if apart else (), []).append((number, target, bound))
    imports = "assumptions_of, instances_of, invariants_of" if any(groups) else "instances_of, invariants_of"
    parts = [HEAD.format(title=title, area=area, file=file, imports=imports)]
    for group, members in groups.items():
        words, names = [title, *(name.replace("_", " ") for name in group)], [f"discovered-{area}", *(name.replace("_", "-") for name in group)]
        assumed = "".join(f', "{name}"' for name in group)
        about = {
            "variable": "_and_".join(group) or "conjecture",
            "label": "-".join(names),
            "title": ", ".join(words),
            "kind": kind,
            "assuming": f'assumptions=assumptions_of("{kind}"{assumed}),\n    ' if group else "",
        }
        parts += ["\n" if len(parts) > 1 else "", CONJECTURE.format(**about)]
        for number, target, bound in members:
            latex, premises = _written(claim_latex(bound, symbols)), () if apart else bound.assuming
            arguments = ", ".join(f'"{word}"' for word in (bound.text, *premises))
            parts.append(CLAIM.format(variable=about["variable"], latex=latex, name=claim_name(number, target), arguments=arguments))
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
