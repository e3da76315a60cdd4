"""The tables of a run: what was counted, and everything needed to repeat it."""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    ATTENTION,
    DATASET,
    FEATURE,
    HEAD,
    LAYER,
    LONGEST_NAME,
    MODEL,
    RUN,
    count_column,
    name_column,
    text_column,
)
from precompute.tables.table import Column, Table

MOST_HEADS = 8_192
"""Heads of a model, over all its layers, at most."""


def _sum(name: str, unit: str, what: str) -> Column:
    """Declare a column of a sum over the residues that attend."""
    return Column(name, pa.float64(), unit, f"sum over these residues: {what}", least=0)


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
        Column(
            "threshold",
            pa.float64(),
            "attention",
            "an arc has at least this weight",
            least=0,
            most=1,
        ),
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
        _sum("entropy", "bits", "entropies of their attention to all tokens, special ones too"),
        _sum("distance", "residues", "their attention to residues times |i − j|"),
        _sum("to_residues", "attention", "their attention to residues"),
        _sum("diagonal", "attention", "their attention to themselves"),
        _sum("special", "attention", "their attention to special tokens"),
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
        MODEL,
        name_column("architecture", "adapter that ran the model"),
        name_column("model_source", "where the weights are published"),
        text_column("model_revision", "revision or file the weights were read from"),
        name_column("weights_sha256", "SHA-256 over the weight files"),
        Column("layers", pa.int16(), "", "number of layers", least=1, most=MOST_HEADS),
        Column("heads", pa.int16(), "", "heads a layer", least=1, most=MOST_HEADS),
        DATASET,
        name_column("dataset_source", "where the dataset is published"),
        name_column("dataset_sha256", "SHA-256 over the data that was read"),
        count_column("dataset_size", "proteins", "proteins in the data file"),
        count_column("proteins", "proteins", "proteins measured"),
        count_column("residues", "residues", "residues measured, after truncation"),
        Column(
            "protein_ids",
            pa.list_(pa.string()),
            "",
            "identifiers, in the order of the sample",
            most=LONGEST_NAME,
        ),
        Column(
            "protein_records", pa.list_(pa.int64()), "", "their record numbers, from 0", least=0
        ),
        Column("seed", pa.int64(), "", "seed of the sample; null when not shuffled", nullable=True),
        Column(
            "thresholds", pa.list_(pa.float64()), "attention", "threshold grid", least=0, most=1
        ),
        count_column("max_length", "tokens", "longest input, two special tokens included"),
        name_column("number_type", "number type of the forward pass"),
        text_column("device", "device of the forward pass"),
        text_column("versions", "versions of the packages used, as JSON"),
        text_column("command", "the command line that asked for the run"),
        name_column("started", "start, UTC, ISO 8601"),
        Column("wall_seconds", pa.float64(), "s", "wall time", least=0),
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
