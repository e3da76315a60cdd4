"""The tables of runs over alignments: column attention, and arcs by conservation.

Column attention is that of one sequence of an alignment to the others, column by column. Its
mean over the columns is a matrix of rows × rows for each head.
"""

from __future__ import annotations

import pyarrow as pa

from precompute.tables.columns import (
    ATTENTION,
    DATASET,
    HEAD,
    LAYER,
    LONGEST_NAME,
    MODEL,
    RUN,
    THRESHOLD,
    count_column,
    name_column,
    text_column,
)
from precompute.tables.run_tables import RUN_TABLES
from precompute.tables.table import Column, Table

NOTE = "column attention"
"""The note in `runs` that says what was measured of it; runs without it have none."""

DEFINITIONS = {
    "corrected": "pairs of two different rows, each once; mean over the alignment's columns",
    "published": "all entries of the rows × rows matrices, both triangles and the diagonal; mean "
    "over the alignment's columns, as MsaPhylo has it",
    "published_cls": "as published, with <cls> as one more column, as Lupo et al. have it",
}
"""Over which entries column attention, plus its transpose, is correlated with distance."""

CONTROLS = {
    "none": "the alignment as it is",
    "columns": "its columns in another order",
    "covariance": "each column's residues in another order among the rows",
    "rows": "each row's residues in another order among the columns",
}
"""What is read; distances are always those of the alignment as it is."""

_DEFINITION = name_column("definition", "over which entries: " + ", ".join(DEFINITIONS))
_CONTROL = name_column("control", "what was read: none (as it is), columns, covariance or rows")
_NUMBER = Column("number", pa.int64(), "", "place of the alignment in the sample, from 1", least=1)
_ALIGNMENT = name_column("alignment", "the dataset's own identifier of the alignment")
_ROWS = count_column("rows", "rows", "rows that were read")
_COLUMNS = count_column("columns", "columns", "columns that were read, <cls> not among them")


def _correlation(name: str, what: str) -> Column:
    return Column(name, pa.float64(), "", what, nullable=True, least=-1, most=1)


COLUMN_DISTANCE = Table(
    "column_distance",
    "For every head the correlation of its column attention between two rows with their distance "
    "(share of columns that differ, a gap being a letter): the mean over alignments. Intervals: "
    "95 %, bootstrap over alignments.",
    ("run", "definition", "control", "layer", "head"),
    (
        RUN,
        _DEFINITION,
        _CONTROL,
        LAYER,
        HEAD,
        _correlation("spearman", "mean over alignments; null where none defines it"),
        _correlation("spearman_lower", "lower end; null with fewer than two alignments"),
        _correlation("spearman_upper", "upper end; null with fewer than two alignments"),
        _correlation("pearson", "mean over alignments; null where none defines it"),
        _correlation("pearson_lower", "lower end; null with fewer than two alignments"),
        _correlation("pearson_upper", "upper end; null with fewer than two alignments"),
        count_column("alignments", "alignments", "those that define the correlation"),
    ),
    per_run=True,
    most_rows=100_000,
)

COLUMN_FAMILIES = Table(
    "column_families",
    "As column_distance, of each alignment. Not defined, and null, with fewer than three rows, or "
    "where all distances or all attentions are equal.",
    ("run", "number", "definition", "control", "layer", "head"),
    (
        RUN,
        _NUMBER,
        _ALIGNMENT,
        _ROWS,
        _COLUMNS,
        Column("kept", pa.bool_(), "", "whether its matrices stand in column_matrices"),
        _DEFINITION,
        _CONTROL,
        LAYER,
        HEAD,
        _correlation("spearman", "over pairs of rows"),
        _correlation("pearson", "over pairs of rows"),
    ),
    per_run=True,
    # Five thousand alignments of 144 heads, three definitions and four controls.
    most_rows=8_700_000,
)

