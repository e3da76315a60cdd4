"""Read sources named as in the pages' addresses, ``model:published`` or ``model:run``.

For figures for print of several sources; without Streamlit.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import pandas as pd

from dashboard.figures.printing.figure import Source
from dashboard.results import reading
from dashboard.results.reading import HeadTables
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.heads import PUBLISHED
from precompute.published import THRESHOLD
from precompute.tables import HEAD_COUNTS, read_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what reading needs beside the names of the sources."""
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        help="results folders of the runs, paths or URLs separated by commas (default: those the "
        "dashboard reads)",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        metavar="X",
        help=f"attention from which on a weight is an arc (default {THRESHOLD:g})",
    )
    reading.add_address(parser)


def read_source(text: str, options: argparse.Namespace) -> HeadTables:
    """Read the heads of one source.

    Parameters
    ----------
    text
        ``model:published`` or ``model:run``.
    options
        Of `add_arguments`.

    Raises
    ------
    AtlasError
        When there is no such source.
    """
    model, colon, results = text.partition(":")
    if not colon or not model or not results:
        raise AtlasError(
            f"{text} names no source; write MODEL:published or MODEL:RUN, such as "
            "tape_bert:published."
        )
    if results == PUBLISHED:
        return reading.read_paper(model, options.threshold)
    return reading.read_run(options.results, results, model, options.threshold)


def join_sources(
    tables: Sequence[HeadTables], features: Sequence[str], permalink: str = ""
) -> Source:
    """Say where the values of several sources come from; what differs is separated by commas."""
    parts = [table.source(permalink=permalink) for table in tables]

    def join(values: Sequence[str]) -> str:
        return ", ".join(dict.fromkeys(value for value in values if value))

    return Source(
        models=join([part.models for part in parts]),
        results=join([part.results for part in parts]),
        dataset=join([part.dataset for part in parts]),
        feature=", ".join(FEATURES[name].label for name in features),
        threshold=join([part.threshold for part in parts]),
        n=join([part.n for part in parts]),
        permalink=permalink,
    )


def read_counts(folders: str | None, table: HeadTables) -> pd.DataFrame:
    """Read a run's counts at its threshold, of one kind of attention.

    Raises
    ------
    AtlasError
        When they cannot be read.
    """
    folder, _ = reading._find_run(folders, table.results, table.model)
    near = (table.threshold - 1e-6, table.threshold + 1e-6)
    counts = read_table(
        folder,
        HEAD_COUNTS,
        run=table.results,
        filters=[("threshold", ">", near[0]), ("threshold", "<", near[1])],
    )
    kinds = sorted(set(counts["attention"]), key=lambda kind: (kind != "self", kind))
    return counts[counts["attention"].isin(kinds[:1])]
