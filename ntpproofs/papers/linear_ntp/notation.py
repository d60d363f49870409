r"""Notation of linear next-token prediction."""

from ...language.notation import Notation, Symbol

notation = Notation(
    introduction=r"""A linear decoder is trained on top of fixed embeddings of contexts to predict the law of the next token. Where a context has
several possible next tokens the cross-entropy cannot vanish; gradient descent then converges on the differences that the data
tie, and diverges along a max-margin direction that separates the supports. Every statement of the paper is restated here with
what checks it, and printed lines that fail are corrected in a sheet of errata.""",
    literature=(("the paper", "thrampoulidis2024"), ("the argument behind its theorem", "ji2019")),
    setting=r"""Context $j=1,\dots,m$ has weight $\pi_j$, embedding $h_j\in\mathbb R^d$ and a law $p_j$ on $V$ tokens with support $S_j$. The
decoder is $W\in\mathbb R^{V\times d}$, $s_j=\mathrm{softmax}(Wh_j)$, and $\mathrm{CE}(W)=-\sum_j\pi_j\sum_zp_{jz}\log s_{jz}$.""",
    symbols=(
        Symbol(r"W,\ w", "the decoder, and its rows $w_v$"),
        Symbol(r"W^*,\ W^{\mathrm{mm}}", r"least-norm solution of the log-odds equations; solution of the NTP-SVM"),
        Symbol(r"W^{\mathrm p},\ W^{\mathrm d}", "a compatible and a separating decoder"),
        Symbol(r"W_k,\ W_t,\ W_B", r"after $k$ steps, along the flow, the minimiser with $\|W\|\le B$"),
        Symbol(r"\overline W,\ \overline{W_k},\ \widehat W", r"$W/\|W\|$; $W_k/\|W_k\|$; the rescaled $W_B-W^*$"),
        Symbol(r"h_j,\ H", r"embeddings of contexts, and the matrix with these columns; $\mathrm{NTP}_H$ names them"),
        Symbol(r"\pi,\ p,\ P", "weights of contexts, next-token laws, the matrix of laws"),
        Symbol(r"S_j,\ \tilde S", "support of $p_j$; the centred matrix of indicators of supports"),
        Symbol(r"s_j,\ \mathrm{softmax},\ \mathrm{sm}", "the law the decoder predicts, and the map that gives it"),
        Symbol(r"\kappa", "the number of tokens of a support"),
        Symbol(r"\mathrm{CE},\ \mathrm{CE}_{\mathcal F},\ G,\ \nabla", "cross-entropy, restricted to supports, their difference, derivatives"),
        Symbol(r"\mathcal H,\ \mathrm{KL}", "entropy of the data (conditional where it has arguments), divergence"),
        Symbol(
            r"\mathcal F,\ \mathcal P,\ \mathrm{span}",
            r"span of the differences inside supports; $\mathcal P_{\mathcal F}$, $\mathcal P_\perp$ the projections; a span",
        ),
        Symbol(r"\lambda,\ \mu", "multipliers of the margins"),
        Symbol(r"\rho_j", "mass off the support over mass on it; $\\rho_t$ the residual along the flow"),
        Symbol(r"K,\ A,\ E_j", r"Gram matrix $H^\top H$; coefficients with $W=AH^\top$; the constraint matrix of a context"),
        Symbol(r"\eta,\ L", "step size, smoothness constant"),
        Symbol(r"t,\ k,\ q", "time, number of steps, exponent of relaxation"),
        Symbol(r"V,\ d,\ m", "sizes: tokens, coordinates, contexts; $m_{jv}$ are margins, $m_i$ numbers of contexts"),
        Symbol(r"T,\ z_i", "length of a sequence and its tokens; $z$ alone is a token of a support"),
        Symbol(r"M,\ C,\ B", r"$\sqrt2\max_j\|h_j\|$; a constant that is stated; the radius of a ball"),
        Symbol(
            r"\operatorname{rank},\ \operatorname{tr},\ \mathrm{diag},\ \operatorname{Var},\ \operatorname{sign}",
            "rank, trace, diagonal matrix, variance, entrywise sign",
        ),
        Symbol(r"\mathbb R,\ \mathbb Z,\ O,\ I", "reals, integers, Landau's symbol, the identity"),
    ),
    local=r"""$a$, $b$, $c$, $e$, $i$, $j$, $\ell$, $n$, $r$, $u$, $v$, $x$, $y$, $D$, $Q$, $R$, $U$, $X$, $\overline X$, $\alpha$, $\beta$,
$\gamma$, $\delta$, $\epsilon$, $\varepsilon$, $\sigma$, $\mathrm{NTP}$""",
)
