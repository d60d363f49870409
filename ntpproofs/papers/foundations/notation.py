r"""Notation of the foundations: one convex problem under all papers that reduce to it."""

from ...language.notation import Notation, Symbol

notation = Notation(
    introduction=r"""A conditional logit is a dataset of choices: each row has a weight, a chosen alternative, and features of the alternatives it was
chosen from. Logistic regression, linear next-token prediction and one layer of attention are instances. Here stands once what all
of them share: which pairs can be separated, what gradient descent converges to on the rest, and in which direction it diverges.""",
    literature=(
        ("the classes of separation", "albert1984"),
        ("directions of recession", "geyer2009"),
        ("the partition of a linear system", "goldman1956"),
        ("gradient descent where nothing separates all", "ji2019"),
        ("max-margin directions", "soudry2018"),
        ("other norms", "fan2025"),
    ),
    setting=r"""Row $i$ has weight $a_i>0$, label $y_i$ and alternatives $v$ with features $x_{iv}$ and multiplicities $n_{iv}$;
$d_{iv}=x_{i,y_i}-x_{iv}$. The loss is $L(w)=\sum_ia_i\log\sum_vn_{iv}e^{-\langle w,d_{iv}\rangle}$ up to a constant. A pair
$(i,v)$ is \emph{tied} if $\langle w,d_{iv}\rangle=0$ for every $w$ in the recession cone $\mathcal R=\{w:\langle w,d_{iv}\rangle\ge0\
\forall i,v\}$, else \emph{separable}. The space is the orthogonal sum of $T$, the span of the tied differences, $M$, the rest of
the span of all differences, and $N$.""",
    symbols=(
        Symbol(r"w,\ w_k,\ w(t),\ \dot w", "the parameters; after $k$ steps of descent; along the flow at time $t$; their velocity in $\\log t$"),
        Symbol(r"L,\ \nabla,\ \bar L,\ L^*", "the loss, derivatives ($\\nabla^2$ the second); the loss over tied alternatives; the infimum"),
        Symbol(r"D,\ D_3", "directions of the second and third logarithmic order"),
        Symbol(r"d_{iv},\ \bar d_i,\ x_{iv}", "differences of features, their mean over tied alternatives, features"),
        Symbol(r"\mathcal R", "the recession cone"),
        Symbol(r"R,\ R_h", "bounds of tied differences: of their lengths, and along a direction $h$ of $T$"),
        Symbol(r"T,\ M,\ N,\ P", "tied, diverging and invariant subspace, and $P_T$, $P_M$, $P_N$ the orthogonal projections"),
        Symbol(r"u", "the max-margin direction: the least norm with margin 1 on separable pairs and 0 on tied ones"),
        Symbol(r"\lambda,\ \nu", "multipliers of the margins, and of a circulation"),
        Symbol(r"\mu", "the smallest eigenvalue: of $\\nabla^2\\bar L(w^*)$ on $T$, or of the active pairs weighted by their multipliers"),
        Symbol(r"\theta", "the momentum"),
        Symbol(
            r"Z_i^{\mathrm{in}},\ Z_i^{\mathrm{out}},\ \rho_i,\ \bar\rho",
            r"sums over tied and separable alternatives, their ratio, $\sum_ia_i\rho_i(w^*)$",
        ),
        Symbol(r"\eta,\ \beta", "step size, smoothness constant; for Adam $\\beta$ is the pair of its averages"),
        Symbol(r"t,\ k,\ s", "time of the flow, number of steps, $s=\\log t$"),
        Symbol(r"\tau_N", "the least norm $N(w)$ with margin 1: $\\tau_1,\\tau_2,\\tau_\\infty,\\tau_{\\mathrm{op}},\\tau_*$"),
        Symbol(r"q", "the exponent of relaxation; $q_v$ the softmax over tied alternatives"),
        Symbol(r"E,\ H_T", "the span of the active differences in $M$; the second derivative of $\\bar L$ on $T$"),
        Symbol(r"W,\ V,\ \Sigma", "a matrix of parameters and the factors of its singular value decomposition (spectral descent)"),
        Symbol(r"\mathbb E,\ \operatorname{Var},\ \operatorname{sign}", "mean, variance, entrywise sign"),
        Symbol(r"O,\ I", "Landau's symbol, the identity"),
    ),
    local=r"""$a$, $b$, $c$, $e$, $g$, $h$, $i$, $j$, $\ell$, $m$, $n$, $p$, $r$, $v$, $x$, $y$, $z$, $A$, $K$, $S$, $U$, $\gamma$, $\delta$,
$\Delta$, $\epsilon$, $\varepsilon$, $\kappa$, $\varrho$, $\mathrm{tied}$""",
)
