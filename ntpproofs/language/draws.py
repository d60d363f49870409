"""What the strategies of several kinds draw from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

# The `draw` of a composite strategy.
Draw = Callable[[st.SearchStrategy[Any]], Any]
SMALL = st.integers(-2, 2)
