"""Laws of multi-concept problems under Hypothesis: reading, rest states, forecasts, moves, new tasks, cones."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from ntpproofs.papers.multi_concept.forecast import forecast
from ntpproofs.papers.multi_concept.moves import belongs, measure, neighbours, simplifications
from ntpproofs.papers.multi_concept.out_of_distribution import conic_membership, conic_programme
from ntpproofs.papers.multi_concept.problem import MultiConcept
from ntpproofs.papers.multi_concept.stationary import level
from ntpproofs.strategies import multi_concepts

BOUNDS = {"max_concepts": 4, "max_neurons": 24, "max_length": 6, "regularised": None, "flips": True}
PROBLEMS = multi_concepts(regularised=None)
ENTRY = st.integers(-3, 3).map(Fraction)


@given(PROBLEMS)
def test_problems_come_back_and_belong(problem: MultiConcept) -> None:
    assert MultiConcept.read(problem.instance()) == problem
    assert belongs(problem, BOUNDS)


@given(PROBLEMS)
def test_moves_are_problems(problem: MultiConcept) -> None:
    assert all(measure(x) < measure(problem) for x in simplifications(problem))
    assert all(x != problem for x in neighbours(problem))


@given(multi_concepts())
def test_rest_states_alternate_and_lie_on_the_curve(problem: MultiConcept) -> None:
    found = forecast(problem)
    states = found.rest.states
    if not found.rest.complete:
        return
    # The level is below lambda at both ends, so roots come in pairs: unstable first, then stable, and so on.
    assert [state.stable for state in states] == [False, True] * (len(states) // 2)
    for state in states:
        lam = float(problem.regularisation)
        assert abs(level(problem.landscape, float(state.beta)) - lam) <= 1e-9 * lam


@given(multi_concepts())
def test_forecasts_are_consistent(problem: MultiConcept) -> None:
    found = forecast(problem)
    if found.regime == "undecided":
        return
    assert found.learned is (found.reached is not None)
    assert found.threshold.lower <= found.bound.upper
    if problem.regularisation > found.threshold.upper:
        assert found.regime == "collapsed"


@settings(max_examples=10)
@given(st.integers(1, 3).flatmap(lambda n: st.tuples(st.lists(st.tuples(*[ENTRY] * n), min_size=1, max_size=4), st.tuples(*[ENTRY] * n))))
def test_cones_are_decided_with_a_witness(data: tuple[list[tuple[Fraction, ...]], tuple[Fraction, ...]]) -> None:
    generators, target = data
    found = conic_membership(generators, target)
    assert found.verify(generators, target)
    assert found.inside is (conic_programme(generators, target)[1] < 1e-6)
