"""What sizes `ntpproofs limit` answers, in processor seconds and peak memory.

    python benchmarks/sizes.py             prints the table
    python benchmarks/sizes.py --write     and writes it to docs/guide/sizes_table.md
    python benchmarks/sizes.py --large     with V = 1000, m = 2000, d = 64 as well

Every case is a process of its own with one thread; seconds are its processor seconds from the read problem to the JSON, so that a shared
machine disturbs them less, and memory is its largest resident size.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from ntpproofs.language.answers import Effort, Request
from ntpproofs.limits.answer import Question, answer_of, load
from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP

TABLE = Path(__file__).parents[1] / "docs" / "guide" / "sizes_table.md"
WORDS = "the cat sat on a mat and dog ran to house it was old man who saw little bird in tree by river then went home with them all".split()


def text() -> str:
    """82 words with 29 different ones and 49 contexts of two."""
    rng, words = random.Random(0), list(WORDS)
    after: dict[str, list[str]] = {}
    for first, second in pairwise(words):
        after.setdefault(first, []).append(second)
    while len(words) < 82:
        last = words[-1]
        word = rng.choice(after[last]) if rng.random() < 0.62 and last in after else rng.choice(WORDS)
        after.setdefault(last, []).append(word)
        words.append(word)
    return " ".join(words)


def corpus(width: int) -> Question:
    """The text with Gaussian embeddings."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        path.write_text(text())
        return load(path, {"embedding": f"gaussian:{width}"})


def gaussian(tokens: int, contexts: int, width: int, support: int = 3, full: bool = False) -> LinearNTP:
    """Gaussian embeddings on the grid 2^-16 and random supports of at most `support` tokens, or all of them."""
    rng = np.random.default_rng(0)
    bank = np.rint(rng.normal(size=(contexts, width)) * 2**16).astype(int)
    rows = []
    for _ in range(contexts):
        chosen = range(tokens) if full else rng.choice(tokens, rng.integers(1, support + 1), replace=False)
        counts = {int(v): int(rng.integers(1, 5)) for v in chosen}
        rows.append({v: Fraction(n, sum(counts.values())) for v, n in counts.items()})
    return LinearNTP([[Fraction(int(x), 2**16) for x in row] for row in bank], rows, vocabulary_size=tokens)


def patterns() -> ConditionalLogit:
    """6 544 observations of 499 patterns of six integers."""
    rng = random.Random(0)
    kinds = [[rng.randint(0, 3) for _ in range(6)] for _ in range(499)]
    drawn = [*kinds, *(rng.choice(kinds) for _ in range(6544 - 499))]
    return ConditionalLogit([(1, int(rng.random() < 0.5), [[0] * 6, x]) for x in drawn])


def table(rows: int, columns: int) -> ConditionalLogit:
    """Two classes with logistic noise on integer covariates."""
    rng = np.random.default_rng(0)
    x, slope = rng.integers(-50, 51, (rows, columns)), rng.normal(size=columns)
    chosen = (x @ slope / 50 + rng.logistic(size=rows) > 0).astype(int).tolist()
    return ConditionalLogit([(1, c, [[0] * columns, row]) for c, row in zip(chosen, x.tolist())])


def attention(tokens: int, width: int, sequences: int, length: int) -> AttentionNTP:
    """Gaussian embeddings and sequences with one of their own tokens as the label."""
    rng = np.random.default_rng(0)
    bank = np.rint(rng.normal(size=(tokens, width)) * 2**10).astype(int).tolist()
    drawn = [rng.choice(tokens, length, replace=False).tolist() for _ in range(sequences)]
    return AttentionNTP(bank, drawn, [int(rng.choice(row)) for row in drawn])


CASES: dict[str, Callable[[], Any]] = {
    **{f"text of 82 words, d = {d}": (lambda d=d: corpus(d)) for d in (4, 8, 16, 32, 64)},
    "6 544 rows of 499 patterns": patterns,
    "V = 100, m = 200, d = 32": lambda: gaussian(100, 200, 32),
    "V = 200, m = 200, d = 64": lambda: gaussian(200, 200, 64),
    "V = 50, m = 2 000, d = 32, full supports": lambda: gaussian(50, 2_000, 32, full=True),
    "table of 20 000 rows, 21 columns": lambda: table(20_000, 21),
    "table of 4 000 rows, 1 600 columns": lambda: table(4_000, 1_600),
    "attention, V = 500, d = 48, 300 sequences of 8": lambda: attention(500, 48, 300, 8),
    "V = 1 000, m = 200, d = 64": lambda: gaussian(1_000, 200, 64),
}
LARGE: dict[str, Callable[[], Any]] = {"V = 1 000, m = 2 000, d = 64": lambda: gaussian(1_000, 2_000, 64)}


def measure(name: str) -> dict[str, Any]:
    """Seconds, memory and what came out, for one case in this process."""
    problem = {**CASES, **LARGE}[name]()
    begun = process_time()
    found = problem.answer() if isinstance(problem, Question) else answer_of(problem, Request(effort=Effort()))
    record = found.record()
    seconds = process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    best = record["max_margin"]
    gap = best["margin"]["gap"] if best.get("margin") else None
    return {
        "grade": record.get("grade", "exact"), "class": record["separation"]["class"], "dimensions": record["dimensions"], "gap": gap,
        "seconds": seconds, "memory": memory,
    }  # fmt: skip


def row(name: str, found: dict[str, Any]) -> str:
    """One line of the table."""
    sizes = " / ".join(f"{x:,}" for x in found["dimensions"].values()) if found["dimensions"] else "undecided"
    gap = "" if found["gap"] is None else f", gap {found['gap']:.0e}"
    return f"| {name} | {found['class']} | {sizes} | {found['grade']}{gap} | {found['seconds']:.1f} | {found['memory']:,.0f} |"


def main() -> None:
    """Run every case in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--case")
    options = parser.parse_args()
    if options.case:
        sys.stdout.write(json.dumps(measure(options.case)) + "\n")
        return
    lines = ["| data | class | tied / diverging / invariant | grade | seconds | MB |", "|---|---|---|---|---|---|"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for name in {**CASES, **(LARGE if options.large else {})}:
        command = [sys.executable, __file__, "--case", name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        lines.append(row(name, json.loads(done.stdout)))
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
    lines += ["", f"Measured {date.today()} on {platform.machine()}, Python {platform.python_version()}, one thread."]
    if options.write:
        TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
