"""What is known of single heads beside their shares: label, target offsets, example proteins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.results import loaded as results
from dashboard.results.frames import offset_profile, row_of, rows_of
from dashboard.results.head import Head
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.shapes import SHAPES
from precompute.features import FEATURES, OFFSET_FEATURES
from precompute.head_labels import HeadLabel, label_heads
from precompute.heads import DENOMINATORS
from precompute.tables import HEAD_EXAMPLES, HEAD_SHAPE, SPECIAL_ATTENTION

SHAPE_MEANS = tuple(SHAPES)
"""What `head_shapes` knows of a head."""
_PLACE = ["layer", "head"]


def _all_arcs(heads: Heads) -> Heads:
    """Give the heads with shares of all arcs: what the rule of labels reads."""
    own = heads if heads.run is None else results.read_heads(heads.source, heads.threshold)
    return own.whole()


@kept(512, lambda heads, _: results.stamp_tables(heads.run, SPECIAL_ATTENTION), of=_all_arcs)
def head_label(heads: Heads, head: Head) -> HeadLabel | None:
    """Label one head by what its source knows; None where it has no such head."""
    rows = pd.concat([row_of(frame, head.layer, head.head) for frame in heads.several(FEATURES)])
    if not len(rows):
        return None
    return label_heads(rows, results.known_table(heads.run, SPECIAL_ATTENTION)).get(
        (head.layer, head.head)
    )


def head_labels(heads: Heads) -> Mapping[tuple[int, int], HeadLabel]:
    """Label every head of a source, once."""
    return results.label_of_heads(_all_arcs(heads))


@kept(512, of=Heads.whole)
def offset_frame(heads: Heads, head: Head) -> pd.DataFrame:
    """Give a head's shares of the target offsets, −10 first and further ones last.

    Returns
    -------
    pandas.DataFrame
        Of `dashboard.results.frames.offset_profile`; empty where the source has no offsets or
        the head is grey.
    """
    return offset_profile(heads.several(OFFSET_FEATURES), head.layer, head.head)


@kept(32, lambda heads: results.stamp_tables(heads.run, HEAD_SHAPE))
def head_shapes(heads: Heads) -> pd.DataFrame:
    """Give what every head of a run is like; empty where its run does not know.

    Returns
    -------
    pandas.DataFrame
        ``layer``, ``head``, ``residues`` that attend, ``entropy`` in bits, ``distance`` in
        residues (NaN where none is attended), ``diagonal_percent`` and ``special_percent``.
    """
    table = results.known_table(heads.run, HEAD_SHAPE)
    if table is None:
        return pd.DataFrame(columns=[*_PLACE, "residues", *SHAPE_MEANS])
    layers, heads_of = heads.source.shape
    there = table["layer"].between(1, layers) & table["head"].between(1, heads_of)
    table = table[there & (table["residues"] > 0)]
    residues = table["residues"]
    return table[[*_PLACE, "residues"]].assign(
        entropy=table["entropy"] / residues,
        distance=table["distance"] / table["to_residues"].where(table["to_residues"] > 0),
        diagonal_percent=100 * table["diagonal"] / residues,
        special_percent=100 * table["special"] / residues,
    )


@kept(512, lambda heads, _: results.stamp_tables(heads.run, HEAD_EXAMPLES))
def examples(heads: Heads, head: Head) -> pd.DataFrame:
    """Give the proteins with most hits of a head, for the property shown; empty where none are.

    Returns
    -------
    pandas.DataFrame
        Rows of ``head_examples``, most hits first.

    Raises
    ------
    AtlasError
        When the run's table cannot be read.
    """
    if heads.run is None:
        return pd.DataFrame(columns=list(HEAD_EXAMPLES.column_names))
    found = results.run_table(heads.run, HEAD_EXAMPLES, layer=head.layer, head=head.head)
    return found[found["feature"] == heads.feature].sort_values("rank", ignore_index=True)


def both_denominators(heads: Heads, head: Head) -> list[dict[str, Any]]:
    """Give a head's row of the property shown with each denominator; empty without a run.

    Raises
    ------
    AtlasError
        When the run's tables cannot be read any more.
    """
    if heads.run is None:
        return []
    both = [results.read_heads(heads.source, heads.threshold, of) for of in DENOMINATORS]
    return _both_rows([of.showing(heads.feature) for of in both], head)


@kept(512)
def _both_rows(both: list[Heads], head: Head) -> list[dict[str, Any]]:
    rows = [row_of(heads.frame, head.layer, head.head) for heads in both]
    return [{str(name): value for name, value in row.iloc[0].items()} for row in rows if len(row)]


@kept(512, lambda heads, _: results.stamp_tables(heads.run, HEAD_SHAPE))
def shapes_of(heads: Heads, head: Head) -> list[dict[str, Any]]:
    """Give what one head is like: a row of `head_shapes`, or none."""
    return rows_of(row_of(head_shapes(heads), head.layer, head.head))
