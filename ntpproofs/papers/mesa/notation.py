r"""Notation of linear attention on autoregressive processes."""

from ...language.notation import Notation, Symbol

notation = Notation(
    introduction=r"""Linear attention is trained on sequences $x_{t+1}=Wx_t$ whose matrix $W$ is new each time. The question is whether training ends
at a model that performs one step of gradient descent in context, and how good that model is. Statement numbers are recalled;
where a printed condition is flagged, the flag is about the wording as recalled.""",
    literature=(("the paper", "zheng2024"), ("sums of Fejér type", "fejer1904")),
    setting=r"""$W=\mathrm{diag}(\lambda)$ is unitary, its phases independent and uniform; $x_1=u$ is independent of $W$, $T$ the length, $\hat
y_t=PM_tQe_t$ the prediction of $x_{t+1}$ from the tokens $e_t=(x_t;x_{t-1})$. Only the blocks $B$ of $P$ and $A$ of $Q$ move; on
the \emph{diagonal slice} they are $bI$ and $aI$. Assumption S: the law of $u$ does not change under signs of its coordinates; X:
under permutations.""",
    symbols=(
        Symbol(r"u,\ u_j", "the first token of a sequence"),
        Symbol(r"W,\ \lambda", "the matrix of the process and its phases"),
        Symbol(r"x_t,\ e_t,\ \hat y_t,\ \bar x", "tokens, pairs of tokens, prediction, a conjugate"),
        Symbol(r"P,\ Q,\ A,\ B,\ M", "weights, the blocks that are trained, the matrix of the context"),
        Symbol(r"a,\ b,\ \tilde a,\ \tilde b", "scale of $A$ and $B$ on the slice, and their limits"),
        Symbol(r"s,\ S_t", r"the limit of $ab$; the sum over the context in the prediction"),
        Symbol(r"L,\ L^*,\ \nabla", "the loss, its infimum, the gradient"),
        Symbol(r"T,\ T',\ t,\ d", "length, $T-2$, position, dimension"),
        Symbol(r"H_n,\ G", r"harmonic numbers ($H=H_{T-2}$); $\sum_t(t-1)^{-2}$"),
        Symbol(r"k_1,\ k_2,\ k_3,\ m_2", "the moments that decide: sixth, fourth powers, mixed ones; the second moment"),
        Symbol(r"\alpha,\ \beta,\ \delta,\ \kappa,\ \ell", r"coefficients of the flow on the slice, $a_0^2-b_0^2$, its rate, the surrogate"),
        Symbol(r"\tau,\ \eta,\ g", "training time, step size, the factor of one step"),
        Symbol(r"\sigma,\ \rho,\ R", "scale of a Gaussian start, mean ratio, part of the error that training removes"),
        Symbol(r"E_t,\ \varepsilon_T", "error at a position, deviation from plain descent"),
        Symbol(r"F,\ \varphi", "a diagonal unitary matrix and its phases; $\\|\\cdot\\|_F$ the Frobenius norm"),
        Symbol(r"D,\ \Pi,\ N", "a sign matrix, a permutation, the order of a root of unity"),
        Symbol(
            r"\mathbb E,\ \mathrm{Var},\ \mathrm{diag},\ \mathrm{Re},\ \mathrm{sgn},\ \mathbb R,\ I,\ o",
            "mean, variance, diagonal, real part, sign, reals, identity, Landau's symbol",
        ),
    ),
    local=r"""$c$, $e$, $i$, $j$, $k$, $l$, $m$, $n$, $p$, $q$, $r$, $x$, $z$""",
)
