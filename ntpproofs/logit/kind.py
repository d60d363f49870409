"""The kind "conditional-logit": instances written row by row, what search does with them, what people see of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

from ..exact.numbers import exactly
from ..kernel.instances import decode_dataset
from ..language.entries import are_small, cost, replaced, smaller, steps, without
from ..language.kinds import Kind, Loaded, Option
from ..language.naming import counted, numbered, split_names
from ..language.orbits import attempts, largest_entry, moved, orderly, shapes, signed_permutations, small_vectors
from ..language.tables import ENDINGS
from .assumptions import LOGIT_ASSUMPTIONS
from .growth import outline, vary
from .problem import ConditionalLogit, Row


def read(record: Mapping[str, Any]) -> ConditionalLogit:
    """The problem of an instance record."""
    return load(record).problem


def load(record: Mapping[str, Any]) -> Loaded[ConditionalLogit]:
    """The problem of an instance record, with names of `coordinates`, `alternatives` and `observations` (rows) where it has some."""
    plain, names = split_names(record, ("coordinates", "alternatives", "observations"))
    problem = ConditionalLogit.from_dataset(decode_dataset(exactly(plain)))
    blocks = problem.data.blocks
    alternatives = counted(names, "alternatives", max(len(block.alternatives) for block in blocks), "alternatives")
    observations = counted(names, "observations", len(blocks), "rows")
    return Loaded(problem, (), numbered(observations), alternatives, counted(names, "coordinates", problem.dimension, "coordinates"))


def read_table(path: Path, options: Mapping[str, str]) -> Loaded[ConditionalLogit]:
    """The choices in a table: `choice` and covariates, `intercept`, `weight`, `stratum` for matched sets."""
    from ..language.delimited import listed
    from ..language.tables import read_frame
    from .tables import choices

    frame, special = read_frame(path, options.get("round-to")), {name: options.get(name) for name in ("weight", "stratum")}
    asked = options.get("covariates")
    alone = any(column.name == asked for column in frame.columns)
    names = None if asked is None else [asked] if alone else listed(asked)
    found = choices(frame, options["choice"], names, intercept="intercept" in options, **special)
    return Loaded(ConditionalLogit(found.rows), found.notes, found.names, found.tokens, found.coordinates)


def strategy(**bounds: Any) -> Any:
    """`conditional_logits`, imported when somebody draws."""
    from .strategies import conditional_logits

    return conditional_logits(**bounds)


def belongs(problem: ConditionalLogit, bounds: Mapping[str, Any]) -> bool:
    """Whether a problem is within the bounds of `conditional_logits`; weights and multiplicities may be any positive rationals."""
    if problem.dimension > bounds["max_dimension"]:
        return False
    rows = problem.rows
    widest = max(len(row.features) for row in rows)
    return len(rows) <= bounds["max_rows"] and widest <= bounds["max_alternatives"] and all(are_small(row.features) for row in rows)


def enumerated(bounds: Mapping[str, Any]) -> Iterator[ConditionalLogit]:
    """Small problems up to order of rows and symmetries of the cube. The chosen alternative is written first, at the origin: only
    differences to it enter."""
    most = bounds["max_alternatives"]
    for rows, alternatives, dimension in shapes((1, bounds["max_rows"]), (min(2, most), most), (1, bounds["max_dimension"])):
        vectors = small_vectors(dimension, largest_entry(rows * (alternatives - 1) * dimension))
        sizes = range(min(2, alternatives), alternatives + 1)
        choices = [others for size in sizes for others in combinations_with_replacement(range(len(vectors)), size - 1)]
        place, number = {others: i for i, others in enumerate(choices)}, {x: i for i, x in enumerate(vectors)}
        cube = [[number[moved(x, symmetry)] for x in vectors] for symmetry in signed_permutations(dimension)]
        images = [[place[tuple(sorted(image[x] for x in others))] for others in choices] for image in cube]

        def build(chosen: tuple[int, ...], choices: Any = choices, vectors: Any = vectors, dimension: int = dimension) -> ConditionalLogit:
            return ConditionalLogit([(1, 0, [(0,) * dimension, *(vectors[x] for x in choices[i])]) for i in chosen])

        found = orderly(len(choices), rows, images)
        yield from attempts(build, (chosen for chosen in found if max(len(choices[i]) for i in chosen) == alternatives - 1))


def measure(problem: ConditionalLogit) -> tuple[int, ...]:
    """Rows, alternatives and dimension, then the numbers."""
    rows = problem.rows
    alternatives = sum(len(row.features) for row in rows)
    entries = [x for row in rows for feature in row.features for x in feature]
    extra = sum(cost(row.multiplicities) + cost([row.weight]) for row in rows)
    return len(rows) + alternatives + problem.dimension, len(rows), alternatives, cost(entries), extra


def simplifications(problem: ConditionalLogit) -> Iterator[ConditionalLogit]:
    """Without a row, an alternative or a coordinate; then weights, multiplicities and features one at a time."""
    rows, width = problem.rows, problem.dimension
    for i in range(len(rows) if len(rows) > 1 else 0):
        yield ConditionalLogit(without(rows, i))
    for i, row in enumerate(rows):
        for v in range(len(row.features)):
            if v != row.chosen:
                chosen = row.chosen - (row.chosen > v)
                kept = Row(row.weight, chosen, tuple(without(row.features, v)), tuple(without(row.multiplicities, v)))
                yield ConditionalLogit(replaced(rows, i, kept))
    for k in range(width if width > 1 else 0):
        cut = (Row(row.weight, row.chosen, tuple(tuple(without(f, k)) for f in row.features), row.multiplicities) for row in rows)
        yield ConditionalLogit(list(cut))
    for i, row in enumerate(rows):
        for simpler in _simpler(row):
            yield ConditionalLogit(replaced(rows, i, simpler))


def _simpler(row: Row) -> Iterator[Row]:
    if row.weight != 1:
        yield Row(Fraction(1), row.chosen, row.features, row.multiplicities)
    for v, n in enumerate(row.multiplicities):
        if n != 1:
            yield Row(row.weight, row.chosen, row.features, tuple(replaced(row.multiplicities, v, Fraction(1))))
    for v, feature in enumerate(row.features):
        for k, x in enumerate(feature):
            for y in smaller(x):
                features = replaced(row.features, v, tuple(replaced(feature, k, y)))
                yield Row(row.weight, row.chosen, tuple(features), row.multiplicities)


def neighbours(problem: ConditionalLogit) -> Iterator[ConditionalLogit]:
    """One entry of a feature raised or lowered by one, or another alternative chosen."""
    rows = problem.rows
    for i, row in enumerate(rows):
        for features in steps(row.features):
            yield ConditionalLogit(replaced(rows, i, Row(row.weight, row.chosen, tuple(map(tuple, features)), row.multiplicities)))
        for chosen in range(len(row.features)):
            if chosen != row.chosen:
                yield ConditionalLogit(replaced(rows, i, Row(row.weight, chosen, row.features, row.multiplicities)))


kind = Kind(
    name="conditional-logit",
    area="foundations",
    title="Conditional logit",
    problem=ConditionalLogit,
    read=read,
    load=load,
    strategy=strategy,
    domain=belongs,
    enumerate=enumerated,
    simplify=simplifications,
    neighbours=neighbours,
    measure=measure,
    describe=ConditionalLogit.view,
    assumptions=LOGIT_ASSUMPTIONS,
    derived=frozenset(entry.name for entry in LOGIT_ASSUMPTIONS),
    outline=outline,
    vary=vary,
    options=(
        Option("choice", "The column of what was chosen: classes, or with --stratum marks of the chosen rows.", "COLUMN", True, ENDINGS, True),
        Option("covariates", "The columns of covariates, separated by commas; all others by default.", '"A,B"', True, ENDINGS),
        Option("intercept", "A constant among the covariates.", "", True, ENDINGS),
        Option("weight", "The column of weights.", "COLUMN", True, ENDINGS),
        Option("stratum", "The column that names the matched set of a row.", "COLUMN", True, ENDINGS),
        Option("round-to", "Step to which floats of a Parquet file are rounded.", "STEP", True, (".parquet",)),
    ),
    files=dict.fromkeys(ENDINGS, read_table),
)
