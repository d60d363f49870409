"""Gradient flow in log time, followed to t = e^s for s up to a million (`foundations`, sections 5 and 6).

Stage 1 integrates dw/ds = -e^s grad L(w) in plain coordinates from t = e^-18 (nothing of the theory enters). Stage 2 uses
that, up to relative O(e^-s), the separable log masses obey an autonomous system, the mirror flow on the dual of the
max-margin programme:

    r_z = log[ a_i n_z e^{s - <w*, d_z>} / Z_i^in(w*) ] - <w_M, x_z>,    dr/ds = 1 - X X' e^r,    dw_M/ds = X' e^r.

Neither the max-margin direction nor its programme is known to this module; it reads the tied partition and w*, and w* is
cross-checked against stage 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from ..errors import InvalidInput
from ..geometry.decomposition import decompose
from .field import Field
from .trajectory import Trajectory

START = -18.0
SWITCH = 24.0


@dataclass(frozen=True)
class GradientFlow:
    """Gradient flow from `initial` (default 0) to t = e^`log_time`; calling it on a problem gives a `Trajectory`.

    `records` log-spaced records are kept. Raises `InvalidInput` for a log time that is not a finite number above 0.

    >>> from ntpproofs.problems import LinearNTP
    >>> run = GradientFlow(log_time=200.0)(LinearNTP([[1]], [["1/2", "1/2", 0]]))
    >>> [round(float(x), 6) for x in run.slope.values[-1]]
    [0.333333, 0.333333, -0.666667]
    """

    log_time: float = 1e4
    initial: tuple[Any, ...] | None = None
    records: int = 60

    def __call__(self, problem: Any) -> Trajectory:
        """Simulate. Accepts a conditional logit or anything that reduces to one."""
        if not np.isfinite(self.log_time) or self.log_time <= 0:
            raise InvalidInput("log_time", f"is {self.log_time!r}", "give a finite number above 0")
        logit = problem.conditional_logit()
        field = Field(decompose(logit).coordinates)
        w0 = starting_point(self.initial, logit.dimension)
        end = min(float(self.log_time), SWITCH)
        first = record_times(START, end, max(12, self.records // 2))
        states, failed = _stage_one(field, field.frame.of(w0), first)
        notes: tuple[str, ...] = (f"stage 1 stopped early: {failed}",) if failed else ()
        parts = [_plain_records(field, first[: len(states)], states)]
        if self.log_time > SWITCH and not failed and field.frame.is_separable.any():
            second = record_times(SWITCH, float(self.log_time), self.records)[1:]
            parts.append(_stage_two(field, states[-1], second))
            gap = np.linalg.norm(states[-1][: field.frame.split] - field.frame.finite_part - np.exp(-SWITCH) * parts[1]["alpha"][0])
            notes += (f"finite part against stage 1: {gap:.2g}",)
        return _trajectory(field, w0, parts, notes)


def starting_point(initial: Sequence[Any] | None, dimension: int) -> np.ndarray:
    """The initial point as floats; zero by default. Raises `InvalidInput` for a wrong length or a non-finite entry."""
    if initial is None:
        return np.zeros(dimension)
    w0 = np.array([float(x) for x in np.asarray(initial, dtype=object).ravel()])
    if len(w0) != dimension or not np.isfinite(w0).all():
        raise InvalidInput("initial", f"has {len(w0)} entries for {dimension} parameters, or one is not finite", "give a finite vector")
    return w0


def record_times(start: float, end: float, count: int) -> np.ndarray:
    """Log times from start to end: half of them equally spaced in t's logarithm, and every halving of `end` kept."""
    if end <= SWITCH:
        return np.linspace(start, end, count)
    halvings = [end / 2**k for k in range(1, 12) if end / 2**k > start]
    return np.unique(np.concatenate([[start], np.geomspace(start, end, count), halvings, [end]]))


def _stage_one(field: Field, c0: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, str]:
    from scipy.integrate import odeint

    if len(c0) == 0:
        return np.zeros((len(times), 0)), ""
    c = c0 + np.exp(times[0]) * field.force(c0)
    # LSODA now and then ends in an internal error that depends on its first step only, so another first step is tried.
    for first_step in (1e-3, 1e-2, 1e-1):
        with np.errstate(over="ignore", invalid="ignore"), catch_warnings():
            simplefilter("ignore")
            states, info = odeint(
                lambda s, x: np.exp(s) * field.force(x), c, times, Dfun=lambda s, x: -np.exp(s) * field.hessian(x),
                tfirst=True, rtol=1e-10, atol=1e-12, h0=first_step, mxstep=20_000, full_output=True, printmessg=False,
            )  # fmt: skip
        if info["message"] == "Integration successful." and np.isfinite(states).all():
            return states, ""
    finite = np.isfinite(states).all(axis=1) & (np.cumsum(np.abs(states).sum(axis=1) == 0) <= 1)
    return states[: max(int(np.argmin(finite)), 1)], str(info["message"])


