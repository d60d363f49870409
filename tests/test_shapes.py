"""Shapes of arrays are checked in the test run: a wrong one fails where NumPy would broadcast, and no array goes without a shape."""

from __future__ import annotations

import inspect
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from jaxtyping import TypeCheckError

import ntpproofs.dynamics
from ntpproofs.dynamics.field import Field, log_mean
from ntpproofs.dynamics.flow.records import ErrorBars
from ntpproofs.dynamics.optimizers.catalogue import CHOICES
from ntpproofs.geometry import decompose
from ntpproofs.problems import LinearNTP


def test_a_wrong_shape_fails_where_numpy_would_broadcast() -> None:
    shares = np.full((2, 3), 1 / 3)
    assert np.allclose(log_mean(shares, np.zeros((2, 3))), 0.0) and np.allclose(log_mean(shares, np.zeros((5, 2, 3))), 0.0)
    with pytest.raises(TypeCheckError, match="delta"):
        log_mean(shares, np.zeros((2, 1)))


def test_a_wrong_dtype_fails() -> None:
    field = Field(decompose(LinearNTP([[1]], [["1/2", "1/2", 0]]).conditional_logit()).coordinates)
    assert field.masses(np.zeros(2)).shape == (1, 3)
    with pytest.raises(TypeCheckError):
        field.masses(np.zeros(2, dtype=int))


def test_fields_of_a_record_agree_in_length() -> None:
    three = np.zeros(3)
    ErrorBars(three, three, three, three, three)
    with pytest.raises(TypeCheckError):
        ErrorBars(three, three, three, three, np.zeros(1))


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(ntpproofs.dynamics.__path__, "ntpproofs.dynamics."):
        yield import_module(found.name)


def bare_arrays(function: object) -> list[str]:
    """The public parameters and results that say no more than that they are an array."""
    return [name for name, note in inspect.get_annotations(function).items() if "np.ndarray" in str(note)]  # type: ignore[arg-type]


def test_no_public_array_of_the_dynamics_goes_without_a_shape() -> None:
    found = []
    for module in modules():
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
                continue
            members = [thing, *(x for key, x in vars(thing).items() if not key.startswith("_"))] if inspect.isclass(thing) else [thing]
            found += [(module.__name__, name, bare_arrays(x)) for x in members if (inspect.isclass(x) or inspect.isfunction(x)) and bare_arrays(x)]
    assert found == []


def test_no_command_pays_for_the_check() -> None:
    code = "import sys, ntpproofs.dynamics as d; d.GradientFlow; print('jaxtyping' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False"]


# Every optimizer for a few steps, alone and in a batch, with every call checked.
STEPS = """
from jaxtyping import install_import_hook
install_import_hook("ntpproofs.dynamics", "array_checks.arrays_only")
from ntpproofs.dynamics.optimizers.catalogue import CHOICES
from ntpproofs.dynamics.optimizers.ensemble import Ensemble
from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP
problems = (
    LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]]),
    ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]])]),
    AttentionNTP([[1, 0], [0, 1]], [[1, 0], [0, 1, 0]], [1, 0]),
)
for name, choice in CHOICES.items():
    for problem in problems:
        first, second = choice.make(steps=6).batch((problem, problem))
        assert (first.tied == second.tied).all()
print(len(CHOICES), hasattr(Ensemble.gradient, "__wrapped__"))
"""


def test_optimizers_keep_their_shapes_at_every_step() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout.split()) == (0, [str(len(CHOICES)), "True"]), done.stderr[-2000:]
