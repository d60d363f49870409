"""Proposals: what a closed form says of a linear NTP dataset, in compact form, and the kernel's judgement of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import log, sqrt
from typing import Any

from ...errors import VerificationFailed
from ...exact.balls import Enclosure
from ...exact.logarithms import LogVector
from ...exact.rational import written
from ...kernel import FORMAT, digest, verify
from ...kernel.reading import Vector as Column
from ...language.answer_records import Dimensions
from ...logit.assemble import over_base
from ...logit.problem import Vector
from .problem import LinearNTP

Columns = tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class LogPart:
    """W* = sum_k log(base[k]) sum_j coefficients[k][j] h_j', with p_jz = prod_k base[k]^exponents[j][z][k].

    Contexts whose coefficients vanish are left out.
    """

    base: tuple[int, ...]
    exponents: tuple[dict[int, dict[int, int]], ...]
    coefficients: tuple[dict[int, Column], ...]


@dataclass(frozen=True, eq=False)
class Proposal:
    """What a closed form says of a dataset: W^mm by its coefficients a_j, its squared norm, and W* where the form gives it."""

    form: str
    problem: LinearNTP
    coefficients: Columns
    squared_norm: Fraction
    logs: LogPart | None = None

    @cached_property
    def columns(self) -> Columns:
        """The columns of W^mm = sum_j a_j h_j', one per embedding coordinate, in default form."""
        return self._dense(dict(enumerate(self.coefficients)))

    @property
    def decoder(self) -> Vector:
        """W^mm as a flat vector (V x d, row-major)."""
        return _flat(self.columns)

    @property
    def multipliers(self) -> dict[tuple[int, int], Fraction]:
        """{(context, token off its support): multiplier}; a negative one means that the form does not apply."""
        tokens = range(self.problem.vocabulary_size)
        pairs = enumerate(zip(self.coefficients, self.problem.supports))
        return {(j, v): -Fraction(a[v], a.denominator) for j, (a, support) in pairs for v in tokens if v not in support}

    @property
    def finite_part(self) -> LogVector | None:
        """W* exactly, or None where the form does not give it."""
        if self.logs is None:
            return None
        height, width = self.problem.data.shape
        parts = tuple(_flat(self._dense(part)) for part in self.logs.coefficients)
        return LogVector(self.logs.base, parts, height * width)

    def _dense(self, coefficients: Mapping[int, Column]) -> Columns:
        columns, (height, width) = self.problem.data.adjoint(coefficients), self.problem.data.shape
        zero = column(height, Fraction(0), {})
        return tuple(columns.get(k, zero) for k in range(width))

    @property
    def records(self) -> list[dict[str, Any]]:
        """The kernel records: separation (W^mm separates), optimal-qp, and linear-system if W* is given."""
        supports = self.problem.supports
        tied = [sorted(support) for support in supports]
        solution = [_written(column) for column in self.columns]
        partial = any(len(support) < self.problem.vocabulary_size for support in supports)
        kind = "overlap" if not partial else "complete" if all(len(support) == 1 for support in supports) else "quasi-complete"
        nothing: list[dict[str, Any]] = [{"entries": {}}] * len(supports)
        separation = {"type": "separation", "class": kind, "tied": tied, "separator": solution, "circulation": nothing}
        optimum = {"type": "optimal-qp", "tied": tied, "solution": solution, "squared_norm": written(self.squared_norm)}
        records: list[dict[str, Any]] = [separation, optimum | {"multipliers": [_written(a) for a in self.coefficients]}]
        if self.logs is not None:
            powers = [{str(v): {str(k): e for k, e in row.items()} for v, row in block.items() if row} for block in self.logs.exponents]
            values = ({j: {v: Fraction(c[v], c.denominator) for v in c.offsets} for j, c in part.items()} for part in self.logs.coefficients)
            parts = over_base(values, len(supports))
            records.append({"type": "linear-system", "base": list(self.logs.base), "exponents": powers, "coefficients": parts})
        return records

    def document(self) -> dict[str, Any]:
        """The certificate file: instance, records, digest."""
        body: dict[str, Any] = {"format": FORMAT, "instance": self.problem.instance(), "certificates": self.records}
        return body | {"digest": digest(body)}


