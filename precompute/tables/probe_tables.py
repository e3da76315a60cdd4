"""The tables of probes: how well a property is read from each layer of a model."""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    CHECKPOINT,
    DATA_READ,
    FORWARD_PASS,
    HEADS_OR_NONE,
    LAYER,
    RUN,
    count_column,
    name_column,
    names_column,
    text_column,
)
from precompute.tables.table import Column, Table

PROBE_RUNS = Table(
    "probe_runs",
    "One row a probing, with everything needed to repeat it; its scores are in `probe_scores`.",
    ("run",),
    (
        RUN,
        *CHECKPOINT,
        HEADS_OR_NONE,
        count_column("width", "numbers", "numbers of a residue's vector in each layer"),
        *DATA_READ,
        count_column("proteins", "proteins", "proteins with a sequence of their own"),
        count_column("residues", "residues", "residues, after truncation"),
        names_column("protein_ids", "identifiers, in the order of the sample"),
        Column(
            "test",
            pa.list_(pa.bool_()),
            "",
            "whether the corrected protocol scores each of them",
        ),
        Column(
            "validation",
            pa.list_(pa.bool_()),
            "",
            "whether the paper's protocol scores each of them",
        ),
        Column("seed", pa.int64(), "", "seed of sample, splits and shuffles"),
        count_column("max_length", "tokens", "longest input, two special tokens included"),
        *FORWARD_PASS,
        text_column("skipped", "what was left out or cut and why, as JSON: reason to count"),
        text_column("notes", "how labels, families and probes were made, as JSON"),
    ),
    most_rows=10_000,
)

PROBE_SCORES = Table(
    "probe_scores",
    "How well a linear probe reads a property from a layer of a model, on proteins that it was "
    "not fitted on.",
    ("run", "task", "source", "layer", "protocol", "control", "score"),
    (
        RUN,
        name_column("task", "what is read, as in precompute.probes.tasks"),
        name_column("source", "embeddings (the layer's vectors) or attention (its weights)"),
        LAYER,
        name_column("protocol", "corrected, or paper: as Vig et al. did"),
        name_column(
            "control", "none; shuffled: labels exchanged between residues of one amino acid"
        ),
        name_column("score", "accuracy, F1, precision at L/20 or precision at L/5"),
        Column("value", pa.float64(), "", "value of the score", nullable=True, least=0, most=1),
        Column("lower", pa.float64(), "", "lower end of its interval", True, 0, 1),
        Column("upper", pa.float64(), "", "upper end of its interval", True, 0, 1),
        count_column("proteins", "proteins", "proteins that are scored"),
        count_column("residues", "residues or pairs", "those of them that are scored"),
    ),
    per_run=True,
)

PROBE_TABLES: tuple[Table, ...] = (PROBE_RUNS, PROBE_SCORES)
