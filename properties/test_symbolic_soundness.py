"""Nothing false holds, nothing true is refuted: identities and inequalities with a sign, factor, range, power or domain changed.

Formulas are written in trees of their own and evaluated by mpmath at 60 digits, so what is false is known without the package.
Counts depend on `--property-profile`: ten thousand false and a thousand true ones in `nightly`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp

from ntpproofs.errors import InvalidStatement
from ntpproofs.language.relations import Equal
from ntpproofs.language.verdicts import Outcome
from ntpproofs.symbolic import Delta, E, Formula, L, NonNegative, index, normal_form, total

COUNTS = {"dev": (150, 40), "ci": (300, 60), "nightly": (10_000, 1_000)}  # false, true
Tree = Any  # ("num", q), ("sym", x), ("ind", f, i, ...), ("del", i, j), ("add" | "mul", ...), ("pow", b, n), ("E" | "L", a), ("sum", k, R, a)
NAMES, FUNCTIONS, RANGES = "stxyz", "fgh", "RS"


def num(q: Any) -> Tree:
    return ("num", Fraction(q))


def sym(name: str) -> Tree:
    return ("sym", name)


def ind(function: str, *places: Any) -> Tree:
    return ("ind", function, *places)


def add(*terms: Tree) -> Tree:
    return ("add", *terms)


def mul(*factors: Tree) -> Tree:
    return ("mul", *factors)


def power(base: Tree, n: int) -> Tree:
    return ("pow", base, n)


def exp(argument: Tree) -> Tree:
    return ("E", argument)


def log(argument: Tree) -> Tree:
    return ("L", argument)


def over(k: str, name: str, body: Tree) -> Tree:
    return ("sum", k, name, body)


def minus(left: Tree, right: Tree) -> Tree:
    return add(left, mul(num(-1), right))


def sympy_of(tree: Tree) -> sp.Expr:
    head, *rest = tree
    if head == "num":
        return sp.Rational(rest[0].numerator, rest[0].denominator)
    if head == "sym":
        return sp.Symbol(rest[0])
    if head in ("ind", "del"):
        places = [index(p) if isinstance(p, str) else sp.Integer(p) for p in rest[head == "ind" :]]
        return Delta(*places) if head == "del" else sp.Function(rest[0])(*places)
    if head == "sum":
        return total(sympy_of(rest[2]), (index(rest[0]), rest[1]))
    if head == "pow":
        return sympy_of(rest[0]) ** sp.Rational(Fraction(rest[1]).numerator, Fraction(rest[1]).denominator)
    parts = list(map(sympy_of, rest))
    return {"add": sp.Add, "mul": sp.Mul, "E": E, "L": L}[head](*parts)


def value_of(tree: Tree, sizes: dict[str, int], scope: dict[str, int], values: Callable[..., Any]) -> Any:
    """The value in mpmath; ValueError or ZeroDivisionError where it is undefined over the reals."""
    head, *rest = tree
    if head == "num":
        return mpmath.mpf(rest[0].numerator) / rest[0].denominator
    if head == "sym":
        return values(rest[0])
    if head in ("ind", "del"):
        places = [scope[p] if isinstance(p, str) else p for p in rest[head == "ind" :]]
        return mpmath.mpf(int(places[0] == places[1])) if head == "del" else values(rest[0], *places)
    if head == "sum":
        return mpmath.fsum(value_of(rest[2], sizes, {**scope, rest[0]: n}, values) for n in range(sizes[rest[1]]))
    if head == "pow":
        base, n = value_of(rest[0], sizes, scope, values), Fraction(rest[1])
        if base < 0 and n.denominator > 1:
            raise ValueError("root of a negative number")
        return base**n.numerator if n.denominator == 1 else mpmath.power(base, mpmath.mpf(n.numerator) / n.denominator)
    parts = [value_of(part, sizes, scope, values) for part in rest]
    if head == "L" and parts[0] <= 0:
        raise ValueError("logarithm of a number that is not positive")
    return {"add": mpmath.fsum, "mul": mpmath.fprod, "E": lambda a: mpmath.exp(a[0]), "L": lambda a: mpmath.log(a[0])}[head](parts)


def nodes(tree: Tree, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Tree]]:
    yield place, tree
    for i, part in enumerate(tree):
        if isinstance(part, tuple):
            yield from nodes(part, (*place, i))


def replaced(tree: Tree, place: tuple[int, ...], new: Tree) -> Tree:
    if not place:
        return new
    return (*tree[: place[0]], replaced(tree[place[0]], place[1:], new), *tree[place[0] + 1 :])


def renamed(tree: Tree, old: str, new: str) -> Tree:
    if tree[0] in ("ind", "del"):
        return tuple(new if part == old and at > (tree[0] == "ind") else part for at, part in enumerate(tree))
    return tuple(renamed(part, old, new) if isinstance(part, tuple) else part for part in tree)


Pair = tuple[Tree, Tree]


class Blocks:
    """Random expressions, positive for positive symbols, with the given indices in scope."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def number(self) -> Tree:
        return num(Fraction(self.rng.randint(1, 5), self.rng.randint(1, 4)))

    def atom(self, *scope: str) -> Tree:
        if scope and self.rng.random() < 0.7:
            return ind(self.rng.choice(FUNCTIONS), *self.rng.sample(scope, self.rng.randint(1, len(scope))))
        return sym(self.rng.choice(NAMES))

    def __call__(self, *scope: str) -> Tree:
        one, two, what = self.atom(*scope), self.atom(*scope), self.rng.random()
        if what < 0.5:
            return one if what < 0.3 else add(one, self.number())
        return mul(one, two) if what < 0.7 else add(one, mul(self.number(), two)) if what < 0.9 else mul(exp(one), two)


