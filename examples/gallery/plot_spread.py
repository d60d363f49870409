"""
How fast, over many datasets
============================

One run shows a rate, thirty show its spread. Random small datasets, each with its own certified direction: the median of the relative error of the
log-time slope, and the middle half of the runs.
"""

import numpy as np
from matplotlib import pyplot as plt

from ntpproofs import decompose
from ntpproofs.checking.laboratory import draw as drawn
from ntpproofs.dynamics import GradientFlow
from ntpproofs.language.figures import Band, Chart, Curve
from ntpproofs.rendering.plots import draw
from ntpproofs.strategies import linear_ntps

decades = np.linspace(1.0, 12.0, 45)
errors = []
for problem in drawn(linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3), 120, seed=0):
    best = decompose(problem).max_margin
    if not best.squared_norm or not best.strictly_complementary:
        continue
    u = np.array([float(x) for x in best.direction])
    run = GradientFlow(log_time=30.0)(problem)
    distance = np.maximum(run.slope.distance(u) / np.linalg.norm(u), 1e-16)
    errors.append(np.interp(decades, run.log_times / np.log(10), np.log10(distance)))
    if len(errors) == 30:
        break

low, middle, high = 10.0 ** np.quantile(errors, (0.25, 0.5, 0.75), axis=0)
chart = Chart(
    f"log-time slope of the flow, {len(errors)} datasets",
    r"$\log_{10} t$ (decades)",
    r"$|\mathrm{slope}-u|/|u|$",
    (Curve(decades, middle, "median"),),
    y_scale="log",
    bands=(Band(decades, low, high, "middle half", like=0),),
)
figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
draw(axis, chart)
