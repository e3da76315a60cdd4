"""The part of ``compare`` on column attention: MsaPhylo's values beside the measured ones."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from precompute.commands.lists import print_table
from precompute.published import read_published
from precompute.tables import (
    COLUMN_DISTANCE,
    PUBLISHED_COLUMN_DISTANCE,
    list_runs,
    read_table,
    tables_of_run,
)

_KEY = ["control", "layer", "head"]


def compare_columns(results: str) -> pd.DataFrame:
    """Set each run's column attention beside MsaPhylo's, where the shape is the same.

    Parameters
    ----------
    results
        Results folder.

    Returns
    -------
    pandas.DataFrame
        A row for each run, control and head: ``published`` (Spearman, maximum likelihood trees),
        ``measured`` (the same definition, Hamming distances), ``corrected`` with its interval,
        ``alignments``, and ``difference`` (measured − published).
    """
    published = read_published(PUBLISHED_COLUMN_DISTANCE)
    published = published[published["tree"] == "ml"].rename(columns={"spearman": "published"})
    shape = int(published["layer"].max()), int(published["head"].max())
    frames = []
    for row in list_runs(results).to_dict("records"):
        if COLUMN_DISTANCE not in tables_of_run(row["notes"]):
            continue
        if (row["layers"], row["heads"]) != shape:
            continue
        table = read_table(results, COLUMN_DISTANCE, run=row["run"])
        measured, corrected = (
            table[table["definition"] == name].rename(columns={"spearman": column})
            for name, column in (("published", "measured"), ("corrected", "corrected"))
        )
        ends = ["spearman_lower", "spearman_upper"]
        frames.append(
            published[[*_KEY, "published"]]
            .merge(measured[["run", *_KEY, "measured"]], on=_KEY)
            .merge(corrected[[*_KEY, "corrected", *ends, "alignments"]], on=_KEY)
        )
    if not frames:
        return pd.DataFrame(columns=["run", *_KEY])
    frame = pd.concat(frames, ignore_index=True)
    frame["difference"] = frame["measured"] - frame["published"]
    return frame


def print_columns(frame: pd.DataFrame, *, heads: bool) -> None:
    """Print what `compare_columns` found: a line for each run and control, and every head.

    Parameters
    ----------
    frame
        At least one row.
    heads
        Whether each head is printed too, those of the largest published size first.
    """
    print_table(
        (
            *("run", "column attention", "heads", "alignments", "mean |ρ| published"),
            *("measured", "corrected", "r over heads", "same sign"),
        ),
        [
            summarise_columns(str(run), str(control), part)
            for (run, control), part in frame.groupby(["run", "control"], sort=False)
        ],
    )
    if heads:
        print()
        known = frame.assign(size=frame["published"].abs()).sort_values(
            ["run", "control", "size"], ascending=[True, True, False]
        )
        print_table(
            ("run", "control", "head", "published ρ", "measured ρ", "Δ", "corrected ρ"),
            [_head_line(row) for row in known.to_dict("records")],
        )


def summarise_columns(run: str, control: str, part: pd.DataFrame) -> Sequence[str]:
    """Say in one line how a run's heads agree with the published ones, read in one way."""
    known = part.dropna(subset=["measured", "published"])
    count = f"{len(known)} of {len(part)}"
    if known.empty:
        return run, control, count, "0", "", "", "", "", "no head has a value"
    r = known["published"].corr(known["measured"])
    same = int((known["published"] * known["measured"] > 0).sum())
    sizes = (f"{known[name].abs().mean():.3f}" for name in ("published", "measured", "corrected"))
    most = int(known["alignments"].max())
    return run, control, count, str(most), *sizes, f"{r:+.3f}", str(same)


def _head_line(row: Mapping[Hashable, Any]) -> Sequence[str]:
    def number(name: str) -> str:
        value = row[name]
        return "" if value is None or value != value else f"{value:+.3f}"

    ends = (number("spearman_lower"), number("spearman_upper"))
    interval = f" ({ends[0]} to {ends[1]})" if all(ends) else ""
    return (
        str(row["run"]),
        str(row["control"]),
        f"{row['layer']}-{row['head']}",
        number("published"),
        number("measured"),
        number("difference"),
        number("corrected") + interval,
    )
