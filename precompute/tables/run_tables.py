"""The tables of a run: what was counted, and everything needed to repeat it."""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    ATTENTION,
    CHECKPOINT,
    DATA_READ,
    DATASET,
    FEATURE,
    FORWARD_PASS,
    HEAD,
    LAYER,
    MODEL,
    MOST_HEADS,
    RUN,
    THRESHOLD,
    count_column,
    name_column,
    names_column,
    sum_column,
    text_column,
)
from precompute.tables.table import Column, Table

HEAD_COUNTS = Table(
    "head_counts",
    "For every head, property and threshold: how many arcs there are and how many have the "
    "property, with the sums that intervals with the protein as sampling unit need.",
    ("run", "model", "dataset", "attention", "feature", "threshold", "layer", "head"),
    (
        RUN,
        MODEL,
        DATASET,
        ATTENTION,
        FEATURE,
        THRESHOLD,
        LAYER,
        HEAD,
        count_column("arcs", "arcs", "residue-to-residue arcs at or above the threshold"),
        count_column("eligible", "arcs", "those for which the property is defined"),
        count_column("hits", "arcs", "those that have the property"),
        count_column("proteins", "proteins", "proteins with at least one arc"),
        count_column("hits_squared", "arcs²", "sum over proteins of hits²"),
        count_column("hits_arcs", "arcs²", "sum over proteins of hits × arcs"),
        count_column("arcs_squared", "arcs²", "sum over proteins of arcs²"),
        count_column("hits_eligible", "arcs²", "sum over proteins of hits × eligible"),
        count_column("eligible_squared", "arcs²", "sum over proteins of eligible²"),
    ),
    per_run=True,
    # 8,192 heads of 60 properties at the 17 thresholds; ESM-2 of 15 billion has 1,920 heads.
    most_rows=8_400_000,
    parts=(("hits", "eligible"), ("eligible", "arcs")),
)

HEAD_EXAMPLES = Table(
    "head_examples",
    "For every head and property the five proteins with most hits at threshold 0.3; ties go to "
    "the protein that comes first in the sample.",
    ("run", "model", "dataset", "attention", "feature", "layer", "head", "rank"),
    (
        RUN,
        MODEL,
        DATASET,
        ATTENTION,
        FEATURE,
        LAYER,
        HEAD,
        Column("rank", pa.int16(), "", "1 is the protein with most hits", least=1),
        name_column("protein", "the dataset's own identifier of the protein"),
        name_column("chain", "chain identifier where the dataset names one", nullable=True),
        count_column("arcs", "arcs", "arcs of this head in this protein"),
        count_column("hits", "arcs", "those that have the property"),
    ),
    per_run=True,
    most_rows=2_500_000,
    parts=(("hits", "arcs"),),
)

BACKGROUND = Table(
    "background",
    "How often the property holds without regard to attention. 'published': the paper's "
    "definition, over every chain of the data file. 'corrected': over the residues, or the "
    "eligible ordered pairs, of the very proteins that the heads were measured on.",
    ("run", "dataset", "feature", "definition"),
    (
        RUN,
        DATASET,
        FEATURE,
        name_column("definition", "published or corrected"),
        count_column("positives", "residues or pairs", "those that have the property"),
        count_column("eligible", "residues or pairs", "those for which it is defined"),
        count_column("proteins", "proteins", "proteins counted"),
    ),
    per_run=True,
    most_rows=10_000,
    parts=(("positives", "eligible"),),
)

SPECIAL_ATTENTION = Table(
    "special_attention",
    "The attention that residues give to special tokens (such as [CLS] and [SEP]), per head.",
    ("run", "model", "dataset", "attention", "layer", "head"),
    (
        RUN,
        MODEL,
        DATASET,
        ATTENTION,
        LAYER,
        HEAD,
        count_column("residues", "residues", "attending residues"),
        Column(
            "weight",
            pa.float64(),
            "attention",
            "sum of their attention to special tokens; divide by residues for the mean share",
            least=0,
        ),
    ),
    per_run=True,
    most_rows=10_000,
)

HEAD_SHAPE = Table(
    "head_shape",
    "What a head is like whatever stands where, in weights of any size: sums over the residues "
    "that attend. Runs from before this table have none.",
    ("run", "model", "dataset", "attention", "layer", "head"),
    (
        RUN,
        MODEL,
        DATASET,
        ATTENTION,
        LAYER,
        HEAD,
        count_column("residues", "residues", "attending residues"),
        sum_column(
            "entropy",
            "bits",
            "sum of the entropies of their attention to all tokens, special ones too",
        ),
        sum_column(
            "distance",
            "residues",
            "sum of their attention to residues times |i − j|",
        ),
        sum_column("to_residues", "attention", "sum of their attention to residues"),
        sum_column("diagonal", "attention", "sum of their attention to themselves"),
        sum_column("special", "attention", "sum of their attention to special tokens"),
    ),
    per_run=True,
    most_rows=10_000,
)

RUNS = Table(
    "runs",
    "One row a run, with everything needed to repeat it.",
    ("run",),
    (
        RUN,
        *CHECKPOINT,
        Column("heads", pa.int16(), "", "heads a layer", least=1, most=MOST_HEADS),
        *DATA_READ,
        count_column("dataset_size", "proteins", "proteins in the data file"),
        count_column("proteins", "proteins", "proteins measured"),
        count_column("residues", "residues", "residues measured, after truncation"),
        names_column("protein_ids", "identifiers, in the order of the sample"),
        Column(
            "protein_records", pa.list_(pa.int64()), "", "their record numbers, from 0", least=0
        ),
        Column("seed", pa.int64(), "", "seed of the sample; null when not shuffled", nullable=True),
        Column(
            "thresholds", pa.list_(pa.float64()), "attention", "threshold grid", least=0, most=1
        ),
        count_column("max_length", "tokens", "longest input, two special tokens included"),
        *FORWARD_PASS,
        text_column(
            "skipped",
            "what was left out or cut and why, as JSON: reason to count; files: file to sentence",
        ),
        text_column(
            "notes", "how labels were made, and which letters the model does not know, as JSON"
        ),
    ),
    most_rows=10_000,
)

RUN_TABLES: tuple[Table, ...] = (HEAD_COUNTS, BACKGROUND, HEAD_EXAMPLES, SPECIAL_ATTENTION)
"""What every run has."""

LATER_TABLES: tuple[Table, ...] = (HEAD_SHAPE,)
"""What runs have beside them that were not measured before there were these tables."""
