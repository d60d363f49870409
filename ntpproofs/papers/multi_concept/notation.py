r"""Notation of multi-concept word semantics."""

from ...language.notation import Notation, Symbol

notation = Notation(
    introduction=r"""Prompts of labelled words, each word carrying one of $K$ concepts with a sign, are answered by one layer of attention and a
two-layer network. Population training closes on a few numbers per concept, and what it learns, how fast, and when it collapses
can be read off them. The paper's model is recalled; each source line says from where.""",
    literature=(("the paper", "bu2024"), ("the exponential rate", "nitanda2019")),
    setting=r"""Concept $k$ has orthogonal words $b_k$ and labels $d_k$ with squared norms $B$ and $D$, a common part $a_k$ and $c_k$ (squared
norms $A$, $C$). A prompt has $L$ demonstrations and a query of the same concept; $W_Q$, $W_K$ give the attention, $W_O$ with $m$
neurons the output, $\sigma$ is the logistic function.""",
    symbols=(
        Symbol(r"K,\ L,\ m,\ N", "concepts, demonstrations, neurons, neurons alive on one side"),
        Symbol(r"a,\ b,\ c,\ d", "vectors of words ($a\\pm b$) and labels ($c\\pm d$)"),
        Symbol(r"A,\ B,\ C,\ D", "their squared norms; $A_\\pm$, $A_l$ are attention"),
        Symbol(r"W_Q,\ W_K,\ W_O,\ Q,\ \nabla", "weights of query, key and output; $Q$ is the index of the query; gradients"),
        Symbol(r"\beta,\ \beta_Q,\ \beta_K", r"half the gap of the scores and its factors"),
        Symbol(r"\rho", r"mean signed attention, $2A_+-1$"),
        Symbol(
            r"u_i,\ v_i,\ \bar v,\ \dot u,\ \dot v,\ \dot p,\ \dot q,\ \dot I",
            "weights of a neuron along $c_k$ and $d_k$, their mean, velocities along the flow",
        ),
        Symbol(r"F,\ g", r"margin; $g=\sigma(-F)$, also a vector of scores under word noise"),
        Symbol(r"\lambda,\ \hat\lambda", "weight decay, and the value for which a state is at rest"),
        Symbol(
            r"\eta,\ \gamma,\ \nu,\ V_T,\ \Delta_t,\ \phi,\ R,\ \mathcal F,\ w",
            "linear head: step, offset, bounds of second moment and variance, martingale differences, features and bound, filtration, weights",
        ),
        Symbol(r"G,\ \Gamma", "bound of a gradient or the gradient in $W_K^\\top W_Q$; the matrix of scores $W_K^\\top W_Q$"),
        Symbol(r"\sigma,\ \sigma_x,\ \sigma_y,\ \Phi,\ \xi,\ \zeta", "logistic function, scales of noise, normal law, noise of words and labels"),
        Symbol(
            r"I,\ \theta,\ \kappa,\ \mathrm{Shi}",
            "first integral, border of the basin, rate of escape, hyperbolic sine integral",
        ),
        Symbol(r"T,\ t,\ s_0", "number of steps or a time, time, initial scale"),
        Symbol(r"p,\ P,\ q", "probability of a flipped label or scale of a weight, projections, $p^2$"),
        Symbol(r"\mu,\ \psi,\ \alpha,\ M", "margin of a law or part of a gradient, mixture of concepts, an exponent, a smoothness constant"),
        Symbol(
            r"\mathrm{err},\ \mathrm{loss},\ \mathrm{ReLU},\ \mathrm{softmax},\ \mathrm{span},\ \mathrm{sign},\ \mathrm{Id}",
            "0-1 error, loss, rectifier, softmax, span, sign, identity",
        ),
        Symbol(r"\mathbb E,\ \mathrm{mean},\ \mathrm{sd},\ O,\ o", "mean, mean and deviation of a sample, Landau's symbols"),
    ),
    local=r"""$e$, $f$, $h$, $i$, $j$, $k$, $l$, $n$, $r$, $s$, $u$, $v$, $x$, $\bar x$, $y$, $U$, $\delta$""",
)
