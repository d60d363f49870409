"""Plots of a simulation against its limit. Byte-stable: fixed SVG ids, no dates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..dynamics import Trajectory
from ..dynamics.catalogue import FLOW, choice
from ..errors import InvalidInput
from ..limits.answer import Limit
from ..logit.asymptotics import asymptotics
from ..logit.decomposition import decompose
from ..logit.norm_margins import achieved_margin, norm_margin
from ..papers.attention_ntp.priority_graph import priority_graphs
from ..papers.attention_ntp.problem import AttentionNTP

ENDINGS = (".png", ".svg", ".pdf")
MOST_GRAPHS = 4


def plot_limit(found: Limit, trajectory: Trajectory, path: Path, optimizer: str = "gradient-flow") -> None:
    """Slope, direction and finite-part errors and the smallest margins against log10 t, with the predicted rates drawn.

    The rates are t^-q for the slope and 1/log t for the direction (with weak pairs 1/log t and log log t / log t), 1/t for the finite
    part. For a method of another norm the margin per unit norm is compared with its maximum instead of slope and direction with u.

    Raises `InvalidInput` for an ending other than .png, .svg, .pdf or a path that cannot be written.
    """
    if path.suffix not in ENDINGS:
        raise InvalidInput(str(path), f"has the ending {path.suffix!r}", f"give a file ending in {', '.join(ENDINGS)}")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    matplotlib.rcParams["svg.hashsalt"] = "ntpproofs"
    graphs, norm = _graphs(found), "frobenius" if optimizer == FLOW else choice(optimizer).norm
    figure = plt.figure(figsize=(11, 8.4 if graphs else 4.2), layout="constrained")
    rows = figure.subfigures(2 if graphs else 1, 1, squeeze=False)[:, 0]
    axes = rows[0].subplots(1, 2)
    _errors(axes[0], found, trajectory, norm)
    _margins(axes[1], found, trajectory)
    if graphs:
        from .graph_pictures import draw_graph

        rows[1].suptitle("token-priority graphs: ties blue, priorities red" + _omitted(found, len(graphs)))
        for axis, graph in zip(rows[1].subplots(1, len(graphs), squeeze=False)[0], graphs):
            draw_graph(axis, graph)
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None} if path.suffix == ".pdf" else {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata=metadata, dpi=150)
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be written ({error.strerror})", "give another path") from None
    finally:
        plt.close(figure)


def _graphs(found: Limit) -> list[Any]:
    # At most four pictures fit side by side: the graphs with the most edges, in order of their query.
    problem = found.loaded.problem
    if not isinstance(problem, AttentionNTP):
        return []
    every = priority_graphs(problem)
    kept = sorted(every, key=lambda query: (-every[query].number_of_edges(), query))[:MOST_GRAPHS]
    return [every[query] for query in sorted(kept)]


def _omitted(found: Limit, shown: int) -> str:
    whole = len(set(found.loaded.problem.queries))
    return f" ({shown} of {whole}, the ones with most edges)" if shown < whole else ""


def _errors(axis: Any, found: Limit, trajectory: Trajectory, norm: str | float) -> None:
    parts = decompose(found.loaded.problem)
    u = np.array([float(x) for x in parts.max_margin.direction])
    length = float(np.linalg.norm(u))
    begin, scale = _begin(trajectory)
    late, tied = trajectory.log_times > begin, trajectory.finite_part
    times, shown = trajectory.log_times[late], tied.log_times > begin
    _curve(axis, tied.log_times[shown], tied.distance(parts.finite_part)[shown], "finite part", "1 / t", lambda s: -s)
    if length and norm == "frobenius":
        exponent = asymptotics(parts).exponent if parts.max_margin.strictly_complementary else None
        law, rate = ("1 / log t", lambda s: -np.log(s)) if exponent is None else (f"t^-{float(exponent):.3g}", lambda s: -float(exponent) * s)
        _curve(axis, times, trajectory.slope.distance(u)[late] / length, "log-time slope", law, rate)
        drifts = exponent is None  # w = u log t + D log log t: the angle falls like log log t / log t
        told = ("log log t / log t", lambda s: np.log(np.log1p(s)) - np.log(s)) if drifts else ("1 / log t", lambda s: -np.log(s))
        _curve(axis, times, trajectory.direction.distance(u / length)[late], "direction", *told)
    elif length:
        largest = float(norm_margin(parts.problem, norm).margin)
        reached = np.array([achieved_margin(parts.problem, norm, w) for w in (trajectory.diverging + trajectory.invariant)[late]])
        _curve(axis, times, np.abs(1 - reached / largest), f"margin missing, {norm} norm", "1 / log t", lambda s: -np.log(s))
    axis.set(xscale=scale, yscale="log" if axis.get_lines() else "linear", xlabel="log10 t", ylabel="error", title="distance to the certified limit")
    if axis.get_lines():
        axis.legend(fontsize="small")


def _begin(trajectory: Trajectory) -> tuple[float, str]:
    # The log time from which records are drawn, and the scale of the axis. A run that ends before log t = 1.5 (few steps, or small ones)
    # has no decades to show: all of it is drawn, evenly.
    return (0.5, "log") if trajectory.log_times[-1] > 1.5 else (float(trajectory.log_times[0]) - 1.0, "linear")


def _curve(axis: Any, times: np.ndarray, errors: np.ndarray, label: str, law: str, log_rate: Callable[[np.ndarray], np.ndarray]) -> None:
    # The measured curve, and its law drawn through the middle of what stands clear of rounding. An error that is zero has no logarithm.
    if not errors.any():
        return
    (line,) = axis.plot(times / np.log(10), errors, label=label)
    clear = np.flatnonzero(errors > 1e-13)
    if len(clear) < 3 or times[0] <= 0:  # the laws are about large t
        return
    anchor = clear[len(clear) // 2]
    drawn = np.exp(np.clip(np.log(errors[anchor]) + log_rate(times) - log_rate(times[anchor]), -700.0, 700.0))
    kept = (drawn > 1e-17) & (drawn < 1e3)
    axis.plot(times[kept] / np.log(10), drawn[kept], ":", color=line.get_color(), linewidth=1, label=law)


def _margins(axis: Any, found: Limit, trajectory: Trajectory) -> None:
    frame = decompose(found.loaded.problem).coordinates
    begin, scale = _begin(trajectory)
    late = trajectory.log_times > begin
    coordinates = trajectory.diverging[late] @ frame.diverging_frame
    rows = frame.rows[frame.is_separable][:, frame.split :]
    margins = np.sort(coordinates @ rows.T, axis=1)
    decades = trajectory.log_times[late] / np.log(10)
    if scale == "linear":
        for k in range(min(8, margins.shape[1])):
            axis.plot(decades, margins[:, k], linewidth=1)
        axis.set(xlabel="log10 t", ylabel="margin", title="smallest margins")
        return
    for k in range(min(8, margins.shape[1])):
        axis.plot(decades, margins[:, k] / trajectory.log_times[late], linewidth=1)
    axis.axhline(1.0, color="k", linestyle=":", linewidth=1)
    axis.set(xscale="log", xlabel="log10 t", ylabel="margin / log t", title="smallest margins: the support tends to 1")
