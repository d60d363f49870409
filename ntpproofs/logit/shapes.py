"""The axes of float arrays, and a name for each shape. In one call every axis of one name has one length.

    block        choice sets                          record       moments of a run, in order
    alternative  of a choice set, padded              coordinate   of T + M, those of T first (`Coordinates`)
    token        of a vocabulary                      parameter    of the problem: entries of the flat w
    width        entries of a right factor            instance     problems of one shape, run together
    pair         tied differences, independent        separable    alternatives outside their tied set
    tied, diverging  coordinates of T, of M           row, column  of any matrix

A `*` stands for any number of axes. The test run checks shapes and dtypes with beartype, as lineax does (`tests/conftest.py`). Elsewhere a
shape is a word that mypy reads as an array: jaxtyping brings asyncio along, a tenth of a second that no command has to pay.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Bool, Float, Int
else:

    class Float:
        """Any array."""

        def __class_getitem__(cls, _: Any) -> type[np.ndarray]:
            return np.ndarray

    Bool = Int = Float

# Points of the flow in coordinates, and what follows them.
Point = Float[np.ndarray, "coordinate"]
Points = Float[np.ndarray, "*records coordinate"]
States = Float[np.ndarray, "record coordinate"]
Reached = Float[np.ndarray, "reached coordinate"]
Hessian = Float[np.ndarray, "coordinate coordinate"]
TiedPoint = Float[np.ndarray, "tied"]
TiedPoints = Float[np.ndarray, "*records tied"]
TiedStates = Float[np.ndarray, "record tied"]
TiedHessian = Float[np.ndarray, "tied tied"]
DivergingPoint = Float[np.ndarray, "diverging"]
DivergingStates = Float[np.ndarray, "record diverging"]

# One number per record, or one vector of the parameter space.
Times = Float[np.ndarray, "record"]
Numbers = Float[np.ndarray, "*records"]
IsRecord = Bool[np.ndarray, "record"]
StepCounts = Int[np.ndarray, "record"]
OfRecords = Float[np.ndarray, "record *entries"]
Parameter = Float[np.ndarray, "parameter"]
Parameters = Float[np.ndarray, "record parameter"]
Frame = Float[np.ndarray, "parameter coordinate"]

# Blocks and alternatives.
OfBlocks = Float[np.ndarray, "block"]
BlockNumbers = Float[np.ndarray, "*records block"]
BlockIndices = Int[np.ndarray, "block"]
OfAlternatives = Float[np.ndarray, "block alternative"]
AlternativeIndices = Int[np.ndarray, "block alternative"]
Masses = Float[np.ndarray, "*records block alternative"]
IsAlternative = Bool[np.ndarray, "block alternative"]
Rows = Float[np.ndarray, "block alternative coordinate"]
LeftRows = Float[np.ndarray, "block alternative left"]

# Separable alternatives, and the active ones, on which a slope rests.
OfSeparable = Float[np.ndarray, "separable"]
SeparableStates = Float[np.ndarray, "record separable"]
SpreadRows = Float[np.ndarray, "row coordinate"]
SupportRows = Float[np.ndarray, "separable parameter"]
SeparableRows = Float[np.ndarray, "separable coordinate"]
Active = Int[np.ndarray, "active"]
OfActive = Float[np.ndarray, "active"]

# Structured problems: W is tokens x width.
Matrix = Float[np.ndarray, "token width"]
OfTokens = Float[np.ndarray, "block token"]
IsToken = Bool[np.ndarray, "block token"]
Rights = Float[np.ndarray, "block width"]
RightFrame = Float[np.ndarray, "full width"]
OfWidth = Float[np.ndarray, "width"]
Roots = Float[np.ndarray, "token width width"]
Indices = Int[np.ndarray, "pair"]
OfPairs = Float[np.ndarray, "pair"]
PairRights = Float[np.ndarray, "pair width"]
RowRights = Float[np.ndarray, "row width"]
LateTimes = Float[np.ndarray, "late"]
LateStates = Float[np.ndarray, "late state"]

# Many problems at once: the instance is the last axis.
Iterates = Float[np.ndarray, "parameter instance"]
Runs = Float[np.ndarray, "record parameter instance"]
RunTimes = Float[np.ndarray, "record instance"]
OfInstances = Float[np.ndarray, "instance"]
InstanceCounts = Int[np.ndarray, "instance"]
InstanceLast = Float[np.ndarray, "*axes instance"]
Batch = Float[np.ndarray, "alternative block instance"]
IsInBatch = Bool[np.ndarray, "alternative block instance"]
BatchRows = Float[np.ndarray, "alternative block parameter instance"]
BatchRights = Float[np.ndarray, "block right instance"]
BlockWeights = Float[np.ndarray, "block instance"]

# Contexts and tokens of one-hot data.
Embeddings = Float[np.ndarray, "context width"]
IsLabel = Bool[np.ndarray, "context token"]
OfContextTokens = Float[np.ndarray, "context token"]
OfContexts = Float[np.ndarray, "context"]
ContextIndices = Int[np.ndarray, "context"]

# Whatever has rows; `_` is any length.
Whole = Int[np.ndarray, "_"]
Square = Float[np.ndarray, "row row"]
Table = Float[np.ndarray, "row column"]
Columns = Float[np.ndarray, "row *columns"]
RowIndices = Int[np.ndarray, "row"]
ColumnIndices = Int[np.ndarray, "column"]
RowsOfColumns = Int[np.ndarray, "row column"]
Vectors = Float[np.ndarray, "*vectors entry"]
Lengths = Float[np.ndarray, "*vectors"]
