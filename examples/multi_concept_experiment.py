"""The golden configuration of multi-concept prompts: error curves with fits, attention and coefficients, and the out-of-distribution panel.

    python examples/multi_concept_experiment.py -o DIR [--seeds 5]

K = 4 concepts of unit norms in a random orthonormal dictionary of dimension 24, four balanced demonstrations, 64 neurons (not mirrored),
batches of 16 fresh prompts, s_0 = 1/2, s_1 = 1/20, lambda = 1/1000, word noise .15, label noise .2. Every seed is saved when it is
finished, and a second call takes up what is there. Writes `multi_concept.png`, `multi_concept.txt` (the tables) and `multi_concept.csv`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from ntpproofs.papers.multi_concept.dictionary import Dictionary
from ntpproofs.papers.multi_concept.error_levels import composition_error, label_noise_error
from ntpproofs.papers.multi_concept.fitting import Comparison, compare
from ntpproofs.papers.multi_concept.forecast import forecast
from ntpproofs.papers.multi_concept.model import Weights, forward, neuron_signs
from ntpproofs.papers.multi_concept.problem import MultiConcept
from ntpproofs.papers.multi_concept.prompts import PromptLaw, sample
from ntpproofs.papers.multi_concept.training import GOLDEN_LAW, ConstantSteps, Training, train

PROBLEM = MultiConcept(4, neurons=64, regularisation=Fraction(1, 1000), label_noise=Fraction(1, 5), word_noise=Fraction(3, 20))
RUNS = {
    "fit": Training(),
    "fast": Training(steps=ConstantSteps(1.0), horizon=350, every=10),
    "long": Training(steps=ConstantSteps(1.0), horizon=1500, every=50),
}
KEYS = ("error", "loss", "matching", "beta", "alpha", "response", "off_diagonal", "complement")
PROMPTS = 20_000


def run(name: str, seed: int, directory: Path) -> dict[str, np.ndarray]:
    """One seed of one run, from its file if it is there."""
    path = directory / f"{name}-{seed}.npz"
    if not path.is_file():
        sys.stderr.write(f"{name}, seed {seed}: training\n")
        found = train(RUNS[name], (seed,))
        parts = {key: found.records[key][:, 0] for key in KEYS} | {"times": found.times}
        parts |= {key: getattr(found.weights, key)[0] for key in ("query", "key", "output")}
        parts |= {f"book_{key}": getattr(found.dictionaries, key)[0] for key in "abcd"}
        partial = path.with_suffix(".part.npz")
        np.savez_compressed(partial, **parts)
        partial.rename(path)
    with np.load(path) as stored:
        return {key: stored[key] for key in stored.files}


def model_of(found: dict[str, np.ndarray]) -> tuple[Weights, Dictionary]:
    """The trained weights and the dictionary of a saved run."""
    weights = Weights(found["query"], found["key"], found["output"], neuron_signs(len(found["output"])))
    return weights, Dictionary(*(found[f"book_{key}"] for key in "abcd"))


def shifted(book: Dictionary, generator: np.random.Generator) -> dict[str, tuple[Dictionary, PromptLaw]]:
    """The shifts by name: a dictionary and a prompt law each."""
    k = book.concepts

    def cone(signed: bool = False) -> np.ndarray:
        rows = np.abs(generator.standard_normal((k, k)))
        rows = rows * generator.choice([-1.0, 1.0], size=rows.shape) if signed else rows
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    frame = np.concatenate([book.a, book.b])
    away = np.linalg.qr(np.concatenate([frame, generator.standard_normal((k, frame.shape[1]))]).T)[0][:, 2 * k :].T
    turn = np.roll(np.eye(k), 1, axis=0)
    found = {f"length {n}": (book, replace(GOLDEN_LAW, length=n)) for n in (2, 8, 16, 64)}
    found["frequencies .97, .01, .01, .01"] = book, replace(GOLDEN_LAW, frequencies=(0.97, 0.01, 0.01, 0.01))
    found["words and labels re-paired"] = book.recombined(labels=turn), GOLDEN_LAW
    found["labels negated"] = replace(book, d=-book.d), GOLDEN_LAW
    found["conic mixtures"] = book.recombined(words=cone(), labels=cone()), GOLDEN_LAW
    found["signed b, conic d"] = book.recombined(words=cone(True), labels=cone()), GOLDEN_LAW
    found["conic b, signed d"] = book.recombined(words=cone(), d=cone(True), c=cone()), GOLDEN_LAW
    found["c turned to minus a conic mixture"] = book.recombined(c=-cone()), GOLDEN_LAW
    found["a = c = 0"] = replace(book, a=0 * book.a, c=0 * book.c), GOLDEN_LAW
    found["b outside the span"] = replace(book, b=away), GOLDEN_LAW
    found["fair independent signs, L = 2"] = book, replace(GOLDEN_LAW, length=2, composition="iid", word_noise=0.0, label_noise=0.0)
    for opposite in (59, 119, 239):
        law = PromptLaw(opposite + 1, "frac", 1)
        found[f"one against {opposite}, no noise"] = book, law
    return found


def panel(finals: list[dict[str, np.ndarray]]) -> dict[str, list[float]]:
    """The error of every trained seed under every shift."""
    table: dict[str, list[float]] = {}
    for seed, found in enumerate(finals):
        weights, book = model_of(found)
        generator = np.random.default_rng([seed, 99])
        for name, (dictionary, law) in shifted(book, generator).items():
            count = PROMPTS if law.length <= 16 else 2000
            prompts = sample(law, dictionary, count, generator)
            table.setdefault(name, []).append(float(forward(weights, prompts).errors(prompts).mean()))
    return table


def expected(name: str, beta: float) -> str:
    """What the closed forms say, where they say something."""
    if name.startswith("length"):
        rho = Fraction(float(np.tanh(beta)))
        return f"{float(label_noise_error(rho, 1, int(name.split()[1]), Fraction(1, 5), 4)):.2g}"
    if name.startswith("one against"):
        return "0" if int(name.split()[2].strip(",")) < np.exp(2 * beta) else "1"
    if name.startswith("fair"):
        return f"{float(composition_error(2, Fraction(beta)).center):.2g}"
    return {"labels negated": "1", "b outside the span": "1/2", "conic mixtures": "small", "signed b, conic d": "small"}.get(name, "")


def tables(fits: dict[str, Comparison], runs: dict[str, list[dict[str, np.ndarray]]], shifts: dict[str, list[float]]) -> list[str]:
    """Three tables in Markdown."""
    lines = ["| run | slope of log error per step, 95 % | R^2 exponential | R^2 power law | window |", "|---|---|---|---|---|"]
    for name, found in fits.items():
        fit = found.exponential
        where = f"{found.window[0]:.0f} to {found.window[1]:.0f}"
        step = RUNS[name].steps(0)
        lines.append(f"| step {step:g} | {fit.slope:.4f} +/- {fit.half_width:.4f} | {fit.r_squared:.4f} | {found.power.r_squared:.4f} | {where} |")
    last = {key: np.mean([found[key][-1] for found in runs["long"]], axis=0) for key in KEYS}
    rest = forecast(PROBLEM)
    assert rest.beta is not None and rest.margin is not None and rest.loss is not None
    lines += ["", "| after 1500 steps of size 1 | measured | at rest, predicted |", "|---|---|---|"]
    lines.append(f"| 0-1 error | {last['error']:.1e} | {float(rest.levels()['label_noise_error'] or 0):.1e} |")
    lines.append(f"| cross-entropy | {last['loss']:.4f} | {float(rest.loss):.4f} |")
    lines.append(f"| beta, mean over concepts | {last['beta'].mean():.3f} | {float(rest.beta):.3f} |")
    lines.append(f"| alpha (an a-coefficient), mean | {last['alpha'].mean():.4f} | 0 |")
    lines.append(f"| correct attention, mean | {last['matching'].mean():.4f} | {(1 + np.tanh(float(rest.beta))) / 2:.4f} |")
    beta = float(last["beta"].mean())
    lines += ["", "| shift | error, mean over seeds | from | to | closed form |", "|---|---|---|---|---|"]
    for name, values in shifts.items():
        lines.append(f"| {name} | {np.mean(values):.4f} | {min(values):.4f} | {max(values):.4f} | {expected(name, beta)} |")
    return lines


def figure(path: Path, runs: dict[str, list[dict[str, np.ndarray]]], fit: Comparison, shifts: dict[str, list[float]]) -> None:
    """Error with both fits, attention per concept, coefficients, and the panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasAgg(canvas)
    (error, attention), (traces, bars) = canvas.subplots(2, 2)
    first, last = runs["fit"], runs["long"]
    t = first[0]["times"].astype(float)
    for found in first:
        error.semilogy(t, np.maximum(found["error"], 1e-4), color="0.8", linewidth=0.8)
    error.semilogy(t, np.mean([found["error"] for found in first], axis=0), color="C0", label="mean of the seeds")
    inside = t[(t >= fit.window[0]) & (t <= fit.window[1])]
    error.semilogy(inside, np.exp(fit.exponential.intercept + fit.exponential.slope * inside), "--", color="C3", label="exponential")
    error.semilogy(inside, np.exp(fit.power.intercept + fit.power.slope * np.log(inside)), ":", color="C2", label="power law")
    error.set(xlabel="step (size 1/2)", ylabel="0-1 error")
    error.legend(frameon=False, fontsize=8)
    for found in last:
        attention.plot(found["times"], found["matching"], linewidth=0.8)
    attention.set(xlabel="step (size 1)", ylabel="correct attention, per concept and seed", ylim=(0.4, 1.02))
    for key, label in (
        ("beta", "beta"),
        ("alpha", "alpha"),
        ("response", "r W_O d"),
        ("off_diagonal", "largest off-diagonal"),
        ("complement", "complement"),
    ):
        values = np.mean([found[key].reshape(len(found["times"]), -1).mean(axis=1) for found in last], axis=0)
        traces.plot(last[0]["times"], values, label=label)
    traces.set(xlabel="step (size 1)", ylabel="coefficient, mean")
    traces.legend(frameon=False, fontsize=8)
    names = list(shifts)
    bars.barh(range(len(names)), [max(float(np.mean(shifts[name])), 1e-4) for name in names], color="C0")
    bars.set(xscale="log", xlabel="0-1 error after a shift (mean of the seeds)", yticks=range(len(names)))
    bars.set_yticklabels(names, fontsize=7)
    bars.invert_yaxis()
    canvas.savefig(path, dpi=110, metadata={"Software": None})


def main() -> None:
    """Train or take up, fit, shift, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("."), help="directory of figure, tables and saved runs")
    parser.add_argument("--seeds", type=int, default=5)
    chosen = parser.parse_args()
    saved = chosen.output / "runs"
    saved.mkdir(parents=True, exist_ok=True)
    runs = {name: [run(name, seed, saved) for seed in range(chosen.seeds)] for name in RUNS}
    fits = {}
    for name in ("fit", "fast"):
        errors = np.mean([found["error"] for found in runs[name]], axis=0)
        fits[name] = compare(runs[name][0]["times"].astype(float), errors)
    sys.stderr.write("shifts\n")
    shifts = panel(runs["long"])
    text = "\n".join(tables(fits, runs, shifts)) + "\n"
    (chosen.output / "multi_concept.txt").write_text(text, encoding="utf-8")
    with (chosen.output / "multi_concept.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["shift", *(f"seed {seed}" for seed in range(chosen.seeds))])
        writer.writerows([name, *(f"{x:.6g}" for x in values)] for name, values in shifts.items())
    figure(chosen.output / "multi_concept.png", runs, fits["fit"], shifts)
    print(text, end="")


if __name__ == "__main__":
    main()
