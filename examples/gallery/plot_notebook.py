"""
A notebook: data, limit, conjecture
===================================

Objects display themselves. This page is executed whenever the site is built; the download below is the same as a notebook.
"""

from fractions import Fraction

from ntpproofs import AtMost, Equal, LinearNTP, decompose
from ntpproofs.dynamics import GradientFlow

problem = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
problem

# %%
# Everything gradient descent converges to: the direction exactly, the finite part in a ball.

parts = decompose(problem)
parts

# %%
# Which pairs of context and token are tied, and which can be separated.

parts.separation

# %%
# The flow, followed to t = e^10000; the simulator does not know the direction.

run = GradientFlow(log_time=1e4)(problem)
run

# %%
# A relation shows its verdict. This one is decided in rationals.

Equal(parts.max_margin.squared_norm, Fraction(2, 3))

# %%
# And a false one says what is wrong.

AtMost(parts.max_margin.squared_norm, Fraction(1, 2))

# %%
# A conjecture file, checked from Python: the counterexample is a dataset one can read.

from pathlib import Path

from ntpproofs.search import Options, check_file

gallery = next(p for p in (Path("examples/conjectures"), Path("../conjectures"), Path("../examples/conjectures")) if p.is_dir())
(finding,) = check_file(gallery / "tied_iff_cyclic.py", Options(examples=200))
finding.counterexamples[0]
