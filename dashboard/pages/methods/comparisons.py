"""The statistics of layers, amino acids and comparisons in words; as `statistics`."""

from __future__ import annotations

from dashboard.pages.methods.entry import PAPER, Method
from precompute import layers, similarity, substitution
from precompute.heads import ALPHA

LAYERS: tuple[Method, ...] = (
    Method(
        "layer-mean",
        "Layer mean and maximum",
        "Mean and maximum over the kept heads of a layer; each head counts the same, however many "
        "arcs it has. Relative depth is the layer over the number of layers. Published maxima, "
        "and TapeBert’s means, are the paper’s own bars, which are exact.",
        r"\mathrm{mean}_l = \frac{1}{|K_l|} \sum_{h \in K_l} p_h",
        "the kept heads of the layer",
        PAPER,
        ("precompute.layers.layer_frame",),
    ),
    Method(
        "centre-of-gravity",
        "Centre of gravity",
        f"The mean layer of a property, weighted by the layer means. Its {100 * layers.LEVEL:g} % "
        f"interval is a bootstrap over the heads within each layer ({layers.DRAWS:,} draws, seed "
        f"{layers.SEED}): it takes the heads of a layer for a sample of heads that it might have "
        "learnt, and says nothing about other proteins.",
        r"\bar l = \sum_l l\,w_l \qquad w_l = \frac{\mathrm{mean}_l}{\sum_k \mathrm{mean}_k}",
        "the layers with a kept head",
        f"{PAPER}, after Tenney et al., ACL 2019",
        ("precompute.layers.centre", "precompute.layers.bootstrap_centres"),
    ),
    Method(
        "probes",
        "Probe curves",
        "How well a small classifier reads a property from a layer’s vectors (embedding probe) or "
        "from its heads’ attention (attention probe); TapeBert’s, as the paper publishes them. F1 "
        "for secondary structure, precision at L/20 for sites, precision at L/5 for contacts.",
        source=PAPER,
        code=("precompute.published.build.build_published",),
    ),
)

AMINO_ACIDS: tuple[Method, ...] = (
    Method(
        "similarity",
        "Similarity of two amino acids",
        "Each amino acid has a vector: the share of its arcs that each kept head gives it. Two "
        "amino acids are alike to the model as their vectors correlate over heads.",
        r"r_{ab} = \operatorname{corr}_h\left(p_h(a),\,p_h(b)\right)",
        "the m kept heads",
        PAPER,
        ("precompute.similarity.correlation_matrix",),
    ),
    Method(
        "matrix-correlation",
        "Correlation with a substitution matrix",
        "Pearson’s r (and Spearman’s) of the 190 pairs of two different amino acids with the "
        "matrix’s scores.",
        r"r = \operatorname{corr}_{a<b}(r_{ab},\,s_{ab})",
        "190 pairs",
        PAPER,
        ("precompute.substitution.pearson", "precompute.substitution.spearman"),
    ),
    Method(
        "mantel",
        "Mantel’s p-value",
        "Pairs share amino acids, so they are not 190 independent values. The amino acids of the "
        f"matrix are put in {substitution.PERMUTATIONS:,} random orders (seed {similarity.SEED}); "
        "p counts how often |r| is as large as observed. Two-sided.",
        r"p = \frac{1 + \#\{|r^*| \ge |r|\}}{1 + \#\text{orders}}",
        "orders of the 20 amino acids",
        "Mantel, Cancer Research 27, 1967; Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, "
        "2010",
        ("precompute.substitution.mantel",),
    ),
    Method(
        "similarity-intervals",
        "Intervals of the correlation",
        f"Over heads: {similarity.RESAMPLES:,} samples of as many heads, drawn with replacement. "
        f"Over the drawing: {similarity.DRAWINGS:,} sets of values drawn uniformly from what the "
        f"colours leave open. Both are the middle {100 * substitution.LEVEL:g} % of the values, "
        f"seed {similarity.SEED}.",
        source="Efron’s bootstrap",
        code=("precompute.similarity.resampled_pairs", "precompute.similarity.drawn_pairs"),
    ),
    Method(
        "clustering",
        "Order by clustering",
        "Average linkage of the distances 1 − r; the leaves stand so that neighbours are as alike "
        "as the tree allows.",
        r"d_{ab} = 1 - r_{ab}",
        source="Bar-Joseph et al., Bioinformatics 17, 2001",
        code=("precompute.clustering.cluster",),
    ),
)

COMPARE: tuple[Method, ...] = (
    Method(
        "difference",
        "Difference of two runs",
        "Head by head, second minus first, with a two-proportion z at the effective numbers of "
        "arcs, so the protein is the sampling unit. The runs’ proteins are taken for different "
        "ones: where both measured the same proteins the test finds too little, not too much. "
        f"Marks as [above](#false-discovery-rate), at {ALPHA:g}.",
        r"z = \frac{p_2 - p_1}{\sqrt{\hat p\,(1-\hat p)\,(1/a_{\mathrm{eff},1} + "
        r"1/a_{\mathrm{eff},2})}}",
        "effective arcs of both",
        "Rao and Scott, Biometrics 48, 1992",
        ("precompute.differences.two_sample_z", "precompute.differences.difference_frame"),
    ),
    Method(
        "distribution",
        "Distributions of two models",
        "Where head numbers do not correspond, the kept heads’ shares are set beside each other as "
        "cumulative distributions; their largest vertical distance describes them and has no "
        "p-value, since heads of one model are no independent draws.",
        r"D = \max_x |F_1(x) - F_2(x)|",
        "the kept heads of each",
        "Kolmogorov and Smirnov’s statistic, as a description",
        ("precompute.differences.cumulative", "precompute.differences.largest_distance"),
    ),
)
