"""Run the command line with one object broken: `python tests/breaking.py NAME verify LABEL ...`.

Each break is a sign, a factor or a subspace that a tired person could get wrong. A function is broken in place, so that whoever imported it
has the broken one; a method or a property is replaced on its class.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from types import FunctionType
from typing import Any

Change = Callable[..., Any]


def function(place: str, name: str, change: Change) -> None:
    """Break a function: it returns change(result, *arguments)."""
    found = getattr(import_module(f"ntpproofs.{place}"), name)
    whole = FunctionType(found.__code__, found.__globals__, name, found.__defaults__, found.__closure__)
    whole.__kwdefaults__ = found.__kwdefaults__
    found.__globals__.update({f"_whole_{name}": whole, f"_change_{name}": change})
    written: dict[str, Any] = {}
    exec(f"def broken(*given, **named): return _change_{name}(_whole_{name}(*given, **named), *given)", written)
    found.__code__, found.__defaults__, found.__kwdefaults__ = written["broken"].__code__, None, None


def method(place: str, owner: str, name: str, change: Change) -> None:
    """Break a method, a property or a cached property: it gives change(result, self, *arguments)."""
    held = getattr(import_module(f"ntpproofs.{place}"), owner)
    found = vars(held)[name]
    whole = found.func if isinstance(found, cached_property) else found.fget if isinstance(found, property) else found

    def broken(self: Any, *given: Any, **named: Any) -> Any:
        return change(whole(self, *given, **named), self, *given)

    if isinstance(found, cached_property):
        kept = cached_property(broken)
        kept.__set_name__(held, name)
        setattr(held, name, kept)
    else:
        setattr(held, name, property(broken) if isinstance(found, property) else broken)


def seen_from(place: str, name: str, change: Change) -> None:
    """Break what one module sees under a name; the others keep the whole one."""
    module = import_module(f"ntpproofs.{place}")
    whole = getattr(module, name)
    setattr(module, name, lambda *given, **named: change(whole(*given, **named), *given))


def _twice_as_far(found: Any, *_: Any) -> Any:
    if not hasattr(found, "margins"):
        return found
    return replace(found, multipliers={r: 2 * x for r, x in found.multipliers.items()}, margins=tuple(2 * x for x in found.margins))


def _doubled_finite_part(found: Any, *_: Any) -> Any:
    return replace(found, center=tuple(2 * x for x in found.center))


def _exchanged(found: Any, design: Any, choices: Any, center: Any) -> Any:
    # share - 2 q where share - q belongs
    from flint import arb, arb_mat

    from ntpproofs.exact.balls import exact_arb

    gradient, probabilities, value = found
    extra = [arb(0)] * design.nrows()
    for choice, p in zip(choices, probabilities):
        for r, q in zip(choice.rows, p):
            if r is not None:
                extra[r] += exact_arb(choice.weight) * q
    return gradient - design.transpose() * arb_mat([[x] for x in extra]), probabilities, value


def _not_projected(found: Any, space: Any, x: Any) -> Any:
    # onto both spaces, and not off the tied one
    return found if space.complement or not isinstance(found, tuple) else space._onto((*space.outside, *space.inside), x)


def _displaced(found: Any, coordinates: Any, masses: Any) -> Any:
    # the mean added where it is taken off: H^{-1} sum y (d + dbar)
    import numpy as np

    if not coordinates.split:
        return found
    means = np.einsum("bv,bvk->bk", coordinates.tied_shares, coordinates.rows[:, :, : coordinates.split])
    moved = np.where(coordinates.is_separable, masses, 0.0).sum(axis=-1) @ means
    return found + 2 * np.linalg.lstsq(coordinates.tied_hessian, moved.reshape(-1, coordinates.split).T, rcond=None)[0].T.reshape(moved.shape)


SYMBOLS = "papers.foundations.theorems._symbols"
BREAKS: dict[str, tuple[Callable[[], None], tuple[str, ...]]] = {
    "gradient with the opposite sign": (lambda: function(SYMBOLS, "gradient", lambda g, *_: -g), ("foundations.convexity-and-smoothness",)),
    "variance twice": (lambda: function(SYMBOLS, "variance", lambda x, *_: 2 * x), ("foundations.convexity-and-smoothness",)),
    "multipliers twice": (
        lambda: method("logit.margin", "MaxMargin", "_multipliers", lambda found, _: {r: 2 * x for r, x in found.items()}),
        ("foundations.max-margin", "linear-ntp.closed-form-orthogonal"),
    ),
    "margin 2 instead of 1": (
        lambda: function("exact.programme", "least_norm", _twice_as_far),
        ("foundations.max-margin", "linear-ntp.ntp-svm"),
    ),
    "diverging subspace without projecting off the tied one": (
        lambda: method("logit.decomposition", "Subspace", "project", _not_projected), ("foundations.max-margin", "foundations.split-identity"),
    ),
    "log-odds with the opposite sign": (
        lambda: seen_from("logit.finite_part", "exponents", lambda found, *_: {k: -x for k, x in found.items()}),
        ("linear-ntp.log-odds-solution", "foundations.finite-part"),
    ),
    "finite part in the wrong scale": (
        lambda: function("logit.finite_part", "_enclosed", _doubled_finite_part), ("foundations.finite-part", "foundations.finite-part-limit"),
    ),
    "shares and probabilities exchanged in the tied gradient": (
        lambda: function("exact.minimiser", "_masses", _exchanged), ("foundations.finite-part",),
    ),
    "Popoviciu with 1/8": (
        lambda: function("logit.step_size", "smoothness", lambda beta, *_: beta / 2), ("foundations.convexity-and-smoothness",),
    ),
    "entropy counted twice": (
        lambda: method("papers.linear_ntp.problem", "LinearNTP", "entropy", lambda h, _: h + h), ("linear-ntp.entropy-identity",),
    ),
    "flow with a force that is too strong": (
        lambda: method("dynamics.flow.late", "Late", "gram", lambda gram, _: 1.01 * gram),
        ("foundations.log-time-slope", "foundations.risk-constant"),
    ),
    "descent that climbs": (
        lambda: function("dynamics.enclosed", "_evaluate", lambda found, *_: (found[0], -found[1])), ("foundations.risk-bound",),
    ),
    "displaced tied mass with the opposite sign": (
        lambda: method("logit.coordinates", "Coordinates", "displacement", _displaced), ("linear-ntp.asymptotic-finite-part",),
    ),
    "every separation with something separable called complete": (
        lambda: function("logit.recession", "_decide", lambda found, *_: replace(found, kind=found.kind.replace("quasi-", ""))),
        ("foundations.separation",),
    ),
}  # fmt: skip

if __name__ == "__main__":
    BREAKS[sys.argv.pop(1)][0]()
    from ntpproofs.commands.cli import main

    main()
