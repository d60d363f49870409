"""The JSON of `limit --json` as types: what an answer's `record()` holds, key by key. `limits.schemas` makes a JSON schema of them.

Numbers are exact strings where they are rational and doubles with a radius where they are enclosed. A kind may add keys of its own
beside those of `LimitRecord` and `PredictionsRecord`; within the objects below there are no others.
"""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

# "p/q" or an integer, as a string: a pattern; and one of several words.
Rational = Annotated[str, r"^-?\d+(/[1-9]\d*)?$"]
Decision = Annotated[str, ("holds", "fails", "undecided")]
Stopped = Annotated[str, ("reached", "at rest", "cannot go on")]
Separation = TypedDict("Separation", {"class": Annotated[str, ("overlap", "quasi-complete", "complete")]})
EnclosedSeparation = TypedDict("EnclosedSeparation", {"class": Annotated[str, ("overlap", "quasi-complete", "complete", "undecided")]})


class Bounds(TypedDict):
    """Two doubles around a number, rounded outward."""

    lower: float
    upper: float


class GapBounds(TypedDict):
    """`Bounds` with their relative distance."""

    lower: float
    upper: float
    gap: float


class Infimum(TypedDict):
    """Bounds of the infimum of the loss, and whether it is attained (null where that is not known)."""

    lower: float
    upper: float
    attained: bool | None


class Dimensions(TypedDict):
    """Of T, M and N."""

    tied: int
    diverging: int
    invariant: int


class FinitePart(TypedDict):
    """w*: centre (null where it is too large) and one radius in the Frobenius norm."""

    matrix: list[list[float]] | list[float] | None
    radius: float | None


class MaxMargin(TypedDict):
    """u, exact."""

    matrix: list[list[Rational]] | list[Rational] | None
    squared_norm: Rational
    strictly_complementary: bool


class EnclosedFinitePart(TypedDict):
    """w* enclosed, with its length."""

    matrix: list[list[float]] | list[float] | None
    radius: float | None
    norm: float | None


class EnclosedMaxMargin(TypedDict):
    """u enclosed; `margin` is 1/|u|."""

    matrix: list[list[float]] | list[float] | None
    radius: float | None
    squared_norm: Bounds | None
    margin: GapBounds | None


class CoordinateRecord(TypedDict):
    """The fate of a coefficient, or of a logit (`context`, `token`)."""

    name: str
    context: NotRequired[int]
    token: NotRequired[int]
    fate: Annotated[str, ("not identified", "finite", "+infinity", "-infinity", "unbounded, sign undetermined")]
    value: float | None
    radius: float | None
    log_t: Rational
    log_log_t: Rational | None
    settles: str | None


class BallRecord(TypedDict):
    """A double and a radius around it."""

    center: float
    radius: float


class EnclosedCoordinateRecord(TypedDict):
    """A coefficient, or the logit of a token in a context, enclosed; where it is not finite its sign at infinity is open."""

    name: str
    context: NotRequired[int]
    token: NotRequired[int]
    fate: Annotated[str, ("finite", "undecided")]
    value: float | None
    radius: float | None
    log_t: Rational | BallRecord
    log_log_t: Rational | None
    settles: str | None


class SeparatedRecord(TypedDict):
    """Equal observations with something separable; ids are left out (null) where there are too many."""

    observations: list[int]
    names: NotRequired[list[str]]
    chosen: list[int]
    tied: list[int]
    separable: list[int] | None
    separable_count: int


class Names(TypedDict):
    """Names that the file gave."""

    tokens: NotRequired[list[str]]
    coordinates: NotRequired[list[str]]
    observations: NotRequired[dict[str, str]]


class FlowRecord(TypedDict):
    """The gradient flow against the limit."""

    log_time: float
    slope_error: float
    direction_error: float | None
    finite_part_error: float
    stopped: Stopped
    notes: list[str]
    seconds: float


class DescentRecord(TypedDict):
    """A discrete optimizer against the limit of its norm."""

    log_time: float
    slope_error: float | None
    direction_error: float | None
    finite_part_error: float
    stopped: Stopped
    notes: list[str]
    seconds: float
    optimizer: str
    steps: int
    norm: str | float
    margin: float | None
    max_margin: float | None


class ComparisonRecord(TypedDict):
    """A simulation of a kind that does not reduce: its own numbers, and `seconds`."""

    seconds: float


class RouteRecord(TypedDict):
    """The route that gave the answer, and why it was taken."""

    name: Annotated[str, ("exact", "closed form", "enclosed")]
    why: str


class LimitRecord(TypedDict):
    """The exact answer of a kind that reduces to a conditional logit."""

    kind: str
    route: RouteRecord
    separation: Separation
    dimensions: Dimensions
    assumptions: dict[str, Decision]
    finite_part: FinitePart
    max_margin: MaxMargin
    infimum: Infimum
    coordinates: NotRequired[list[CoordinateRecord]]
    separated: NotRequired[list[SeparatedRecord]]
    names: NotRequired[Names]
    notes: NotRequired[list[str]]
    simulation: NotRequired[FlowRecord | DescentRecord]


class EnclosedRecord(TypedDict):
    """The enclosed answer beyond the exact route."""

    kind: str
    grade: Annotated[str, ("enclosed",)]
    route: RouteRecord
    separation: EnclosedSeparation
    dimensions: Dimensions | None
    assumptions: dict[str, Decision]
    finite_part: EnclosedFinitePart
    max_margin: EnclosedMaxMargin
    infimum: Infimum
    undecided: list[str]
    stopped: Annotated[str, ("converged", "time", "interrupted", "stalled")]
    coordinates: NotRequired[list[EnclosedCoordinateRecord] | None]
    separated: NotRequired[list[SeparatedRecord] | None]
    names: NotRequired[Names]
    notes: NotRequired[list[str]]


class QuantityRecord(TypedDict):
    """A number: exact where it is rational and short enough, always with a double and a radius around it."""

    exact: Rational | None
    value: float
    radius: float


# What `plain` makes of a prediction.
PredictionRecord = QuantityRecord | list[Rational] | list[QuantityRecord] | str | bool | None


class PredictionsRecord(TypedDict):
    """The answer of a kind that does not reduce."""

    kind: str
    assumptions: dict[str, Decision]
    predictions: dict[str, PredictionRecord]
    notes: NotRequired[list[str]]
    simulation: NotRequired[ComparisonRecord]