def sums(b: Blocks, r: str, s: str) -> Pair:
    one, two, c, kind = b("k"), b("k"), b("i"), b.rng.randrange(7)
    if kind == 0:
        return over("k", r, add(one, mul(c, two))), add(over("m", r, renamed(one, "k", "m")), mul(c, over("k", r, two)))
    if kind == 1:
        other = renamed(two, "k", "m")
        return mul(over("k", r, one), over("m", s, other)), over("m", s, over("k", r, mul(one, other)))
    if kind == 2:
        return power(over("k", r, one), 2), over("k", r, over("m", r, mul(one, renamed(one, "k", "m"))))
    if kind == 3:
        return over("k", r, mul(("del", "k", "i"), one)), renamed(one, "k", "i")
    if kind == 4:
        both = b("k", "m")
        return over("k", r, over("m", s, both)), over("m", s, over("k", r, both))
    if kind == 5:
        other = renamed(two, "k", "m")
        return over("k", r, over("m", r, mul(("del", "k", "m"), one, other))), over("k", r, mul(one, two))
    mean = over("k", r, mul(ind("p", "k"), one))
    spread = add(one, mul(num(-1), sym("u")))
    parts = add(over("k", r, mul(ind("p", "k"), power(one, 2))), mul(num(-2), sym("u"), mean), mul(power(sym("u"), 2), over("k", r, ind("p", "k"))))
    return over("k", r, mul(ind("p", "k"), power(spread, 2))), parts


def exponentials(b: Blocks, r: str, s: str) -> Pair:
    one, two, n = b("i"), b("i"), b.rng.randint(2, 3)
    whole = over("m", r, exp(ind("f", "m")))
    return b.rng.choice([
        (exp(add(one, two)), mul(exp(one), exp(two))),
        (exp(mul(num(n), one)), power(exp(one), n)),
        (exp(minus(one, two)), mul(exp(one), power(exp(two), -1))),
        (exp(add(mul(num(n), log(one)), two)), mul(power(one, n), exp(two))),
        (log(mul(one, two)), add(log(one), log(two))),
        (log(mul(power(one, n), power(two, -1))), minus(mul(num(n), log(one)), log(two))),
        (log(mul(exp(one), two)), add(one, log(two))),
        (over("k", r, mul(exp(ind("f", "k")), power(whole, -1))), num(1)),
        (log(mul(exp(ind("f", "i")), power(whole, -1))), minus(ind("f", "i"), log(whole))),
        (over("k", s, mul(ind("g", "k"), log(mul(ind("h", "k"), one)))),
         add(over("k", s, mul(ind("g", "k"), log(ind("h", "k")))), mul(log(one), over("k", s, ind("g", "k"))))),
    ])  # fmt: skip


