"""The statistics of heads in words: formula, denominator, source and code.

Only text. Numbers that are settings of the code are read from the code.
"""

from __future__ import annotations

from dashboard.pages.methods.entry import PAPER, Method
from precompute.features import MAXIMUM_OFFSET, MINIMUM_CONTACT_SEPARATION
from precompute.heads import ALPHA
from precompute.published import MINIMUM_ARCS, THRESHOLD

ARCS: tuple[Method, ...] = (
    Method(
        "arc",
        "Arc",
        "One directed attention weight of a head that reaches the threshold θ, from a residue "
        "(the row, which attends) to a residue (the column, which is attended to). Special "
        "tokens are taken out after the softmax and the rest is not scaled up again, so a row "
        "of residues may sum to less than 1. A row sums to at most 1, so it has at most ⌊1/θ⌋ "
        f"arcs: three at {THRESHOLD:g}. A property of one residue looks at the attended one.",
        r"\mathrm{arc}_{ij} = [\,a_{ij} \ge \theta\,]",
        source=PAPER,
        code=("precompute.tally.find_arcs",),
    ),
    Method(
        "threshold",
        "Threshold",
        f"θ = {THRESHOLD:g} in the paper and wherever a page says nothing else. A run counts at "
        "0.10 to 0.90 by 0.05 in one pass; published values exist at "
        f"{THRESHOLD:g} only. Counts at a threshold hold every arc at or above it.",
        code=("precompute.tally.count_arcs",),
    ),
    Method(
        "share",
        "Share, %",
        "Hits are the arcs that have the property. All arcs of all proteins are pooled, so a "
        "protein with many arcs counts for more than one with few. The paper’s equation 1.",
        r"p(f) = \frac{\sum_x \sum_{i,j} f(i,j)\,[a_{ij} \ge \theta]}"
        r"{\sum_x \sum_{i,j} [a_{ij} \ge \theta]}",
        "every residue-to-residue arc of the head: the diagonal, near pairs and residues "
        "without coordinates too",
        PAPER,
        ("precompute.statistics.share",),
    ),
    Method(
        "corrected-share",
        "Share of eligible arcs, %",
        "The same hits over the arcs for which the property is defined at all (each property’s "
        "definition says when it is). It differs from the share above most for contacts: an arc "
        f"between residues fewer than {MINIMUM_CONTACT_SEPARATION} apart cannot be a contact.",
        r"p_\mathrm{c}(f) = \frac{\text{hits}}{\text{eligible arcs}}",
        "arcs for which the property is defined",
        "correction of this project",
        ("precompute.statistics.share", "precompute.heads.measured_heads"),
    ),
    Method(
        "kept-heads",
        "Grey heads and m",
        f"A head with fewer than {MINIMUM_ARCS} arcs (of the denominator in use) is grey: its "
        "share is too uncertain to show, and it is part of no mean, rank or test. m is the "
        "number of the model’s other heads.",
        source=PAPER,
        code=("precompute.heads.measured_heads", "precompute.heads.published_heads"),
    ),
    Method(
        "background",
        "Background, %",
        "How often the property holds without regard to attention: among all residues, or for "
        "contacts among all ordered pairs of resolved residues at least "
        f"{MINIMUM_CONTACT_SEPARATION} apart. *Published* definition: over every chain of the "
        "data file (contacts over the first 512 residues of a chain, sites over 511). "
        "*Corrected*: over the very residues, or eligible pairs, that the heads were measured on. "
        "The paper gives a background for contacts, binding sites and modifications.",
        r"b(f) = \frac{\text{residues or pairs that have the property}}"
        r"{\text{residues or pairs for which it is defined}}",
        "residues or eligible ordered pairs",
        PAPER,
        ("precompute.labels.background_counts", "precompute.labels.published_background"),
    ),
    Method(
        "enrichment",
        "Enrichment",
        "The share over the background; shown as log₂, with the background in the middle of the "
        "scale. With the paper’s denominators that of contacts compares unlike things: all arcs "
        "with eligible pairs only.",
        r"\log_2 \frac{p(f)}{b(f)}",
        source=PAPER,
        code=("precompute.heads.measured_heads", "precompute.heads.published_heads"),
    ),
    Method(
        "resolution",
        "Resolution of published values",
        "Published values are read off the paper’s vector drawings. A colour stands for a range "
        "of values; ± is half of it. Bars (layer maxima, ten highest heads) are exact to 10⁻⁴ "
        "percentage points, and the counts of the ten highest heads are the only whole numbers "
        "that give the drawn bar and interval.",
        source=f"drawings of {PAPER}",
        code=("precompute.published.build.build_published",),
    ),
)

