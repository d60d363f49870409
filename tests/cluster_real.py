"""Campaigns on a real dask cluster of this machine (tox env `cluster`): the report of one process, also when a worker is killed."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ntpproofs.rendering.check_json import check_json
from ntpproofs.search import Options, check_file
from ntpproofs.search.campaign import Campaign
from ntpproofs.search.cluster import connect

pytestmark = pytest.mark.filterwarnings("default")  # dask's own warnings are not ours
PATH = Path(__file__).parent.parent / "examples" / "conjectures" / "entropy_is_a_lower_bound.py"


def report(**options: Any) -> str:
    return json.dumps(check_json(check_file(PATH, Options(examples=240), **options), 0, None))


def test_the_report_of_a_cluster_is_that_of_one_process() -> None:
    assert report(executor=connect("local:2")) == report()


def test_a_worker_killed_in_the_middle_loses_nothing_and_counts_nothing_twice() -> None:
    executor = connect("local:2")
    victim = next(iter(executor.cluster.workers.values())).pid
    killed: list[int] = []

    def kill_once(campaign: Campaign) -> None:
        if not killed and campaign.tally.examined >= 40:
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    assert report(executor=executor, watch=kill_once) == report() and killed
