"""Small non-negative least squares against SciPy's: wherever the end is called clear, the same entries are positive."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from ntpproofs.exact.nonnegative import FEW, clear_minimiser


def test_what_is_clear_is_what_scipy_finds() -> None:
    random, clear = np.random.default_rng(0), 0
    for _ in range(400):
        rows = random.integers(-2, 3, (random.integers(1, 12), random.integers(1, 8))).astype(float)
        system, target = np.vstack([rows.T, np.ones((1, len(rows)))]), np.eye(rows.shape[1] + 1)[-1]
        found = clear_minimiser(system, target)
        if found is not None:
            other, clear = nnls(system, target)[0], clear + 1
            assert np.allclose(found, other, atol=1e-9) and ((found > 0) == (other > 0)).all()
    assert clear > 100


def test_doubt_is_left_to_others() -> None:
    assert clear_minimiser(np.ones((1, 2)), np.ones(1)) is None  # equal columns
    assert clear_minimiser(np.eye(2), np.array([1.0, 0.0])) is None  # an entry that costs nothing
    assert clear_minimiser(np.eye(2), -np.ones(2)) is None  # nothing is positive
    assert clear_minimiser(np.eye(FEW + 1), np.ones(FEW + 1)) is None
    assert clear_minimiser(np.array([[np.nan]]), np.ones(1)) is None
