"""Sixty false conjectures that random instances seldom refute: found or not, seconds, and size against the smallest known.

python benchmarks/hidden.py [WORD ...] [--seeds 0 1 2] [--seconds 60] [--workers 2] [--remember]

Each is true of all but one in 10 to 10^5 random instances (`rates`, from independent draws): few weak pairs, short cascades, short
chains, small norms, no special angles. WORDs select by substring. `--remember` writes sizes smaller than known to hidden_smallest.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from time import monotonic

from ntpproofs.checking.kinds import read_instance
from ntpproofs.search import ConjectureFinding, Options, check_file
from ntpproofs.search.moves import measure

SMALLEST = Path(__file__).with_name("hidden_smallest.json")
HEAD = """\
from fractions import Fraction as F
from ntpproofs import All, AtMost, Conjecture, Equal, Implies, Less, NotExercised
from ntpproofs.geometry import priority_graphs, separation
from ntpproofs.strategies import attention_ntps, autoregressive_laws, conditional_logits, linear_ntps, multi_concepts, path_stars

def squared(x): return sum((a * a for a in x), F(0))
def apart(x, y): return Less(0, (F(x) - F(y)) ** 2)
def longest(problem):
    import networkx as nx
    return max(nx.dag_longest_path_length(nx.condensation(graph)) for graph in priority_graphs(problem).values())
def edges(problem): return max(graph.number_of_edges() for graph in priority_graphs(problem).values())
def moment(problem, n): return problem.law.moment((n,) + (0,) * (problem.dimension - 1))
def atoms(problem): return len(getattr(problem.law, "atoms", ()))
def given(premise, relation): return relation if premise else NotExercised("the premise fails")

c = Conjecture({name!r}, instances={strategy})
@c.claim()
def claim(case):
    problem, d = case.problem, case.derived
    m = d.max_margin if d is not None else None
    return {claim}
"""
STRATEGIES = {"logit": "conditional_logits()", "linear": "linear_ntps()", "attention": "attention_ntps()"}
STRATEGIES |= {"mesa": "autoregressive_laws()", "path": "path_stars()", "concepts": "multi_concepts()"}
# Bounds on one number: expression, bounds by kind of problem. The smaller the share of instances beyond, the harder.
BOUNDS = {
    "levels": ("len(m.levels)", {"logit": (1, 2), "linear": (1, 2), "attention": (1, 2)}),
    "weak pairs": ("len(m.weak_support)", {"logit": (1, 2), "linear": (2, 4, 6), "attention": (1, 2, 3)}),
    "support": ("len(m.support)", {"logit": (3, 4), "linear": (9, 10, 11), "attention": (5, 6)}),
    "norm": ("m.squared_norm", {"logit": (50, 300), "linear": (10, 20, 50), "attention": (6, 13)}),
    "second level": ("squared(m.second_level_direction)", {"logit": (2, 5), "linear": (2, 3), "attention": ("F(1, 2)", 1)}),
    "tied": ("d.tied.dimension", {"logit": (2,), "linear": (7, 8), "attention": (2,)}),
    "invariant": ("d.invariant.dimension", {"logit": (2,), "linear": (9,)}),
    "chain": ("longest(problem)", {"attention": (2,)}),
    "edges": ("edges(problem)", {"attention": (3, 4)}),
}
OTHERS = {
    "logit unique multipliers": "Equal(m.unique_multipliers, True)",
    "linear unique multipliers": "Equal(m.unique_multipliers, True)",
    "attention unique multipliers": "Equal(m.unique_multipliers, True)",
    "logit angle 19/4": "apart(m.squared_norm, F(19, 4))",
    "linear angle 11/8": "apart(m.squared_norm, F(11, 8))",
    "attention angle 7/4": "apart(m.squared_norm, F(7, 4))",
    "logit weak and tied": "Implies(AtMost(1, d.tied.dimension), Equal(len(m.weak_support), 0))",
    "linear weak and overlapping": "Implies(AtMost(3, d.tied.dimension), AtMost(len(m.weak_support), 1))",
    "mesa fourth moment at most 150": "AtMost(moment(problem, 4), 150)",
    "mesa atoms at most 20": "given(problem.dimension == 2, AtMost(atoms(problem), 20))",
    "mesa balanced start of unequal moments": "given(abs(problem.initial[0]) == abs(problem.initial[1]), AtMost(moment(problem, 2), 3))",
    "path nodes times lookback at most 80": "AtMost(problem.nodes * (problem.lookback + 1), 80)",
    "path spare at a full lookback": "given(problem.lookback == 3, AtMost(problem.candidates - problem.nodes + problem.arms, 6))",
    "path without start and many labels": "given(problem.candidates < problem.nodes, AtMost(problem.labels - problem.nodes + problem.length, 8))",
    "concepts ascending norms": "given(problem.b < problem.c < problem.d, AtMost(problem.regularisation, F(1, 100)))",
    "concepts few alive": "given(2 * problem.alive <= problem.neurons // 2 + 1 and problem.concepts == 4, AtMost(problem.neurons, 20))",
    "concepts all norms equal": "given(problem.b == problem.c == problem.d, AtMost(problem.flips + problem.b, 2))",
    "attention weak on a chain": "Implies(AtMost(2, longest(problem)), Equal(len(m.weak_support), 0))",
}


def conjectures() -> dict[str, tuple[str, str]]:
    """(kind, claim) by name."""
    found = {}
    for word, (expression, kinds) in BOUNDS.items():
        for kind, bounds in kinds.items():
            found |= {f"{kind} {word} at most {bound}": (kind, f"AtMost({expression}, {bound})") for bound in bounds}
    return found | {name: (name.split()[0], claim) for name, claim in OTHERS.items()}


def searched(name: str, kind: str, claim: str, options: Options) -> ConjectureFinding:
    """What a campaign against one of them finds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hidden.py"
        path.write_text(HEAD.format(name=name, strategy=STRATEGIES[kind], claim=claim), encoding="utf-8")
        (finding,) = check_file(path, options)
    return finding


def main() -> int:
    """Print one line per conjecture and seed; status 1 if any was not found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--remember", action="store_true")
    given = parser.parse_args()
    smallest = json.loads(SMALLEST.read_text(encoding="utf-8")) if SMALLEST.exists() else {}
    chosen = {name: pair for name, pair in conjectures().items() if not given.words or any(word in name for word in given.words)}
    missed = 0
    for name, (kind, claim) in chosen.items():
        for seed in given.seeds:
            started = monotonic()
            finding = searched(name, kind, claim, Options(None, given.seconds, seed, given.workers))
            (found,), seconds = finding.claims, monotonic() - started
            example, looked = found.counterexample, sum(finding.phases.values())
            missed += example is None
            size = None if example is None else list(measure(read_instance(example.instance)))
            known = smallest.get(name)
            if size is not None and (known is None or size < known):
                smallest[name] = size
            words = "not found" if size is None else f"found, size {size}" + (f", smallest known {known}" if known not in (None, size) else "")
            print(f"{name:40} seed {seed} {seconds:6.1f} s {looked:7,} instances {finding.types.seen:5,} types  {words}", flush=True)
    print(f"{missed} of {len(chosen) * len(given.seeds)} not found")
    if given.remember:
        SMALLEST.write_text(json.dumps(smallest, indent=1) + "\n", encoding="utf-8")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
