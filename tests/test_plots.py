"""Plots for a paper: bounds that bound, notes where a run is off its law, legends with curves only, nothing told by colour alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch

from ntpproofs import AttentionNTP
from ntpproofs.language.answers import SimulationOptions
from ntpproofs.language.figures import Band, Chart, Curve, Diagram, Figure
from ntpproofs.limits.answer import load
from ntpproofs.papers.attention_ntp.pictures import graph_figures
from ntpproofs.rendering.plots import COLOURS, STYLES, draw, plot

FULL = Path(__file__).resolve().parent.parent / "examples" / "full.json"


@pytest.fixture
def axis() -> Any:
    figure, found = plt.subplots()
    yield found
    plt.close(figure)


def chart(optimizer: str, log_time: float) -> Chart:
    (figure,) = load(FULL, {}).answer().simulate(SimulationOptions(log_time, optimizer)).figures()
    panel = figure.panels[0]
    assert isinstance(panel, Chart)
    return panel


def test_laws_lie_above_what_they_bound_and_a_faster_run_says_why() -> None:
    found = chart("gradient-flow", 1e3)
    assert "decades" in found.x_label and "$" in found.x_label
    for law in (curve for curve in found.curves if curve.like is not None):
        measured = found.curves[law.like]
        clear = np.asarray(measured.y) > 1e-13
        half = np.asarray(measured.x)[clear][: clear.sum() // 2]
        assert law.label.startswith("at most like")
        assert all(np.interp(x, law.x, law.y) >= np.interp(x, measured.x, measured.y) * (1 - 1e-9) for x in half)
    assert any("log-time slope: faster than its law" in note for note in found.notes)  # Ex-Full from zero: 1/t, not t^(-1/3)


@pytest.mark.parametrize(
    ("optimizer", "finite", "rest"),
    [("gradient-descent", True, "direction"), ("normalized-gradient-descent", False, "direction"), ("sign-descent", False, "l-infinity norm")],
)
def test_each_optimizer_has_its_own_laws(optimizer: str, finite: bool, rest: str) -> None:
    found = chart(optimizer, 6.0)
    labels = [curve.label for curve in found.curves]
    assert ("at most like $1/t$" in labels) == finite and any(rest in label for label in labels)
    assert any("no law is known" in note for note in found.notes) != finite


def test_nothing_is_told_by_colour_alone(axis: Any) -> None:
    draw(axis, Chart("t", "x", "y", tuple(Curve([0, 1], [k, k + 1], str(k)) for k in range(len(COLOURS)))))
    looks = {(line.get_color(), str(line.get_linestyle()), str(line._dash_pattern)) for line in axis.lines}
    assert len({look[1:] for look in looks}) == len(STYLES) == len(COLOURS) == len(looks)


def test_no_legend_without_a_curve(axis: Any) -> None:
    draw(axis, Chart("t", "x", "y", (Curve([0, 1], [0, 1]),)))
    assert axis.get_legend() is None
    draw(axis, Chart("t", "x", "y", (Curve([0, 1], [0, 1], "a"),), bands=(Band([0, 1], [0, 0], [1, 1], "middle half", 0),), notes=("why",)), "(a) ")
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "middle half"]
    assert axis.get_title() == "(a) t" and axis.get_xlabel() == "x\nwhy"


def test_ties_and_priorities_differ_in_style_and_two_ways_are_two_arrows(axis: Any) -> None:
    problem = AttentionNTP.one_hot_tokens(3, [[0, 1, 2], [0, 1, 2]], [0, 1])
    (figure,) = graph_figures(problem)
    panel = figure.panels[0]
    assert isinstance(panel, Diagram)
    assert set(panel.edges["tie"]) == {(0, 1), (1, 0)} and set(panel.edges["priority"]) == {(0, 2), (1, 2)}
    draw(axis, panel)
    arrows = [patch for patch in axis.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == 4 and {arrow.get_linestyle() for arrow in arrows} == {"dashed", "solid"}
    assert len({str(arrow.get_path().vertices.round(3)) for arrow in arrows}) == 4
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["tie", "priority"]
    draw(axis, Diagram("d", {0: (0.0, 0.0), 1: (1.0, 0.0)}, {"tie": (), "priority": ((0, 1),)}))
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["priority"]


def test_panels_are_named_and_fonts_are_embedded(tmp_path: Path) -> None:
    panel = Chart("one", r"$\log t$", "y", (Curve([0, 1], [0, 1], "a"),))
    plot((Figure((panel, panel)), Figure((panel,))), tmp_path / "two.pdf")
    assert b"/Type3" not in (tmp_path / "two.pdf").read_bytes()
    plot((Figure((panel, panel)),), tmp_path / "two.svg")
    text = (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert "(a) one" in text and "(b) one" in text
    plot((Figure((panel,)),), tmp_path / "one.svg")
    assert "(a)" not in (tmp_path / "one.svg").read_text(encoding="utf-8")
