"""
Token-priority graphs
=====================

One graph per last token, layered by priority. Dashed edges lie on cycles: training ties those tokens. Solid edges are priorities: training drives
those margins to infinity. Tokens of one layer in different components are incomparable; where several of them share the highest score,
label counts decide between them.
"""

import matplotlib.pyplot as plt

from ntpproofs import AttentionNTP
from ntpproofs.geometry import attend, dataset_class, max_margin, priority_graphs
from ntpproofs.papers.attention_ntp.pictures import diagram
from ntpproofs.rendering.plots import draw

sequences = [[1, 0], [1, 0], [2, 0], [2, 3, 1, 0], [4, 0], [1, 2, 0], [0, 4], [3, 4], [3, 0, 4]]
labels = [0, 1, 0, 1, 4, 2, 4, 3, 0]
problem = AttentionNTP.one_hot_tokens(5, sequences, labels)
graphs = priority_graphs(problem)

figure, axes = plt.subplots(1, len(graphs), figsize=(4.5 * len(graphs), 4.2), layout="constrained")
for axis, graph in zip(axes, graphs.values()):
    draw(axis, diagram(graph))
figure.suptitle(f"{dataset_class(problem)} dataset")

# %%
# The scores under the max-margin direction, column by column, and where attention goes on a sequence that was not in the data.

for query in graphs:
    print(query, [str(row[query]) for row in problem.scores(max_margin(problem).direction)])
found = attend(problem, (4, 1, 3, 0))
print(found.reason, {token: None if mass is None else round(float(mass), 6) for token, mass in found.masses.items()})
