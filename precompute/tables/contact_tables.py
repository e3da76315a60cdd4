"""The tables of contacts that all heads together give."""

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
    names_column,
    share_column,
    text_column,
)
from precompute.tables.run_tables import RUNS
from precompute.tables.table import Column, Table

METHODS = {
    "mean": "mean of the best heads' corrected maps; of one head, the best one",
    "regression": "the L1 regression of Rao et al. (2021), fitted to the learnt proteins",
    "published_regression": "the regression that the checkpoint's authors fitted",
    "jacobian": "the categorical Jacobian (Zhang et al., 2024)",
    "chance": "any pair: the share of contacts among the pairs",
}
"""How pairs are scored."""

_METHOD = name_column("method", "how pairs are scored: " + ", ".join(METHODS))
_HEADS = Column("heads", pa.int16(), "heads", "heads of the mean; 0 for other methods", least=0)
_PROTEIN = name_column("protein", "the dataset's own identifier of the protein")


CONTACT_RUNS = Table(
    "contact_runs",
    "One row a run of `precompute contacts`, with everything needed to repeat it.",
    ("run",),
    (
        *(
            column
            for column in RUNS.columns
            if column.name not in ("thresholds", "protein_ids", "protein_records", "proteins")
        ),
        count_column("proteins", "proteins", "proteins scored"),
        names_column("protein_ids", "identifiers of the proteins scored"),
        names_column(
            "learnt_ids", "identifiers of the proteins that heads and regression come from"
        ),
        count_column("families", "families", "sequence families of the proteins"),
        text_column("split", "how families were found, none of which is on both sides"),
        name_column("atoms", "between which atoms contacts were learnt: alpha or beta"),
        count_column("kept", "heads", "heads with a weight in the regression"),
    ),
    most_rows=10_000,
)

CONTACT_PRECISION = Table(
    "contact_precision",
    "How many of the pairs scored highest are contacts: the mean over proteins. Pairs count once, "
    "ties go against a method; a protein is left out of a range in which it has no contact or "
    "fewer pairs than residues. Intervals: 95 %, bootstrap over proteins.",
    ("run", "method", "heads", "atoms", "separation", "measure"),
    (
        RUN,
        MODEL,
        DATASET,
        _METHOD,
        _HEADS,
        name_column("atoms", "alpha (C-alpha) or beta (C-beta), less than 8 Å apart"),
        name_column(
            "separation",
            "residues apart: all (6 or more), short (6 to 11), medium (12 to 23), long (24 or "
            "more)",
        ),
        name_column("measure", "precision at L, L/2 or L/5 (L: residues with a place), or average"),
        share_column("precision", "mean over proteins; null where none is scored", nullable=True),
        share_column("lower", "lower end of its interval; null with fewer than two", nullable=True),
        share_column("upper", "upper end of its interval; null with fewer than two", nullable=True),
        count_column("proteins", "proteins", "proteins that are scored"),
    ),
    per_run=True,
    most_rows=10_000,
)

CONTACT_HEADS = Table(
    "contact_heads",
    "For every head its rank among those that are averaged, and its weights in the regressions.",
    ("run", "layer", "head"),
    (
        RUN,
        MODEL,
        DATASET,
        LAYER,
        HEAD,
        Column("rank", pa.int16(), "", "1 is the best head", least=1),
        share_column("precision", "long range, at L/2: mean over the learnt proteins"),
        Column("weight", pa.float64(), "", "in the regression fitted to the learnt proteins"),
        Column(
            "published_weight",
            pa.float64(),
            "",
            "in the regression that the checkpoint's authors fitted; null where it has none",
            nullable=True,
        ),
    ),
    per_run=True,
    most_rows=10_000,
)

CONTACT_PROTEINS = Table(
    "contact_proteins",
    "The proteins of which predicted maps are kept, with their coordinates.",
    ("run", "protein"),
    (
        RUN,
        _PROTEIN,
        Column("sequence", pa.string(), "", "one letter a residue", least=1, most=100_000),
        Column("alpha", pa.list_(pa.float32()), "Å", "C-alpha: x, y, z of each residue, 0 unknown"),
        Column("alpha_known", pa.list_(pa.bool_()), "", "whether a residue's C-alpha is known"),
        Column("beta", pa.list_(pa.float32()), "Å", "C-beta, likewise; empty where none is known"),
        Column("beta_known", pa.list_(pa.bool_()), "", "whether a residue's C-beta is known"),
    ),
    per_run=True,
    most_rows=1_000,
)

CONTACT_MAPS = Table(
    "contact_maps",
    "Predicted maps of a few of the proteins that are scored.",
    ("run", "protein", "method", "heads"),
    (
        RUN,
        _PROTEIN,
        _METHOD,
        _HEADS,
        Column(
            "scores",
            pa.list_(pa.float16()),
            "",
            "of the pairs of residues at least 6 apart, first residue by first residue; the "
            "higher the likelier a contact",
        ),
    ),
    per_run=True,
    most_rows=10_000,
)

CONTACT_RUN_TABLES: tuple[Table, ...] = (
    CONTACT_PRECISION,
    CONTACT_HEADS,
    CONTACT_PROTEINS,
    CONTACT_MAPS,
)
CONTACT_TABLES: tuple[Table, ...] = (CONTACT_RUNS, *CONTACT_RUN_TABLES)
