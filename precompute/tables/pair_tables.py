"""The tables of runs over pairs of proteins."""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    CHECKPOINT,
    DATA_READ,
    DATASET,
    FORWARD_PASS,
    HEAD,
    HEADS_OR_NONE,
    LAYER,
    MODEL,
    RUN,
    count_column,
    name_column,
    share_column,
    sum_column,
    text_column,
)
from precompute.tables.table import Column, Table

_RELATION = name_column(
    "relation",
    "same family, different families, one structure, two structures, or not known",
)

PAIR_RUNS = Table(
    "pair_runs",
    "One row a run over pairs, with everything needed to repeat it.",
    ("run",),
    (
        RUN,
        *CHECKPOINT,
        HEADS_OR_NONE,
        *DATA_READ,
        text_column("chosen", "the file that names the pairs, or how many were drawn"),
        Column("seed", pa.int64(), "", "seed of the drawing; null for a file", nullable=True),
        count_column("pairs", "pairs", "pairs measured"),
        count_column("residues", "residues", "residues measured, of both, after truncation"),
        count_column("max_length", "tokens", "longest input, three special tokens included"),
        *FORWARD_PASS,
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
        sum_column("part", "attention", "sum over pairs of the part"),
        sum_column("whole", "attention", "sum over pairs of the whole"),
        sum_column("expected", "attention", "the part of as much attention, spread evenly"),
        sum_column("part_squared", "attention²", "sum over pairs of part²"),
        sum_column("part_whole", "attention²", "sum over pairs of part × whole"),
        sum_column("whole_squared", "attention²", "sum over pairs of whole²"),
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
        share_column(
            "identity",
            "share of the aligned residues that are equal; null where there are none",
            nullable=True,
        ),
        Column(
            "contacts",
            pa.int64(),
            "pairs",
            "residues of both within 8 Å (C-alpha); null where they are not of one structure",
            nullable=True,
            least=0,
        ),
        share_column(
            "same_family",
            "how probable the model holds it that both are of one family; null where it was not "
            "trained to tell",
            nullable=True,
        ),
        share_column(
            "soft_aligned",
            "share of the weight of the model's soft alignment that stands on aligned residues; "
            "null where it makes none or nothing aligns the two",
            nullable=True,
        ),
    ),
    per_run=True,
    most_rows=50_000,
)

PAIR_TABLES: tuple[Table, ...] = (PAIR_ATTENTION, PAIR_SCORES)
"""What a run over pairs has, each in a file of its own."""
