"""The tables of runs over pairs of proteins."""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    DATASET,
    HEAD,
    LAYER,
    MODEL,
    RUN,
    count_column,
    name_column,
    text_column,
)
from precompute.tables.run_tables import MOST_HEADS
from precompute.tables.table import Column, Table


def _sum(name: str, unit: str, description: str) -> Column:
    return Column(name, pa.float64(), unit, description, least=0)


_RELATION = name_column(
    "relation",
    "same family, different families, one structure, two structures, or not known",
)
_SHARE = {"least": 0.0, "most": 1.0}

PAIR_RUNS = Table(
    "pair_runs",
    "One row a run over pairs, with everything needed to repeat it.",
    ("run",),
    (
        RUN,
        MODEL,
        name_column("architecture", "adapter that ran the model"),
        name_column("model_source", "where the weights are published"),
        text_column("model_revision", "revision or file the weights were read from"),
        name_column("weights_sha256", "SHA-256 over the weight files"),
        Column("layers", pa.int16(), "", "number of layers", least=1, most=MOST_HEADS),
        Column(
            "heads", pa.int16(), "", "heads a layer, 0 without attention", least=0, most=MOST_HEADS
        ),
        DATASET,
        name_column("dataset_source", "where the dataset is published"),
        name_column("dataset_sha256", "SHA-256 over the data that was read"),
        text_column("chosen", "the file that names the pairs, or how many were drawn"),
        Column("seed", pa.int64(), "", "seed of the drawing; null for a file", nullable=True),
        count_column("pairs", "pairs", "pairs measured"),
        count_column("residues", "residues", "residues measured, of both, after truncation"),
        count_column("max_length", "tokens", "longest input, three special tokens included"),
        name_column("number_type", "number type of the forward pass"),
        text_column("device", "device of the forward pass"),
        text_column("versions", "versions of the packages used, as JSON"),
        text_column("command", "the command line that asked for the run"),
        name_column("started", "start, UTC, ISO 8601"),
        Column("wall_seconds", pa.float64(), "s", "wall time", least=0),
        text_column("skipped", "what was cut or left out, as JSON: reason to count"),
        text_column("notes", "how the pairs were read, as JSON"),
    ),
    most_rows=10_000,
)

PAIR_ATTENTION = Table(
    "pair_attention",
    "For every head, relation and measure the part and the whole of its attention, of the mean "
    "attending residue, summed over pairs, with the sums that intervals with the pair as sampling "
    "unit need. The share is part / whole; that of attention spread evenly is expected / whole.",
    ("run", "relation", "measure", "layer", "head"),
    (
        RUN,
        MODEL,
        DATASET,
        _RELATION,
        name_column(
            "measure",
            "within_first, first_to_second, within_second, second_to_first, special, aligned or "
            "contact; see precompute.protein_pairs.tally",
        ),
        LAYER,
        HEAD,
        count_column("pairs", "pairs", "pairs for which the measure is defined"),
        _sum("part", "attention", "sum over pairs of the part"),
        _sum("whole", "attention", "sum over pairs of the whole"),
        _sum("expected", "attention", "the part of as much attention, spread evenly"),
        _sum("part_squared", "attention²", "sum over pairs of part²"),
        _sum("part_whole", "attention²", "sum over pairs of part × whole"),
        _sum("whole_squared", "attention²", "sum over pairs of whole²"),
    ),
    per_run=True,
    # Five relations and seven measures of 8,192 heads.
    most_rows=300_000,
)

PAIR_SCORES = Table(
    "pair_scores",
    "The pairs of a run, one row each, with what the model says of each beside its attention.",
    ("run", "pair"),
    (
        RUN,
        Column("pair", pa.int64(), "", "its place in the run, from 1", least=1),
        name_column("first", "the dataset's own identifier of the first protein"),
        name_column("second", "the dataset's own identifier of the second protein"),
        _RELATION,
        count_column("first_residues", "residues", "residues of the first that were read"),
        count_column("second_residues", "residues", "residues of the second that were read"),
        count_column("first_cut", "residues", "residues of the first that were cut away"),
        count_column("second_cut", "residues", "residues of the second that were cut away"),
        Column(
            "aligned",
            pa.int64(),
            "residues",
            "columns of their family in which both have a residue that was read; null where "
            "nothing aligns the two",
            nullable=True,
            least=0,
        ),
        Column(
            "identity",
            pa.float64(),
            "",
            "share of the aligned residues that are equal; null where there are none",
            nullable=True,
            **_SHARE,
        ),
        Column(
            "contacts",
            pa.int64(),
            "pairs",
            "residues of both within 8 Å (C-alpha); null where they are not of one structure",
            nullable=True,
            least=0,
        ),
        Column(
            "same_family",
            pa.float64(),
            "",
            "how probable the model holds it that both are of one family; null where it was not "
            "trained to tell",
            nullable=True,
            **_SHARE,
        ),
        Column(
            "soft_aligned",
            pa.float64(),
            "",
            "share of the weight of the model's soft alignment that stands on aligned residues; "
            "null where it makes none or nothing aligns the two",
            nullable=True,
            **_SHARE,
        ),
    ),
    per_run=True,
    most_rows=50_000,
)

PAIR_TABLES: tuple[Table, ...] = (PAIR_ATTENTION, PAIR_SCORES)
"""What a run over pairs has, each in a file of its own."""
