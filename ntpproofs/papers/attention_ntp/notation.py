r"""Notation of one layer of self-attention."""

from ...language.notation import Notation, Symbol

notation = Notation(
    introduction=r"""One layer of self-attention with a fixed head is trained to predict the last token from the tokens before it. Which tokens the
labels prefer is a graph for each query; its cycles are fitted, its other edges are separated. Statement numbers of the paper are
recalled, and each source line says so; the proofs are our own.""",
    literature=(("the paper", "li2024"), ("comparisons on strongly connected graphs", "ford1957")),
    setting=r"""Sequence $i=1,\dots,n$ has query $k_i$, tokens $A_i$ and label $y_i\in A_i$; token $v$ has embedding $e_v\in\mathbb R^d$, a row of
$E$. With the logarithmic loss and a dual head the loss is $\mathcal L(W)=\frac1n\sum_i-\log p_{i,y_i}$ with scores $e_v^\top
We_{k_i}$. An edge $y_i\to v$ belongs to the priority graph of the query; components are strongly connected.""",
    symbols=(
        Symbol(r"W,\ W(\tau),\ W(t)", "the weights; after $\\tau$ steps; along the flow at time $t$"),
        Symbol(r"W^{\mathrm{svm}},\ W^{\mathrm{fin}}", "solution of the Graph-SVM; minimiser of the reduced loss on the cyclic subspace"),
        Symbol(
            r"\widetilde W,\ \overline W_R,\ \widehat W",
            r"limit of the residual; minimiser with $\|W\|\le R$; a unit vector along $W^{\mathrm{svm}}$",
        ),
        Symbol(
            r"\mathcal L,\ L,\ \bar L,\ \bar{\mathcal L},\ \nabla", "the loss (the layer's, the reduction's), the same over components, derivatives"
        ),
        Symbol(r"E,\ e_v,\ G,\ d", "matrix of embeddings, its rows, the Gram matrix or (as $G^{(k)}$) a priority graph, the dimension"),
        Symbol(r"A_i,\ C_i,\ y_i,\ k", "tokens of a sequence, component of its label, its label, its query"),
        Symbol(r"C", r"a dual head, $CE^\top=I$; with an index a component"),
        Symbol(r"S_{\mathrm{fin}},\ \Pi", r"the cyclic subspace; $\Pi_S$, $\Pi_\perp$, $\Pi_E$ projections; $S$ alone is a table of scores"),
        Symbol(r"p,\ \bar p,\ \hat y", "attention, attention inside the component, a selected token"),
        Symbol(r"\rho_i,\ \bar\rho,\ Z", "mass off the component over mass on it, its mean, a normaliser"),
        Symbol(
            r"\lambda,\ \Lambda,\ \Gamma,\ \nu,\ \mu", "multipliers of edges, their matrix, a direction in score space, multipliers of ties, momentum"
        ),
        Symbol(r"\beta,\ \eta", "smoothness constant, step size"),
        Symbol(r"\tau,\ t,\ \theta", "number of steps, time of the flow, the logarithm of either"),
        Symbol(r"\varrho_*", "the least nuclear norm with margin 1"),
        Symbol(r"q,\ D", "exponent of relaxation; a direction, and the drift of weak edges"),
        Symbol(r"\mathcal R", "the recession cone"),
        Symbol(
            r"n,\ m,\ K", "numbers of sequences, tokens in a chain, tokens in all; $m_v$ counts of a token, $K$ also the key factor of $W=KQ^\\top$"
        ),
        Symbol(
            r"Q,\ R,\ F,\ \ell", "the query factor, radius of a ball or a number of reachable tokens, the Frobenius norm, a loss of one probability"
        ),
        Symbol(r"H", "the matrix of second derivatives on the active edges"),
        Symbol(r"\mathrm{CE},\ h_k", "cross-entropy and embedding of the linear problem an attention problem is compared with"),
        Symbol(r"\mathrm{span},\ \mathrm{tr},\ \operatorname{Var},\ O,\ I", "span, trace, variance, Landau's symbol, identity"),
    ),
    local=r"""$c$, $f$, $g$, $i$, $j$, $r$, $s$, $u$, $v$, $x$, $y$, $z$, $e$, $U$, $X$, $\gamma$, $\delta$, $\Delta$, $\epsilon$, $\varepsilon$""",
)