@dataclass(frozen=True, eq=False)
class OneHotLimit:
    """What gradient descent converges to for one-hot embeddings, read off the orthogonal closed form at any size.

    Contexts decouple: column j of W^mm is 1_{S_j} - (s_j/V) 1, column j of W* the centred log-probabilities of context j.
    """

    proposal: Proposal

    @property
    def certificates(self) -> list[dict[str, Any]]:
        """The separation, optimal-qp and linear-system records."""
        return self.proposal.records

    @property
    def squared_norm(self) -> Fraction:
        """|W^mm|^2 = sum_j s_j (V - s_j) / V."""
        return self.proposal.squared_norm

    @property
    def _sizes(self) -> list[int]:
        return [len(support) for support in self.proposal.problem.supports]

    @property
    def dimensions(self) -> Dimensions:
        """Each context ties s_j - 1 directions, lets V - s_j diverge and leaves the shift of its logits alone."""
        height, sizes = self.proposal.problem.vocabulary_size, self._sizes
        return {"tied": sum(sizes) - len(sizes), "diverging": sum(height - s for s in sizes), "invariant": len(sizes)}

    def max_margin_rows(self) -> list[list[Fraction]]:
        """W^mm as rows (dense: for small problems)."""
        return [list(row) for row in zip(*self.proposal.columns)]

    @cached_property
    def _finite_part(self) -> Enclosure:
        found = self.proposal.finite_part
        return Enclosure((), Fraction(0)) if found is None else found.enclose()

    def finite_part_rows(self) -> list[list[float]]:
        """W* as rows of doubles (dense: for small problems)."""
        width = len(self._sizes)
        center = [float(x) for x in self._finite_part.center]
        return [center[v * width : (v + 1) * width] for v in range(self.proposal.problem.vocabulary_size)]

    @property
    def finite_part_radius(self) -> Fraction:
        """A bound on the Frobenius distance of `finite_part_rows` from W*."""
        return self._finite_part.radius

    @cached_property
    def finite_part_norm(self) -> float:
        """|W*| in floating point, context by context."""
        total = 0.0
        for block in self.proposal.problem.data.blocks:
            logs = [log(p) for p in block.labels.values()]
            mean = sum(logs) / len(logs)
            total += sum((x - mean) ** 2 for x in logs)
        return sqrt(total)

    def decisive_contexts(self, count: int = 5) -> list[dict[str, Any]]:
        """The contexts that carry most of |W^mm|^2, the sum of the multipliers: context j carries s_j (V - s_j) / V of it."""
        height = self.proposal.problem.vocabulary_size
        mass = {j: Fraction(s * (height - s), height) for j, s in enumerate(self._sizes) if s < height}
        ranked = sorted(mass, key=lambda j: (-mass[j], j))[:count]
        return [{"context": j, "share": float(mass[j] / self.squared_norm), "margin": float(mass[j]) ** -0.5} for j in ranked]


def certify(proposal: Proposal) -> list[str]:
    """What the kernel proves from the proposal's certificate: separation, optimality (KKT), and W* if it is given.

    Raises `VerificationFailed` if the form does not apply to the data.

    >>> from ntpproofs.papers.linear_ntp.closed_forms import closed_form_orthogonal
    >>> certify(closed_form_orthogonal(LinearNTP("one-hot", [["1/2", "1/2", 0], [0, 0, 1]])))[1][:10]
    'optimal-qp'
    """
    return verify(proposal.document())


def is_certified(proposal: Proposal) -> bool:
    """Whether the kernel accepts the proposal.

    >>> from ntpproofs.papers.linear_ntp.closed_forms import closed_form_all_active
    >>> is_certified(closed_form_all_active(LinearNTP([[1, 0], [2, 1]], [[1, 0], [1, 0]])))
    False
    """
    try:
        return bool(certify(proposal))
    except VerificationFailed:
        return False


def column(length: int, default: Fraction, entries: Mapping[int, Fraction]) -> Column:
    """The kernel vector with `default` everywhere but at the given entries.

    >>> list(column(3, Fraction(0), {1: Fraction(1, 2)}))
    [Fraction(0, 1), Fraction(1, 2), Fraction(0, 1)]
    """
    return Column.decode({"default": default, "entries": entries}, "coefficients", length)


def _written(column: Column) -> dict[str, Any]:
    entries = {str(i): written(Fraction(column[i], column.denominator)) for i in sorted(column.offsets)}
    if not column.default:
        return {"entries": entries}
    return {"default": written(Fraction(column.default, column.denominator)), "entries": entries}


def _flat(columns: Sequence[Column]) -> Vector:
    return tuple(x for row in zip(*columns) for x in row)


__all__ = ["Column", "Columns", "LogPart", "OneHotLimit", "Proposal", "certify", "column", "is_certified"]
