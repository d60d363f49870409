"""Hypothesis profiles, chosen by `--property-profile` and never by detecting a CI environment."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]}
PROFILES = {"dev": 15, "ci": 12, "nightly": 300}

settings.register_profile("dev", max_examples=PROFILES["dev"], **COMMON)
settings.register_profile("ci", max_examples=PROFILES["ci"], derandomize=True, database=None, **COMMON)
settings.register_profile("nightly", max_examples=PROFILES["nightly"], **COMMON)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--property-profile", choices=sorted(PROFILES), default="dev", help="Hypothesis profile of the property suite")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile(config.getoption("--property-profile", default="dev"))