INTERVALS: tuple[Method, ...] = (
    Method(
        "wald-interval",
        "Wald interval",
        f"The paper’s: α = {ALPHA:g}/m. It takes arcs for independent draws, which those of one "
        "protein are not, so it is too narrow, and it has no width at 0 and at 100 %. Shown "
        "beside the interval below wherever both are known.",
        r"p \pm z_{1-\alpha/2} \sqrt{p\,(1-p)/a}",
        "the a arcs of the head",
        PAPER,
        ("precompute.statistics.wald_interval", "precompute.statistics.bonferroni"),
    ),
    Method(
        "effective-arcs",
        "Effective number of arcs",
        "The variance of the share when the n proteins that have an arc, not their arcs, are the "
        "independent draws: h and a of each protein, summed over proteins. The effective number "
        "is how many independent arcs would have that variance; at most the number of arcs, and "
        "the number of proteins where all arcs agree.",
        r"v = \frac{n}{n-1}\,\frac{\sum_x (h_x - p\,a_x)^2}{(\sum_x a_x)^2} \qquad "
        r"a_\mathrm{eff} = \frac{p\,(1-p)}{v}",
        "the n proteins with at least one arc of the head",
        "Cochran, Sampling Techniques, 3rd ed., 1977, eq. 6.13; Kish’s design effect",
        ("precompute.statistics.protein_variance", "precompute.statistics.effective_arcs"),
    ),
    Method(
        "protein-interval",
        "Interval with the protein as sampling unit",
        f"Wilson’s interval at the effective number of arcs, with Student’s t on n − 1 proteins in "
        f"place of z, at α = {ALPHA:g}/m. If the whole measurement were repeated on other proteins "
        "drawn the same way, all m intervals would hold their true shares in at least "
        f"{100 * (1 - ALPHA):g} % of repetitions.",
        r"\frac{p + \frac{t^2}{2 a_\mathrm{eff}} \pm t \sqrt{\frac{p(1-p)}{a_\mathrm{eff}} + "
        r"\frac{t^2}{4 a_\mathrm{eff}^2}}}{1 + t^2/a_\mathrm{eff}}",
        "effective arcs",
        "Wilson, J. Am. Stat. Assoc. 22, 1927; Korn and Graubard, Survey Methodology 24, 1998",
        ("precompute.statistics.protein_interval",),
    ),
    Method(
        "z",
        "z against the background",
        "How many standard errors the share lies above (or below) the background; pooled "
        "two-proportion statistic. Measured runs: at the effective number of arcs, so the protein "
        "is the sampling unit, and p-values are of Student’s t on n − 1 proteins. Published "
        "values: arcs are the unit as in the paper, the background is taken as known, p-values "
        "are of the normal distribution, and z exists only for the heads whose arcs are known. "
        "z grows with the number of proteins; enrichment does not.",
        r"z = \frac{p - b}{\sqrt{\hat p\,(1-\hat p)\,(1/a_\mathrm{eff} + 1/N)}} \qquad "
        r"\hat p = \frac{a_\mathrm{eff}\,p + N b}{a_\mathrm{eff} + N}",
        "effective arcs (published: arcs), and the N residues or pairs of the background",
        "the paper’s test; Rao and Scott, Biometrics 48, 1992",
        ("precompute.significance.background_z", "precompute.significance.two_sided_p"),
    ),
    Method(
        "false-discovery-rate",
        "False discovery rate",
        "Benjamini and Hochberg’s adjusted p-value over the m kept heads of a model and property. "
        f"Of the heads marked at {ALPHA:g}, at most {100 * ALPHA:g} % are expected to be like the "
        "background. In published values p is known for ten heads; the others count as p = 1, "
        "so marks there are sure to hold.",
        r"q_{(k)} = \min_{j \ge k} \frac{m\,p_{(j)}}{j}",
        "the m kept heads; p two-sided",
        "Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995",
        ("precompute.significance.false_discovery",),
    ),
    Method(
        "bonferroni",
        "Bonferroni",
        f"The stricter mark: the chance of even one wrong mark among the m heads is at most "
        f"{ALPHA:g}.",
        r"p_{\mathrm{adj}} = \min(1, m\,p)",
        "the m kept heads",
        PAPER,
        ("precompute.significance.bonferroni_adjusted",),
    ),
    Method(
        "agreement",
        "Published against measured",
        "A measured value agrees with a published one within the resolution when it lies in the "
        "range the drawing leaves open, and within the interval when that range meets the "
        f"measured interval. Compared at θ = {THRESHOLD:g} with the paper’s denominators only.",
        code=("precompute.heads.compare",),
    ),
)

HEADS: tuple[Method, ...] = (
    Method(
        "offset-profile",
        "Target offsets",
        f"Where the head’s arcs land relative to the residue that attends: shares of the offsets "
        f"j − i from −{MAXIMUM_OFFSET} to +{MAXIMUM_OFFSET} and of all further ones. They sum to "
        "100 %. Negative is towards the N-terminus. The background is how often two residues of "
        "these proteins stand so.",
        r"p(j - i = k)",
        "every arc of the head",
        "this project",
        ("precompute.statistics.share",),
    ),
    Method(
        "special-tokens",
        "Attention to special tokens",
        "The attention that residues give to special tokens ([CLS], [SEP] and the like), as mean "
        "over residues; weights of any size, not arcs.",
        r"\frac{1}{L} \sum_i \sum_{j \in \text{special}} a_{ij}",
        "residues that attend",
        "this project",
        ("precompute.tally.special_attention",),
    ),
    Method(
        "examples",
        "Proteins that show a head",
        f"For each head and property the five proteins with most hits at {THRESHOLD:g}, kept while "
        "counting. Ties go to the protein that comes first in the sample.",
        code=("precompute.tally.Tally",),
    ),
)
