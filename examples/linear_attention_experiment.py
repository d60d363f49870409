"""The published experiments on linear attention (arXiv 2405.16845), on samples and on exact expectations, beside the exact limits.

    python examples/linear_attention_experiment.py -o DIR [--sequences 1000] [--seed 1]

Setting of the released code: d = 5, T = 100, full-batch gradient descent with its step sizes and starts. Writes
`linear_attention_experiment.png` and `linear_attention_experiment.txt` (the table).
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from ntpproofs.papers.mesa.experiments import Setting, Training, evaluate, population_loss, sampled_loss, train
from ntpproofs.papers.mesa.named_laws import IndependentLaw, OnesLaw, SparseLaw
from ntpproofs.papers.mesa.predictions import expected
from ntpproofs.papers.mesa.problem import LinearAttentionAR

D, T = 5, 100
STARTS = ((0.1, 0.1), (0.5, 1.5), (2.0, 2.0))
GAUSSIAN = {Fraction(1, 2): (1e-3, 200), Fraction(1): (1e-4, 150), Fraction(2): (2e-6, 200)}
SPARSE = {Fraction(1, 2): (3e-2, 200), Fraction(1): (1e-3, 200), Fraction(2): (1e-4, 120)}


def gaussian(scale: Fraction) -> IndependentLaw:
    """N(0, scale^2 I)."""
    return IndependentLaw("gaussian", (scale**2,) * D)


def row(name: str, law: object, run: Training, exact: float, reference: float, seed: int) -> str:
    """One line of the table."""
    ratio, error = evaluate(law, T, run.left, run.right, np.random.default_rng(seed + 1), 1_000)  # type: ignore[arg-type]
    return f"| {name} | {run.products[-1]:.5f} | {exact:.5f} | {reference:.5f} | {ratio:.4f} | {error:.4f} |"


def main() -> None:
    """Run everything and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("."))
    parser.add_argument("--sequences", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    lines = ["| start law, (a0, b0) | ab on samples | exact limit | plotted line | mean ratio | relative error |", "|---|---|---|---|---|---|"]
    curves = []
    for laws, make in ((GAUSSIAN, gaussian), (SPARSE, lambda scale: SparseLaw(D, scale))):
        for scale, (step, epochs) in laws.items():
            law = make(scale)
            exact = float(expected(LinearAttentionAR(D, T, law)).ab)  # type: ignore[arg-type]
            reference = float(1 / (5 * scale**2) if laws is GAUSSIAN else 1 / scale**2)
            samples, population = sampled_loss(law, T, np.random.default_rng(given.seed), given.sequences), population_loss(law, T)
            runs = [train(loss, Setting(law, T, step, epochs, STARTS[1])) for loss in (samples, population)]
            kind = "Gaussian" if laws is GAUSSIAN else "sparse"
            curves.append((f"{kind}, scale {scale}", runs, [train(population, Setting(law, T, step, epochs, s)) for s in STARTS], exact, reference))
            lines.append(row(f"{kind} {scale}, (1/2, 3/2)", law, runs[0], exact, reference, given.seed))
    ones = OnesLaw(D)
    free = train(population_loss(ones, T), Setting(ones, T, 5e-4, 4_000, STARTS[0]))
    masked = train(population_loss(ones, T), Setting(ones, T, 5e-4, 4_000, STARTS[0]), masked=True)
    exact = float(expected(LinearAttentionAR(D, T, ones, masked=True)).ab)  # type: ignore[arg-type]
    lines += [row("constant, not masked (population)", ones, free, exact, 1.0, given.seed)]
    lines += [row("constant, masked (population)", ones, masked, exact, 1.0, given.seed)]
    figure(given.output / "linear_attention_experiment.png", curves, free)
    (given.output / "linear_attention_experiment.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    print(f"{time.perf_counter() - begun:.0f} s")


def figure(path: Path, curves: list[tuple[str, list[Training], list[Training], float, float]], free: Training) -> None:
    """ab over the epochs relative to the plotted line, and the matrices of the constant start."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(10, 6), layout="constrained")
    FigureCanvasAgg(canvas)
    panels = canvas.subplots(2, 4)
    for panel, (name, runs, others, exact, reference) in zip([*panels[0, :3], *panels[1, :3]], curves):
        for run in others:
            panel.plot(run.products / reference, color="0.75", linewidth=1)
        panel.plot(runs[0].products / reference, color="C0", linewidth=2, label="samples")
        panel.plot(runs[1].products / reference, color="C1", linewidth=1, linestyle="--", label="exact expectations")
        panel.axhline(1.0, color="0.5", linestyle=":", linewidth=1, label="plotted line (T infinite)")
        panel.axhline(exact / reference, color="C3", linewidth=1, label="exact limit at T = 100")
        panel.set(title=name, xlabel="epoch", ylabel="ab / plotted line", ylim=(0, 1.3))
    panels[0, 0].legend(fontsize=6, frameon=False, loc="lower right")
    for panel, (name, block) in zip(panels[:, 3], (("A, constant start", free.right), ("B, constant start", free.left))):
        shown = panel.imshow(block.real, cmap="RdBu", vmin=-0.1, vmax=0.1)
        panel.set(title=f"{name}\n(colours cut at 0.1)", xticks=(), yticks=())
        canvas.colorbar(shown, ax=panel, shrink=0.7)
    canvas.savefig(path, dpi=100, metadata={"Software": None})


if __name__ == "__main__":
    main()
