"""``compare``: the published values beside the measured ones, head by head."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from precompute.commands.compare_columns import compare_columns, print_columns
from precompute.commands.lists import print_table
from precompute.errors import AtlasError
from precompute.features import PAPER_FEATURES
from precompute.heads import compare as compare_heads
from precompute.heads import measured_heads, published_heads
from precompute.models import MODELS
from precompute.published import THRESHOLD, read_published
from precompute.spreadsheet import as_cells
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    PUBLISHED_COLUMN_DISTANCE,
    PUBLISHED_CONTACTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
    list_runs,
    read_table,
)
from precompute.tables.storage import part_of

_PUBLISHED_BY_OTHERS = {
    PUBLISHED_COLUMN_DISTANCE: "column attention and distance (MsaPhylo), compared below where the "
    "run has it",
    PUBLISHED_CONTACTS: "precision of contacts, on the page Contacts",
}


def compare(options: argparse.Namespace) -> None:
    """Print how each run's heads differ from the paper's, and by how much.

    A line for every run and property; with ``--heads`` one for every head too, largest
    difference first; with ``--csv`` all of them into a file. Column attention of alignments is
    set beside MsaPhylo's; it goes to a file of its own, whose name ends in ``-columns``.
    """
    frame = compare_results(options.results)
    columns = compare_columns(options.results)
    if frame.empty and columns.empty:
        raise AtlasError(
            f"{options.results} holds no run that can be compared with what is published."
        )
    if not frame.empty:
        rows = [
            summarise(str(run), str(feature), part)
            for (run, feature), part in frame.groupby(["run", "feature"], sort=False)
        ]
        print_table(
            ("run", "property", "heads", "within ±", "within interval", "median |Δ|", "largest Δ"),
            rows,
        )
        if options.heads:
            print()
            print_heads(frame)
    if not columns.empty:
        print_columns(columns, heads=options.heads)
    if options.csv:
        path = Path(options.csv)
        for part, where in ((frame, path), (columns, path.with_stem(f"{path.stem}-columns"))):
            if not part.empty:
                _write_csv(part, where)
                print(f"\n{len(part):,} heads written to {where}")


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    partial = part_of(path)
    try:
        as_cells(frame).to_csv(partial, index=False)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise AtlasError(f"{path} cannot be written ({error.strerror}).") from error


def compare_results(results: str) -> pd.DataFrame:
    """Compare every run of a results folder whose model the paper has, in the same shape.

    Returns
    -------
    pandas.DataFrame
        As `precompute.heads.compare` gives it, one run below the other; empty where there is
        none.
    """
    published = published_heads(
        read_published(PUBLISHED_HEADS),
        read_published(PUBLISHED_TOP_HEADS),
        read_published(PUBLISHED_LAYER_MAXIMA),
    )
    frames, left_out = [], []
    for row in list_runs(results).to_dict("records"):
        model = MODELS.get(row["model"])
        if model is None or not model.in_paper:
            left_out.append(f"{row['run']}: {_not_in_paper(row['model'])}")
            continue
        if (row["layers"], row["heads"]) != (model.layers, model.heads):
            left_out.append(
                f"{row['run']}: {row['layers']} × {row['heads']} heads, and the paper's "
                f"{model.label} has {model.layers} × {model.heads}"
            )
            continue
        counts = read_table(
            results,
            HEAD_COUNTS,
            run=row["run"],
            filters=[("threshold", "==", THRESHOLD), ("feature", "in", list(PAPER_FEATURES))],
        )
        background = read_table(results, BACKGROUND, run=row["run"])
        measured = measured_heads(counts, background, row["run"], row["layers"], row["heads"])
        frames.append(compare_heads(published, measured))
    for sentence in left_out:
        print(f"Not compared: {sentence}.")
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _not_in_paper(model: str) -> str:
    """Say that the paper has not got a model, and what others have published of it."""
    said = f"the paper has no {model}, and shares of arcs are published of its models alone"
    found = [
        words
        for table, words in _PUBLISHED_BY_OTHERS.items()
        if model in set(read_published(table)["model"])
    ]
    return f"{said}; published of {model}: {' and '.join(found)}" if found else said


def summarise(run: str, feature: str, part: pd.DataFrame) -> tuple[str, ...]:
    """Say in one line how the heads of a run and property differ from the paper's."""
    known = part[part["difference"].notna()]
    if known.empty:
        return run, feature, f"0 of {len(part)}", "", "", "", "no head has a value in both"
    size = known["difference"].abs()
    worst = known.iloc[int(size.to_numpy().argmax())]
    return (
        run,
        feature,
        f"{len(known)} of {len(part)}",
        f"{int(known['within_resolution'].sum())}",
        f"{int(known['within_interval'].fillna(False).sum())}",
        f"{size.median():.2f}",
        f"{worst['difference']:+.2f} at {worst['layer']}-{worst['head']} "
        f"({worst['published_percent']:.2f} → {worst['measured_percent']:.2f} %)",
    )


def print_heads(frame: pd.DataFrame) -> None:
    """Print every head with its two values, largest difference first within a property."""
    known = frame[frame["difference"].notna()].copy()
    known["size"] = known["difference"].abs()
    known["inside"] = known["within_interval"].map({True: "yes", False: "no"}).fillna("")
    known = known.sort_values(["run", "feature", "size"], ascending=[True, True, False])
    print_table(
        ("run", "property", "head", "published, %", "measured, %", "Δ", "within ±", "in interval"),
        [
            (
                str(row.run),
                str(row.feature),
                f"{row.layer}-{row.head}",
                f"{row.published_percent:.2f} ± {row.resolution:.2f}",
                f"{row.measured_percent:.2f} "
                f"({row.interval_lower:.2f} to {row.interval_upper:.2f})",
                f"{row.difference:+.2f}",
                "yes" if row.within_resolution else "no",
                str(row.inside),
            )
            for row in known.itertuples()
        ],
    )
