"""Linear attention on autoregressive data: the properties P1-P13 of the theory notes, laws classified by the exact criterion."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ntpproofs.papers.mesa.characters import inner
from ntpproofs.papers.mesa.coincidences import harmonic
from ntpproofs.papers.mesa.laws import AtomLaw, independent_law
from ntpproofs.papers.mesa.matrices import follow, reduced
from ntpproofs.papers.mesa.model import Sequences, applied, embedded, gradient, scalar_matrix
from ntpproofs.papers.mesa.moves import measure, neighbours, simplifications
from ntpproofs.papers.mesa.predictions import expected, in_slice, recovery_ratio
from ntpproofs.papers.mesa.problem import LinearAttentionAR, read
from ntpproofs.papers.mesa.simulation import flow_of, simulate
from ntpproofs.papers.mesa.slice import SliceFlow, constants, criterion, slice_flow, slice_gradient
from ntpproofs.papers.mesa.steps import least_squares_gradient
from ntpproofs.papers.mesa.strategies import autoregressive_laws
from ntpproofs.papers.mesa.tensors import reduced_gradient, reduced_loss, tensors
from ntpproofs.papers.mesa.theorems._points import diagonal_of, live
from ntpproofs.papers.mesa.two_variables import Start, descent_step, horizon, limit, rate, solution, surrogate, surrogate_gradient

small = st.integers(-6, 6).map(lambda n: F(n, 3))
positive = st.integers(1, 12).map(lambda n: F(n, 4))
any_law = autoregressive_laws(max_dimension=3, max_length=5)
symmetric = autoregressive_laws(max_dimension=3, max_length=6, laws="symmetric")


# P1: E|yhat_j|^2 and E yhat_j conj(x_{t+1,j}) as polynomials in u, exactly.
@pytest.mark.parametrize(("d", "length"), [(1, 4), (2, 3), (2, 6), (3, 4)])
def test_p1_restricted_loss_is_a_polynomial_identity(d: int, length: int) -> None:
    s = Sequences(d, length)
    for t in s.times:
        for j, (y, x) in enumerate(zip(applied([row[d:] for row in s.statistic(t)[:d]], s.token(t)), s.token(t + 1))):
            plain = tuple(2 * (k == j) for k in range(d))
            assert inner(y, x) == {(plain, plain): F(1)}
            square = {(tuple(3 * (k == j) for k in range(d)),) * 2: F(1)}
            square |= {(tuple((k == j) + 2 * (k == r) for k in range(d)),) * 2: F(1, t - 1) for r in range(d) if r != j}
            assert inner(y, y) == square


# P2: the formulas of the slice against the tensors, any law, any a and b.
@given(any_law, small, small)
def test_p2_gradients_on_the_slice(p: LinearAttentionAR, a: F, b: F) -> None:
    claimed = slice_gradient(p.law, p.length).at(a, b)
    assert reduced_gradient(tensors(p.law, p.length), scalar_matrix(p.dimension, b), scalar_matrix(p.dimension, a)) == claimed


# P3: gradients of the other blocks vanish exactly at full complex B and A.
@given(autoregressive_laws(max_dimension=2, max_length=4), st.integers(0, 9))
def test_p3_other_blocks_have_no_gradient(p: LinearAttentionAR, seed: int) -> None:
    d = p.dimension
    to_p, to_q = gradient(Sequences(d, p.length), p.law, *embedded(*live(p, seed, complex_=True)))
    assert not any(x != 0 for row in to_p for x in row[d:])
    assert not any(x != 0 for i, row in enumerate(to_q) for k, x in enumerate(row) if i < d or k >= d)


# P4: limits of ab, a and b under S and X, from starts of either sign.
@given(symmetric)
def test_p4_limits(p: LinearAttentionAR) -> None:
    assume(abs(p.start.a + p.start.b) > F(1, 20))
    run, found = simulate(p), expected(p)
    size = max(1.0, abs(run.left).max(), abs(run.right).max())
    assert abs(run.product - float(found.ab)) < 1e-8
    assert abs(run.right[0, 0] - float(found.a)) < 1e-8 * size and abs(run.left[0, 0] - float(found.b)) < 1e-8 * size
    assert not run.leaves


# P5: |B|^2 - |A|^2 along the flow, any law.
@given(any_law)
def test_p5_conservation(p: LinearAttentionAR) -> None:
    assert simulate(p).drift < 1e-8


# P6: the Polyak-Lojasiewicz identity exactly, and the decay bound along the closed form.
@given(positive, positive, small, small)
def test_p6_decay(alpha: F, beta: F, a: F, b: F) -> None:
    flow, start = SliceFlow(alpha, beta), Start(a, b)
    x, y = surrogate_gradient(flow, a, b)
    first = surrogate(flow, a, b)
    assert x * x + y * y == 2 * beta * (a * a + b * b) * first
    times = np.linspace(0, 5 / float(alpha), 9)
    left, right = solution(flow, start, times)
    values = (float(alpha) - float(beta) * left * right) ** 2 / (2 * float(beta))
    m = float(rate(flow, start)) if start.escapes else abs(float(start.delta))
    assert (values <= float(first) * np.exp(-2 * float(beta) * m * times) * (1 + 1e-6) + 1e-12).all()


# The closed form solves the equations: against an integrator, with the same limit.
@given(positive, positive, small, small)
def test_closed_form_for_every_start(alpha: F, beta: F, a: F, b: F) -> None:
    from scipy.integrate import solve_ivp

    flow, start = SliceFlow(alpha, beta), Start(a, b)
    al, be = float(alpha), float(beta)
    times = np.linspace(0, 4 / al, 7)
    run = solve_ivp(
        lambda _, z: (al - be * z[0] * z[1]) * z[::-1], (0, times[-1]), [float(a), float(b)], "DOP853", t_eval=times, rtol=1e-11, atol=1e-13
    )
    found = np.array(solution(flow, start, times))
    assert np.abs(found - run.y).max() < 1e-7
    end = solution(flow, start, np.array([50 / al]))
    target = limit(flow, start)
    if abs(float(a + b)) > 0.05 or not start.escapes:
        assert abs(end[0][0] - float(target.a)) < 1e-7 and abs(end[1][0] - float(target.b)) < 1e-7


# P7: the exact factor of a step.
@given(positive, positive, small, small, positive)
def test_p7_discrete_factor(alpha: F, beta: F, a: F, b: F, step: F) -> None:
    flow = SliceFlow(alpha, beta)
    x, y = descent_step(flow, a, b, step)
    assert x * x - y * y == (a * a - b * b) * (1 - step**2 * (alpha - beta * a * b) ** 2)


# P8: the prediction is one step from zero on the least-squares loss of the context, exactly.
@given(st.integers(1, 3), st.integers(2, 5), small, small)
def test_p8_one_step(d: int, t: int, a: F, b: F) -> None:
    s = Sequences(d, t + 2)
    from ntpproofs.papers.mesa.model import product

    p, q = embedded(scalar_matrix(d, b), scalar_matrix(d, a))
    prediction = product(p, applied(s.statistic(t), product(q, s.embedding(t))))
    step = applied([[x.scaled(-a * b / (t - 1)) for x in row] for row in least_squares_gradient(s, t)], s.token(t))
    assert [x.terms for x in prediction] == [x.terms for x in step]


# P9: mean and variance of the ratio for fixed u, over roots of unity with N > 2t, in floats.
@given(st.lists(st.integers(1, 3), min_size=2, max_size=2), st.integers(2, 4))
def test_p9_ratio_over_roots_of_unity(u: list[int], t: int) -> None:
    roots = np.exp(2j * np.pi * np.arange(2 * t + 1) / (2 * t + 1))
    ratios = []
    for first in roots:
        for second in roots:
            x = [np.array(u) * np.array([first, second]) ** i for i in range(t + 1)]
            s = sum(np.outer(x[i], x[i - 1].conj()) for i in range(1, t)) / (t - 1)
            ratios.append((s @ x[t - 1])[0] / x[t][0])
    assert abs(np.mean(ratios) - u[0] ** 2) < 1e-10
    assert abs(np.var(ratios) - u[1] ** 4 / (t - 1)) < 1e-9


# P10: R = 1 iff a symmetric discrete coordinate takes one modulus besides zero.
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), min_size=1, max_size=3, unique_by=lambda x: x[0]))
def test_p10_recovery(points: list[tuple[int, int]]) -> None:
    assume(any(x for x, _ in points))
    whole = 2 * sum(w for _, w in points)
    law = independent_law([(s * x, F(w, whole)) for x, w in points for s in (1, -1)], 1)
    ratio = recovery_ratio(constants(law))
    assert 0 < ratio <= 1 and (ratio == 1) == (len({x for x, _ in points if x}) == 1)


# P11: off-diagonal entries never help under S (X is not needed), exactly.
@given(autoregressive_laws(max_dimension=3, max_length=6, laws="sign-symmetric"), st.integers(0, 40))
def test_p11_diagonal_dominance(p: LinearAttentionAR, seed: int) -> None:
    left, right = live(p, seed, complex_=True)
    coefficients = tensors(p.law, p.length)
    assert reduced_loss(coefficients, left, right) >= reduced_loss(coefficients, diagonal_of(left), diagonal_of(right))


# P12: masked training of any exchangeable law reaches the product of its own constants.
@given(autoregressive_laws(max_dimension=3, max_length=6, laws="exchangeable", masked=True))
def test_p12_masked_limit(p: LinearAttentionAR) -> None:
    assume(abs(p.start.a + p.start.b) > F(1, 20))
    found, terms = constants(p.law), p.length - 2
    s = found.fourth[0] / (found.sixth[0] + found.rows[0] * harmonic(terms) / terms)
    assert expected(p).ab == s and abs(simulate(p).product - float(s)) < 1e-8


# P13: where the criterion fails the gradient points off the slice and the flow leaves it.
@given(autoregressive_laws(max_dimension=3, max_length=5, laws="atoms", min_dimension=2))
def test_p13_the_criterion_is_sharp(p: LinearAttentionAR) -> None:
    assume(not in_slice(p) and any(p.initial))
    run = simulate(p)
    assert run.leaves


# Without a closed form: a simulation never beats the exact loss of a point it has not reached, and the loss falls.
@given(any_law)
def test_loss_falls_along_the_flow(p: LinearAttentionAR) -> None:
    losses = simulate(p).run.losses
    assert (np.diff(losses) <= 1e-9 * max(1.0, losses[0])).all()


# u -> c u: products scale by 1/c^2, relative errors do not change.
@given(autoregressive_laws(max_dimension=2, max_length=5, laws="atoms"), st.integers(2, 4))
def test_scaling_the_first_token(p: LinearAttentionAR, c: int) -> None:
    law = p.law
    assert isinstance(law, AtomLaw)
    scaled = LinearAttentionAR(p.dimension, p.length, AtomLaw([[c * x for x in v] for v in law.atoms], law.weights), p.initial)
    assert criterion(law, p.length).invariant == criterion(scaled.law, p.length).invariant
    if in_slice(p):
        assert slice_flow(scaled.law, p.length).product * c * c == slice_flow(law, p.length).product
    if in_slice(p) and p.start.escapes:
        assert expected(scaled).relative_mse == expected(p).relative_mse


# Flipping the sign of one coordinate of u conjugates B and A by the same sign matrix.
@given(autoregressive_laws(max_dimension=2, max_length=4, laws="atoms", min_dimension=2))
def test_signs_conjugate_the_flow(p: LinearAttentionAR) -> None:
    law = p.law
    assert isinstance(law, AtomLaw)
    flipped = AtomLaw([(-v[0], *v[1:]) for v in law.atoms], law.weights)
    a, b = map(float, p.initial)
    end = horizon(flow_of(p), p.start) / 4
    runs = [follow(reduced(x, p.length), b * np.eye(2), a * np.eye(2), end) for x in (law, flipped)]
    turn = np.diag([-1.0, 1.0])
    size = max(1.0, abs(runs[0].left).max(), abs(runs[0].right).max())
    assert np.abs(turn @ runs[0].left @ turn - runs[1].left).max() < 1e-6 * size
    assert np.abs(turn @ runs[0].right @ turn - runs[1].right).max() < 1e-6 * size


@given(autoregressive_laws(masked=None))
def test_moves_are_problems_and_simplifications_are_smaller(p: LinearAttentionAR) -> None:
    assert read(p.instance()) == p
    assert all(measure(q) < measure(p) and read(q.instance()) == q for q in simplifications(p))
    assert all(read(q.instance()) == q for q in neighbours(p))
