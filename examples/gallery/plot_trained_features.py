"""
The limit on features that a network has learned
================================================

A small network reads two words and predicts the third. Its hidden layer is trained first; then it is frozen, written to an ``.npy`` file, and
``limit`` says what further training of the last layer converges to on these features: which words each context separates, by which margin, which
contexts decide, and where greedy decoding goes.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib import pyplot as plt

from ntpproofs import decompose
from ntpproofs.limits.answer import load
from ntpproofs.papers.linear_ntp.corpus import load_corpus

# %%
# The network: h = tanh(A[first] + B[second]), logits W h, cross-entropy, gradient descent with momentum. Ids and contexts are those of ``limit``.

examples = next(folder for folder in (Path("examples"), Path(".."), Path("../../examples")) if (folder / "tides.txt").is_file())
corpus, _ = load_corpus(examples / "tides.txt", 2)
contexts, size, width = np.array(corpus.contexts), len(corpus.tokens), 12
shares = np.zeros((len(contexts), size))
for j, row in enumerate(corpus.counts):
    for token, count in row.items():
        shares[j, token] = count
weights = shares.sum(axis=1) / shares.sum()
shares /= shares.sum(axis=1, keepdims=True)

rng = np.random.default_rng(0)
first, second, decoder = (0.5 * rng.normal(size=(size, width)) for _ in range(3))
speeds = [np.zeros_like(part) for part in (first, second, decoder)]
for _ in range(600):
    hidden = np.tanh(first[contexts[:, 0]] + second[contexts[:, 1]])
    logits = hidden @ decoder.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    error = weights[:, None] * (p - shares)
    inner = (error @ decoder) * (1 - hidden**2)
    slopes = [np.zeros_like(first), np.zeros_like(second), error.T @ hidden]
    np.add.at(slopes[0], contexts[:, 0], inner)
    np.add.at(slopes[1], contexts[:, 1], inner)
    for part, speed, slope in zip((first, second, decoder), speeds, slopes, strict=True):
        speed *= 0.9
        speed -= 1.0 * slope
        part += speed
loss = -float((weights[:, None] * shares * np.log(p)).sum())
print(f"{len(contexts)} contexts, {size} words, features of {width} dimensions, loss after training {loss:.3f} nats")

# %%
# The features, rounded by ``limit`` to a grid relative to their size, and the limit on them: class, margin, and the contexts that decide.

with TemporaryDirectory() as folder:
    np.save(Path(folder) / "features.npy", hidden)
    question = load(examples / "tides.txt", {"context": "2", "embedding": str(Path(folder) / "features.npy")})
limit = decompose(question.problem)
best, grid = limit.max_margin, question.request.notes[-1].rpartition(", ")[2]
print(f"features {grid}")
print(f"{limit.separation.kind}: tied {limit.tied.dimension}, diverging {limit.diverging.dimension}, invariant {limit.invariant.dimension}")
print(f"margin {float(best.squared_norm) ** -0.5:.4g} per unit of norm; {loss:.3f} nats after training, {float(limit.infimum):.3f} in the limit")
shares_of_norm = best.block_shares
decisive = sorted(shares_of_norm, key=lambda j: -shares_of_norm[j])[:5]
for j in decisive:
    print(f"{corpus.words(j)!r} carries {shares_of_norm[j]:.1%} of |u|^2")

# %%
# Where decoding goes: a word outside of a support loses all mass, and among the words of a support the finite part decides.

u = np.array([float(x) for x in best.direction]).reshape(size, -1)
features = np.array([[float(x) for x in row] for row in question.problem.embeddings])
finite = limit.finite_part.array.reshape(size, -1)
place = {tuple(context): j for j, context in enumerate(contexts.tolist())}
spoken = list(contexts[0])
while len(spoken) < 24 and tuple(spoken[-2:]) in place:
    j = place[tuple(map(int, spoken[-2:]))]
    growth, odds = u @ features[j], finite @ features[j]
    spoken.append(max(range(size), key=lambda v: (round(float(growth[v]), 6), float(odds[v]))))
print(" ".join(corpus.tokens[v] for v in spoken))

# %%
# The margins of all contexts: the best word of the support against the best word outside, along u. Those at one decide.

growth = features @ u.T
inside = np.where(shares > 0, growth, np.inf).min(axis=1)
outside = np.where(shares > 0, -np.inf, growth).max(axis=1)
order = np.argsort(inside - outside)
figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
axis.plot(np.arange(len(order)), (inside - outside)[order], "o", markersize=3, color="tab:blue")
axis.axhline(1.0, color="grey", linewidth=0.8)
axis.set(xlabel="contexts, by margin", ylabel="margin along $u$", title="trained features: margins of the max-margin direction")
at = int(np.flatnonzero(order == decisive[0])[0])
axis.annotate(f"most decisive: {corpus.words(decisive[0])!r}", (at, 1.0), (0.1, 0.6), textcoords="axes fraction", arrowprops={"arrowstyle": "-"})