COLUMN_REGRESSION = Table(
    "column_regression",
    "How well the column attention of all heads together gives the distance of two rows of an "
    "alignment: a logistic regression of the proportion (Lupo, Sgarbossa and Bitbol, 2022), "
    "fitted to 70 % of the rows and judged on the pairs of the others. No row where none was "
    "asked for.",
    ("run", "number", "definition"),
    (
        RUN,
        _NUMBER,
        _ALIGNMENT,
        name_column(
            "definition",
            "corrected: pairs of different rows, columns of the alignment; published: with each "
            "row beside itself, and <cls> among the columns",
        ),
        count_column("fitted", "rows", "rows of the fit"),
        count_column("judged", "rows", "the other rows"),
        Column("rmse", pa.float64(), "", "root of the mean squared error", True, least=0),
        Column("mae", pa.float64(), "", "mean absolute error", True, least=0),
        Column("r_squared", pa.float64(), "", "1 − squared errors / variance", True, most=1),
        _correlation("pearson", "of distance and what is expected of it"),
        text_column("problem", "why there is no fit", nullable=True),
    ),
    per_run=True,
    most_rows=100_000,
)

CONSERVATION_COUNTS = Table(
    "conservation_counts",
    "For every head and threshold: how many arcs end on each quarter of the alignments' columns "
    "by entropy, with the sums that intervals with the alignment as sampling unit need.",
    ("run", "model", "dataset", "attention", "threshold", "quartile", "layer", "head"),
    (
        RUN,
        MODEL,
        DATASET,
        ATTENTION,
        THRESHOLD,
        Column(
            "quartile",
            pa.int16(),
            "",
            "1: the columns of lowest entropy, the most conserved; 4: the most variable",
            least=1,
            most=4,
        ),
        LAYER,
        HEAD,
        count_column("arcs", "arcs", "residue-to-residue arcs at or above the threshold"),
        count_column("hits", "arcs", "those that end on a column of this quarter"),
        count_column("alignments", "alignments", "alignments with at least one arc"),
        count_column("hits_squared", "arcs²", "sum over alignments of hits²"),
        count_column("hits_arcs", "arcs²", "sum over alignments of hits × arcs"),
        count_column("arcs_squared", "arcs²", "sum over alignments of arcs²"),
        count_column("positives", "residues", "residues of the queries in this quarter"),
        count_column("residues", "residues", "residues of the queries"),
    ),
    per_run=True,
    # 8,192 heads at the 17 thresholds.
    most_rows=600_000,
    parts=(("hits", "arcs"), ("positives", "residues")),
)

COLUMN_TABLES: tuple[Table, ...] = (
    COLUMN_DISTANCE,
    COLUMN_FAMILIES,
    COLUMN_REGRESSION,
    CONSERVATION_COUNTS,
)
"""What a run over alignments has beside `RUN_TABLES`."""


def tables_of_run(notes: str) -> tuple[Table, ...]:
    """Give the tables of which a run has a file, by its notes in `runs`."""
    return (*RUN_TABLES, *COLUMN_TABLES) if f'"{NOTE}":' in notes else RUN_TABLES


COLUMN_MATRICES = Table(
    "column_matrices",
    "One alignment as it was read, and the column attention of all heads in it; of the first "
    "alignments of a run, as many as it was told to keep. See precompute.column_attention.kept.",
    ("run", "number"),
    (
        RUN,
        _NUMBER,
        _ALIGNMENT,
        Column("layers", pa.int16(), "", "number of layers", least=1),
        Column("heads", pa.int16(), "", "heads a layer", least=1),
        Column("names", pa.list_(pa.string()), "", "of the rows, in order", most=LONGEST_NAME),
        Column("texts", pa.list_(pa.string()), "", "the rows, gaps as -", least=1, most=1023),
        Column(
            "attention",
            pa.list_(pa.float16()),
            "attention",
            "of each row to each, mean over the alignment's columns; layer by layer, head by "
            "head, row by row",
            least=0,
            most=1,
        ),
        Column(
            "selectivity",
            pa.list_(pa.float16()),
            "attention",
            "how much each column takes part: the attention in it, mean over rows, that would have "
            "to move for each row to attend evenly to the others; layer by layer, head by head",
            least=0,
            most=1,
        ),
    ),
    per_run=True,
    per_alignment=True,
    most_rows=1,
    # 144 heads of 1,024 rows.
    most_values=160_000_000,
)
