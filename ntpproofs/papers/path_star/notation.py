r"""Notation of path-star graphs."""

from ...language.notation import Notation, Symbol

notation = Notation(
    introduction=r"""A path-star graph is a start with $d$ arms of equal length; the target is the arm that ends in the goal. Trained with teacher
forcing a model can follow edges without ever learning the first hop. Here the numbers of that failure are exact: floors,
accuracies, limits of training for small models, and what changes with the lookback, the order of the targets or the loss.""",
    literature=(("the paper", "bachmann2024"),),
    setting=r"""The prefix $p$ is the list of edges in random order with start and goal; the target is $r=(r_1,\dots,r_l)$ with $r_1=s$ and
$r_l=t$. Labels are drawn from $N$; a predictor $q$ has the teacher-forced loss $L_{TF}(q)$ and samples $q_{AR}$.""",
    symbols=(
        Symbol(r"d,\ l,\ m,\ n,\ N", r"arms, nodes of an arm, $l-2$ inner steps, nodes of the graph, labels"),
        Symbol(r"s,\ t,\ r,\ \hat r,\ p", "start, goal, target, greedy answer, prefix"),
        Symbol(r"\mathsf t", "training time"),
        Symbol(r"P,\ q,\ V", "law of the data, a predictor, the vocabulary"),
        Symbol(r"L,\ \nabla", "the loss, per sequence; the gradient"),
        Symbol(r"H,\ \mathrm{KL},\ \mathrm{TV}", "entropy, divergence, total variation"),
        Symbol(r"C,\ K,\ M(K)", "candidates of a step, lookback, the model that sees so far"),
        Symbol(r"\alpha,\ \beta,\ \Phi", "weights of the edge and of the excluded tokens, offset of the former"),
        Symbol(r"\sigma,\ T,\ R,\ B", "permutations between layers, target of the word problem, its value, one step back along the arm"),
        Symbol(r"\tau,\ n_\tau", "the type of a candidate and its multiplicity"),
        Symbol(r"\theta_i,\ \rho,\ f,\ J,\ \kappa", "weights of the composed hops, their gain, the output, a subset of slots, relative speed"),
        Symbol(r"\chi_S,\ \phi,\ g", "a parity, an arm-exchangeable feature, a gradient or function of the bits"),
        Symbol(r"\gamma,\ w", "logit gap of a type; weights of the two lookups, $w_B$ and $w_F$"),
        Symbol(r"E,\ \mathbb E,\ o", "number of edges, mean, Landau's symbol"),
    ),
    local=r"""$a$, $b$, $c$, $e$, $i$, $j$, $k$, $u$, $v$, $x$, $y$, $A$, $F$, $S$, $\varepsilon$""",
)