def _plain_records(field: Field, times: np.ndarray, states: np.ndarray) -> dict[str, np.ndarray]:
    t = np.exp(times)
    tied, diverging = states[:, : field.frame.split], states[:, field.frame.split :]
    forces = np.array([field.force(c)[field.frame.split :] for c in states]).reshape(len(times), -1)
    return {
        "times": times,
        "tied": tied,
        "diverging": diverging,
        "slopes": t[:, None] * forces,
        "excess": t * np.array([field.excess(c) for c in states]),
        "alpha": t[:, None] * (tied - field.frame.finite_part),
        "measured": np.ones(len(times), dtype=bool),
        # LSODA at 1e-10: scores to a few 1e-9 (measured); its absolute tolerance on the tied part is amplified by t.
        "bar": np.full(len(times), 1e-8),
        "alpha bar": 1e-7 + 1e-12 * t,
    }


def _stage_two(field: Field, state: np.ndarray, times: np.ndarray) -> dict[str, np.ndarray]:
    from scipy.integrate import odeint

    chosen = field.frame.is_separable
    x = field.frame.rows[chosen][:, field.frame.split :]
    log_odds = field.frame.log_odds_out[chosen]
    w = state[field.frame.split :]
    r0 = SWITCH + log_odds - x @ w
    gram = x @ x.T
    grid = np.concatenate([[SWITCH], times])
    r, info = odeint(
        lambda s, r: 1.0 - gram @ np.exp(r), r0, grid, Dfun=lambda s, r: -gram * np.exp(r)[None, :],
        tfirst=True, rtol=1e-8, atol=1e-8, mxstep=50_000, full_output=True, printmessg=False,
    )  # fmt: skip
    if info["message"] != "Integration successful.":
        raise ArithmeticError(f"stage 2 of the flow failed: {info['message']}")
    y = np.exp(r[1:])
    # r + X w_M - s is invariant, so w_M is read off the masses; X has full column rank because its rows span M.
    right = times[:, None] + (log_odds)[None, :] - r[1:]
    diverging = np.linalg.lstsq(x, right.T, rcond=None)[0].T
    full = np.zeros((len(times), *field.frame.is_separable.shape))
    full[:, chosen] = y
    alpha = np.array([field.frame.displacement(masses) for masses in full]).reshape(len(times), field.frame.split)
    return {
        "times": times,
        "tied": field.frame.finite_part + np.exp(-times)[:, None] * alpha,
        "diverging": diverging,
        "slopes": y @ x,
        "excess": y.sum(axis=1),
        "alpha": alpha,
        "measured": np.zeros(len(times), dtype=bool),
        # At 1e-8 the integrator's error decays with the transient (measured: 5e-10 near s = 75); the slope ends at rounding.
        "bar": 1e-8 * np.exp(-np.minimum((times - SWITCH) / 100.0, 12.0)) + 1e-13,
        "alpha bar": np.full(len(times), 1e-6),
    }


def _trajectory(field: Field, w0: np.ndarray, parts: list[dict[str, np.ndarray]], notes: tuple[str, ...]) -> Trajectory:
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    t_frame, m_frame = field.frame.tied_frame, field.frame.diverging_frame
    invariant = w0 - t_frame @ (t_frame.T @ w0) - m_frame @ (m_frame.T @ w0)
    times, bar = joined["times"], joined["bar"]
    scale = np.maximum(np.abs(times), 1.0)
    errors = {
        "slope": bar,
        "finite part": np.full(len(times), 1e-8),
        "scaled excess": bar,
        "scaled finite part": joined["alpha bar"],
        "diverging part": 1e-8 + 1e-14 * scale,
        "residual": 1e-8 + 1e-14 * scale,
        "iterate": 1e-8 + 1e-14 * scale,
        "invariant part": np.full(len(times), 1e-13),
        "direction": np.full(len(times), 1e-9),
        "norm": 1e-8 + 1e-14 * scale,
    }
    return Trajectory(
        log_times=times,
        tied=joined["tied"] @ t_frame.T,
        diverging=joined["diverging"] @ m_frame.T,
        invariant=np.tile(invariant, (len(times), 1)),
        slopes=joined["slopes"] @ m_frame.T,
        excess=joined["excess"],
        displacement=joined["alpha"] @ t_frame.T,
        errors=errors,
        simulator=f"gradient flow to t = e^{times[-1]:g}",
        notes=notes,
        details={"measured": joined["measured"]},
    )
