"""The tables of published values: the paper's, as read off its figures, and others'."""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    FEATURE,
    HEAD,
    LAYER,
    MODEL,
    count_column,
    name_column,
    text_column,
)
from precompute.tables.table import Column, Table

_SOURCE = "figures of salesforce/provis (BSD-3-Clause), Vig et al., ICLR 2021, arXiv 2006.15222"

PUBLISHED_HEADS = Table(
    "published_heads",
    "Every layer × head value of the paper's 135 heatmaps.",
    ("model", "feature", "layer", "head"),
    (
        MODEL,
        FEATURE,
        LAYER,
        HEAD,
        Column(
            "percent", pa.float64(), "%", "share of the head's arcs that have the property", True
        ),
        Column(
            "resolution",
            pa.float64(),
            "percentage points",
            "half-width of what the drawing allows",
            True,
        ),
        Column("masked", pa.bool_(), "", "fewer than 100 arcs: not shown in the paper"),
        text_column("source", "read off: colour, max bar or top-heads bar", nullable=True),
    ),
    accuracy="colours: ± resolution (half a step of the colour scale); bars: better than 1e-4 "
    "percentage points; cells of the lowest colour read high by up to the resolution",
    source=_SOURCE,
)

PUBLISHED_LAYER_MAXIMA = Table(
    "published_layer_maxima",
    "The largest value of each layer: the bars beside the paper's heatmaps.",
    ("model", "feature", "layer"),
    (
        MODEL,
        FEATURE,
        LAYER,
        Column("max_percent", pa.float64(), "%", "largest percentage among the layer's heads"),
    ),
    accuracy="exact to 1e-5 percentage points",
    source=_SOURCE,
)

PUBLISHED_TOP_HEADS = Table(
    "published_top_heads",
    "The ten highest heads of each model for contacts, binding sites and modifications.",
    ("model", "feature", "rank"),
    (
        MODEL,
        FEATURE,
        Column("rank", pa.int16(), "", "1 is the highest head"),
        LAYER,
        HEAD,
        Column("percent", pa.float64(), "%", "share of the head's arcs that have the property"),
        Column(
            "interval_half_width",
            pa.float64(),
            "percentage points",
            "half-width of the paper's Wald interval at 0.05/m",
        ),
        Column("background_percent", pa.float64(), "%", "the paper's background frequency"),
        Column(
            "heads_scored", pa.int16(), "heads", "m: heads with more than 100 arcs in the model"
        ),
        count_column("arcs", "arcs", "arcs of the head, solved from percent and interval"),
        count_column("hits", "arcs", "arcs that have the property, solved likewise"),
        Column(
            "chance_solutions",
            pa.float64(),
            "",
            "how many other pairs of integers are expected to fit by chance",
        ),
    ),
    accuracy="bars: better than 1e-4 percentage points; arcs and hits are the only integers that "
    "give the drawn bar and interval (see chance_solutions)",
    source=_SOURCE,
)

PUBLISHED_AMINO_ACID_CORRELATIONS = Table(
    "published_amino_acid_correlations",
    "Pearson correlation between two amino acids' attention over a model's heads. The paper has "
    "no such figure of ProtAlbert.",
    ("model", "amino_acid_1", "amino_acid_2"),
    (
        MODEL,
        text_column("amino_acid_1", "one-letter code"),
        text_column("amino_acid_2", "one-letter code"),
        Column("correlation", pa.float64(), "", "Pearson r"),
        Column("resolution", pa.float64(), "", "half-width of what the drawing allows"),
    ),
    accuracy="± resolution (half a step of the colour scale)",
    source=_SOURCE,
)

PUBLISHED_PROBES = Table(
    "published_probes",
    "TapeBert's probes: how well a property is read from a layer's vectors or attention.",
    ("model", "feature", "probe", "layer"),
    (
        MODEL,
        FEATURE,
        text_column("probe", "embedding or attention"),
        LAYER,
        Column("value", pa.float64(), "", "value of the metric"),
        text_column("metric", "F1, precision at L/20 or precision at L/5"),
    ),
    accuracy="read off a vector drawing: better than 1e-4",
    source=_SOURCE,
)

PUBLISHED_LAYER_MEANS = Table(
    "published_layer_means",
    "TapeBert's mean over the kept heads of each layer, with the property's centre of gravity.",
    ("model", "feature", "layer"),
    (
        MODEL,
        FEATURE,
        LAYER,
        Column("mean_percent", pa.float64(), "%", "mean over the layer's kept heads"),
        Column("centre_of_gravity", pa.float64(), "layers", "Σ layer × mean / Σ mean, from 1"),
    ),
    accuracy="read off a vector drawing: better than 1e-4 percentage points",
    source=_SOURCE,
)

PUBLISHED_COLUMN_DISTANCE = Table(
    "published_column_distance",
    "Spearman correlation of ESM-MSA-1b's column attention between two rows with their distance "
    "along a tree: mean over 20 Pfam families, all rows × rows entries, the diagonal among them "
    "(the definition `published` of column_distance).",
    ("model", "tree", "control", "layer", "head"),
    (
        MODEL,
        name_column("tree", "how the trees were made: ml (maximum likelihood) or nj (neighbours)"),
        name_column("control", "what was read: none (as it is), columns, covariance or rows"),
        LAYER,
        HEAD,
        Column("spearman", pa.float64(), "", "mean over families", least=-1, most=1),
        Column("lowest", pa.float64(), "", "that of one family, where known", True, -1, 1),
        Column("highest", pa.float64(), "", "that of one family, where known", True, -1, 1),
        count_column("alignments", "alignments", "families"),
    ),
    accuracy="rounded to 1e-4",
    source="Results/Pfam of Cassie818/MsaPhylo (MIT), Chen, Foley and Bodén, 2026",
)

PUBLISHED_CONTACTS = Table(
    "published_contacts",
    "Precision of contacts that others have published of protein language models.",
    ("label", "test_set", "method", "separation", "measure"),
    (
        text_column("label", "the model as its source calls it"),
        text_column("model", "its name in the registry; null where it has none", nullable=True),
        text_column("test_set", "the proteins scored"),
        text_column("method", "how pairs are scored"),
        text_column("separation", "long: 24 or more residues apart"),
        text_column("measure", "L, L/2 or L/5: among how many pairs"),
        Column("percent", pa.float64(), "%", "precision, mean over proteins", least=0, most=100),
        text_column("source", "where it is published"),
    ),
    accuracy="as printed, to 0.1 percentage points",
    source="facebookresearch/esm (MIT) and arXiv 2606.21876, Rome-1/plm-contact-fusion (MIT)",
)

PUBLISHED_TABLES: tuple[Table, ...] = (
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
    PUBLISHED_AMINO_ACID_CORRELATIONS,
    PUBLISHED_PROBES,
    PUBLISHED_LAYER_MEANS,
    PUBLISHED_COLUMN_DISTANCE,
    PUBLISHED_CONTACTS,
)