def fractions(b: Blocks, r: str, s: str) -> Pair:
    one, two = b("i"), b("i")
    return b.rng.choice([
        (power(add(one, two), 2), add(power(one, 2), mul(num(2), one, two), power(two, 2))),
        (minus(power(one, 2), power(two, 2)), mul(minus(one, two), add(one, two))),
        (minus(power(one, -1), power(add(one, two), -1)), mul(two, power(one, -1), power(add(one, two), -1))),
        (add(mul(one, power(add(one, two), -1)), mul(two, power(add(one, two), -1))), num(1)),
    ])  # fmt: skip


def true_identity(b: Blocks) -> Pair:
    left, right = b.rng.choice([sums, sums, exponentials, exponentials, fractions])(b, *b.rng.sample(RANGES, 2))
    context, extra = b.rng.random(), b("i")
    if context < 0.3:
        return add(left, extra), add(extra, right)
    return (mul(extra, left), mul(right, extra)) if context < 0.5 else (left, right)


def changed(b: Blocks, tree: Tree) -> tuple[str, Tree]:
    """One node with its sign, factor, range, power or index changed."""
    places = [(place, node) for place, node in nodes(tree) if node[0] in HEADS]
    place, node = b.rng.choice(places)
    options = [
        ("sign", mul(num(-1), node)),
        ("factor", mul(num(b.rng.choice([2, Fraction(1, 2), Fraction(99, 100)])), node)),
        ("power", power(node, 2)),
    ]
    if node[0] == "sum":
        options += [("range", ("sum", node[1], "S" if node[2] == "R" else "R", node[3]))] * 4
    if node[0] == "pow":
        options += [("power", ("pow", node[1], node[2] + b.rng.choice([-1, 1])))] * 3
    if node[0] in ("ind", "del"):
        options += [("index", (*node[:-1], b.rng.choice(["i", 0, 1])))]
    name, new = b.rng.choice(options)
    return name, replaced(tree, place, new)


HEADS = ("num", "sym", "ind", "del", "add", "mul", "pow", "E", "L", "sum")


def differ(left: Tree, right: Tree, rng: random.Random) -> bool:
    """Whether the sides differ at a point with positive symbols and ranges that are not empty."""
    for sizes in ({"R": 2, "S": 3}, {"R": 3, "S": 2}, {"R": 1, "S": 2}, {"R": 3, "S": 1}):
        known: dict[Any, Any] = {}

        def values(*key: Any, known: dict[Any, Any] = known) -> Any:
            return known.setdefault(key, mpmath.mpf(rng.randint(1, 40)) / rng.randint(5, 30))

        try:
            a, c = (value_of(side, sizes, {"i": 0}, values) for side in (left, right))
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if abs(a - c) > mpmath.mpf(10) ** -40 * (1 + abs(a) + abs(c)):
            return True
    return False


def outside_its_domain(b: Blocks, r: str, s: str) -> tuple[str, Callable[[], Equal]]:
    """True for some signs or sizes, false (or undefined) for others that are in the domain as it is declared."""
    x, k, i, body, n, one = sp.Symbol("x"), index("k"), index("i"), sympy_of(b("i")), b.rng.randint(0, 3), b("k")
    rest = sympy_of(b("i") if b.rng.random() < 0.5 else sym("z")).subs(x, sp.Symbol("z"))
    gap, signed, least = x - rest, b.rng.choice([frozenset(), frozenset("x")]), {r: b.rng.randint(0, n)}
    size, other = (total(1, (k, name)) for name in (r, s))
    delta, at = sympy_of(over("k", r, mul(("del", "k", n), one))), sympy_of(renamed(one, "k", "i")).subs(i, n)
    crossed = sympy_of(over("k", r, over("m", s, mul(("del", "k", "m"), one))))
    return b.rng.choice([
        ("domain, sign", lambda: Equal(Formula(E(L(gap**2) / 2), signed), Formula(gap))),
        ("domain, sign", lambda: Equal(Formula(L(gap**2), signed), Formula(2 * L(gap)))),
        ("domain, sign", lambda: Equal(Formula(sp.sqrt(gap**2), signed), Formula(gap))),
        ("domain, sign", lambda: Equal(Formula(L(x * body), {"x"}), Formula(L(x) + L(body)))),
        ("domain, sign", lambda: Equal(Formula(E(L(x**2) / 2)), Formula(x, {"x"}))),
        ("domain, position", lambda: Equal(Formula(delta, sizes=least), Formula(at))),
        ("domain, position", lambda: Equal(Formula(delta * other, sizes=least), Formula(at * other))),
        ("domain, sizes", lambda: Equal(Formula((size - n) * (size - n - 1) * body, sizes=least), Formula(0))),
        ("domain, sizes", lambda: Equal(Formula(size**2 * body, sizes={r: n}), Formula((2 * n + 1) * size * body - n * (n + 1) * body))),
        ("domain, ranges", lambda: Equal(Formula(crossed), Formula(sympy_of(over("k", r, one))))),
        ("domain, ranges", lambda: Equal(Formula(total(Delta(k, i), (k, r)) * other), Formula(other * size))),
    ])  # fmt: skip


