"""The tables of probes: how well a property is read from each layer of a model."""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    DATASET,
    LAYER,
    LONGEST_NAME,
    MODEL,
    RUN,
    count_column,
    name_column,
    text_column,
)
from precompute.tables.run_tables import MOST_HEADS
from precompute.tables.table import Column, Table

PROBE_RUNS = Table(
    "probe_runs",
    "One row a probing, with everything needed to repeat it; its scores are in `probe_scores`.",
    ("run",),
    (
        RUN,
        MODEL,
        name_column("architecture", "adapter that ran the model"),
        name_column("model_source", "where the weights are published"),
        text_column("model_revision", "revision or file the weights were read from"),
        name_column("weights_sha256", "SHA-256 over the weight files"),
        Column("layers", pa.int16(), "", "number of layers", least=1, most=MOST_HEADS),
        Column("heads", pa.int16(), "", "heads a layer, 0 without attention", least=0),
        count_column("width", "numbers", "numbers of a residue's vector in each layer"),
        DATASET,
        name_column("dataset_source", "where the dataset is published"),
        name_column("dataset_sha256", "SHA-256 over the data that was read"),
        count_column("proteins", "proteins", "proteins with a sequence of their own"),
        count_column("residues", "residues", "residues, after truncation"),
        Column(
            "protein_ids",
            pa.list_(pa.string()),
            "",
            "identifiers, in the order of the sample",
            most=LONGEST_NAME,
        ),
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
        name_column("number_type", "number type of the forward pass"),
        text_column("device", "device of the forward pass"),
        text_column("versions", "versions of the packages used, as JSON"),
        text_column("command", "the command line that asked for it"),
        name_column("started", "start, UTC, ISO 8601"),
        Column("wall_seconds", pa.float64(), "s", "wall time of the last session", least=0),
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
