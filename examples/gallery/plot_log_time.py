"""
Seeing a limit that is approached like 1/log t
==============================================

Plain gradient descent approaches its direction like ``1/log k``: after a hundred thousand steps the cosine is still 0.99, and a direction that is
slightly wrong looks just as good. In log time the *slope* of the diverging part settles exponentially fast.
"""

import numpy as np
from matplotlib import pyplot as plt

from ntpproofs import LinearNTP, decompose
from ntpproofs.dynamics import GradientDescent, GradientFlow
from ntpproofs.rendering.plots import COLOURS

problem = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
u = np.array([float(x) for x in decompose(problem).max_margin.direction])
length = np.linalg.norm(u)

descent = GradientDescent(steps=5_000)(problem)
flow = GradientFlow(log_time=1e4)(problem)

# %%
# The direction of descent and flow, and the log-time slope of the flow, against the certified direction.

figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
for run, style, name, colour in ((descent, "o", "descent", COLOURS[1]), (flow, "-", "flow", COLOURS[0])):
    late = run.log_times > 1
    axis.loglog(run.log_times[late], run.direction.distance(u / length)[late], style, markersize=3, color=colour, label=f"direction of the {name}")
late = flow.log_times > 1
axis.loglog(flow.log_times[late], flow.slope.distance(u)[late] / length, "--", color=COLOURS[2], label="log-time slope of the flow")
axis.set(xlabel=r"$\log t$ (nats)", ylabel="distance to the certified limit (no unit)")
_ = axis.legend()

# %%
# The flow was given neither the direction nor its norm. Both agree with the exact answer:

print([str(x) for x in decompose(problem).max_margin.direction])
print(flow.slope.values[-1].round(12))