def stated(left: Tree, right: Tree) -> Callable[[], Equal]:
    return lambda: Equal(Formula(sympy_of(left)), Formula(sympy_of(right)))


def false_identity(b: Blocks) -> tuple[str, Callable[[], Equal]]:
    """A false identity, as a function that states it (which may refuse)."""
    if b.rng.random() < 0.2:
        return outside_its_domain(b, *b.rng.sample(RANGES, 2))
    while True:
        left, right = true_identity(b)
        name, right = changed(b, right)
        if differ(left, right, b.rng):
            return name, stated(left, right) if b.rng.random() < 0.5 else stated(right, left)


X = sp.Symbol("x")
Inequality = tuple[sp.Expr, Any]


def true_inequality(b: Blocks) -> Inequality:
    """f >= 0 for x >= 0 or up to the second entry: a known one, stretched, weighted, and with something that is not negative."""
    n = b.rng.randint(2, 4)
    f, upto = b.rng.choice([
        (X - L(1 + X), None), (L(1 + X) - X / (1 + X), None), (E(X) - 1 - X, None), (E(-X) - 1 + X, None), (L(1 + X) - X / 2, 1),
        (X * (1 - X), 1), (1 / (1 + X) - 1 + X, None), (1 + X / 2 - sp.sqrt(1 + X), None), ((1 + X) ** n - 1 - n * X, None),
        (E(X) - 1 - X - X**2 / 2, None), (X - 1 + E(-X), None), (sp.sqrt(1 + X) - 1, None), (1 / (2 - X) - sp.Rational(1, 2), 1),
    ])  # fmt: skip
    c = sp.Rational(b.rng.randint(1, 6), b.rng.randint(1, 4))
    f, upto = f.subs(X, c * X), None if upto is None else sp.Integer(upto) / c
    weight = b.rng.choice([sp.Integer(1), sp.Symbol("s"), sp.Rational(3, 7)])
    return f * weight + b.rng.choice([0, 0, sp.Symbol("t") * X, X**2]), upto


def false_inequality(b: Blocks) -> tuple[str, Inequality]:
    f, upto = true_inequality(b)
    c, smaller = sp.Rational(1, b.rng.choice([3, 10, 1000])), b.rng.choice([2, sp.Rational(1, 2), sp.Rational(1, 100)])
    terms, n, y = sp.Add.make_args(f), b.rng.randrange(20), sp.Symbol("y")
    chosen = terms[n % len(terms)]
    rest = f - chosen
    return b.rng.choice([
        ("sign", (rest - chosen, upto)), ("sign", (-f, upto)), ("sign", (f - y * X, upto)),
        ("factor", (rest + chosen * (1 - smaller), upto)), ("factor", (rest + chosen * (1 + smaller), upto)),
        ("power", (rest + chosen * X, upto)), ("power", (rest + chosen * X / (1 + X), upto)), ("power", (rest + chosen.subs(X, X**2), upto)),
        ("domain", (f, None if upto is None else 3 * upto)), ("domain", (f.subs(X, X - c), upto)),
        ("singular", (1 / (X * y) - c, None)), ("singular", (sp.sqrt(X) - c * X, None)), ("singular", (f - c / X, upto)),
        ("singular", (L(X) + 1 / c, None)), ("singular", (f + c * L(X), upto)), ("singular", (f + 1 / (X - c), upto)),
    ])  # fmt: skip


