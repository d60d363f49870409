"""
Weak pairs drift like log log t
===============================

If a support pair has multiplier zero in every solution, the residual after ``u log t`` is not bounded. ``strictly_complementary`` decides this
exactly; the drift is the max-margin direction one level up.
"""

import numpy as np
from matplotlib import pyplot as plt

from ntpproofs import ConditionalLogit, decompose
from ntpproofs.dynamics import GradientFlow

problem = ConditionalLogit([(1, 0, [[1, 1], [0, 1], [0, 0]])])
best = decompose(problem).max_margin
print("strictly complementary:", best.strictly_complementary)
print("support", sorted(best.support), "strong", sorted(best.strong_support))
print("predicted drift:", [str(x) for x in best.second_level_direction])

run = GradientFlow(log_time=1e6)(problem)
residual = run.residual(best.direction)
late = residual.log_times > 10

figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
drift = np.array([float(x) for x in best.second_level_direction])
axis.plot(np.log(residual.log_times[late]), residual.values[late] @ drift / (drift @ drift), label="residual along the drift")
axis.plot(np.log(residual.log_times[late]), np.log(residual.log_times[late]), "k:", label=r"$\log\log t$")
axis.set(xlabel=r"$\log\log t$", ylabel="component along the drift")
_ = axis.legend()
