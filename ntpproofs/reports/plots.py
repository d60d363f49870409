"""Plots of a simulation against its limit. Byte-stable: fixed SVG ids, no dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..dynamics import Trajectory
from ..errors import InvalidInput
from ..geometry import decompose
from ..limits import Limit

ENDINGS = (".png", ".svg", ".pdf")


def plot_limit(found: Limit, trajectory: Trajectory, path: Path) -> None:
    """Slope, direction and finite-part errors and the smallest margins against log10 t, with the predicted 1/log t law drawn.

    Raises `InvalidInput` for an ending other than .png, .svg, .pdf or a path that cannot be written.
    """
    if path.suffix not in ENDINGS:
        raise InvalidInput(str(path), f"has the ending {path.suffix!r}", f"give a file ending in {', '.join(ENDINGS)}")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    matplotlib.rcParams["svg.hashsalt"] = "ntpproofs"
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    _errors(axes[0], found, trajectory)
    _margins(axes[1], found, trajectory)
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None} if path.suffix == ".pdf" else {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata=metadata, dpi=150)
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be written ({error.strerror})", "give another path") from None
    finally:
        plt.close(figure)


def _errors(axis: Any, found: Limit, trajectory: Trajectory) -> None:
    parts = decompose(found.loaded.problem)
    u = np.array([float(x) for x in parts.max_margin.direction])
    length = float(np.linalg.norm(u))
    late = trajectory.log_times > 0.5
    decades = trajectory.log_times[late] / np.log(10)
    tied = trajectory.finite_part
    shown = tied.log_times > 0.5
    axis.plot(tied.log_times[shown] / np.log(10), tied.distance(parts.finite_part)[shown], label="finite part")
    if length:
        axis.plot(decades, trajectory.slope.distance(u)[late] / length, label="log-time slope")
        direction = trajectory.direction.distance(u / length)[late]
        axis.plot(decades, direction, label="direction")
        axis.plot(decades, direction[-1] * decades[-1] / decades, "k:", linewidth=1, label="1 / log t")
    axis.set(xscale="log", yscale="log", xlabel="log10 t", ylabel="error", title="distance to the certified limit")
    axis.legend()


def _margins(axis: Any, found: Limit, trajectory: Trajectory) -> None:
    frame = decompose(found.loaded.problem).coordinates
    late = trajectory.log_times > 0.5
    coordinates = trajectory.diverging[late] @ frame.diverging_frame
    rows = frame.rows[frame.is_separable][:, frame.split :]
    margins = np.sort(coordinates @ rows.T, axis=1)
    decades = trajectory.log_times[late] / np.log(10)
    for k in range(min(8, margins.shape[1])):
        axis.plot(decades, margins[:, k] / trajectory.log_times[late], linewidth=1)
    axis.axhline(1.0, color="k", linestyle=":", linewidth=1)
    axis.set(xscale="log", xlabel="log10 t", ylabel="margin / log t", title="smallest margins: the support tends to 1")