def negative(f: sp.Expr, upto: Any, rng: random.Random) -> bool:
    """Whether f is negative somewhere on its interval, for some positive parameters: by mpmath, near 0, in between and far out."""
    ends = (
        [mpmath.mpf(2) ** j for j in range(-30, 40)] if upto is None else [mpmath.mpf(upto.p) / upto.q * (1 - mpmath.mpf(j) / 50) for j in range(51)]
    )
    ends += [] if upto is None else [ends[0] / 2**j for j in range(5, 30)]
    names = sorted(f.free_symbols - {X}, key=str)
    run = sp.lambdify([X, *names], f, modules=[{"E": mpmath.exp, "L": mpmath.log, "sqrt": mpmath.sqrt}, "mpmath"])
    for point in ends:
        values = [mpmath.mpf(rng.randint(1, 40)) / rng.randint(2, 30) for _ in names]
        try:
            value = run(point, *values)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if isinstance(value, mpmath.mpf) and value < -(mpmath.mpf(10) ** -40):
            return True
    return False


def false_statements(rng: random.Random, count: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    b = Blocks(rng)
    for n in range(count):
        if n % 10 < 7:
            yield false_identity(b)
            continue
        while True:
            name, (f, upto) = false_inequality(b)
            if negative(f, upto, rng):
                break
        yield f"inequality, {name}", lambda f=f, upto=upto: NonNegative(f, X, upto)


def outcomes(statements: Iterator[tuple[str, Callable[[], Any]]]) -> Iterator[tuple[str, str, str]]:
    for name, state in statements:
        try:
            relation = state()
            yield name, relation.decide().outcome.value, str(relation)
        except InvalidStatement as error:
            yield name, "refused", str(error)


@pytest.fixture
def counts(request: pytest.FixtureRequest) -> tuple[int, int]:
    return COUNTS[request.config.getoption("--property-profile")]


def test_nothing_false_holds(counts: tuple[int, int]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    with mpmath.workdps(60):
        for name, outcome, text in outcomes(false_statements(random.Random(20261128), counts[0])):
            assert outcome != Outcome.HOLDS.value, (name, text)
            found[name, outcome] += 1
    by_outcome = Counter({outcome: sum(n for (_, o), n in found.items() if o == outcome) for outcome in {o for _, o in found}})
    # Each kind of change occurs; what is not refuted was mostly refused for its domain, and hardly anything is left open.
    assert {"sign", "factor", "range", "power", "domain, sign", "domain, sizes"} <= {name for name, _ in found}, found
    assert by_outcome["refuted"] > 0.7 * counts[0] and by_outcome["inconclusive"] < 0.03 * counts[0], found


def test_the_rules_alone_prove_nothing_false(counts: tuple[int, int]) -> None:
    # Without the evaluations that come first, which would hide a wrong rule.
    b = Blocks(random.Random(281126))
    with mpmath.workdps(60):
        for _ in range(counts[0] // 5):
            left, right = true_identity(b)
            _, changed_ = changed(b, right)
            if not differ(left, changed_, b.rng):
                continue
            try:
                form = normal_form(sympy_of(left) - sympy_of(changed_))
            except InvalidStatement:
                continue
            assert form != 0, (left, changed_)


def test_nothing_true_is_refuted(counts: tuple[int, int]) -> None:
    rng, found = random.Random(11282026), Counter[str]()
    b = Blocks(rng)

    def statements() -> Iterator[tuple[str, Callable[[], Any]]]:
        for n in range(counts[1]):
            if n % 10 < 7:
                left, right = true_identity(b)
                yield "identity", stated(left, right)
            else:
                f, upto = true_inequality(b)
                yield "inequality", lambda f=f, upto=upto: NonNegative(f, X, upto)

    for name, outcome, text in outcomes(statements()):
        assert outcome in ("holds", "inconclusive"), (name, text)
        found[outcome] += 1
    assert found["holds"] > 0.8 * counts[1], found
