"""Sentences and tables about amino acids beside a substitution matrix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dashboard.page.prose import read_prose
from dashboard.page.tables import html_table
from dashboard.results.amino_acids import Correlations
from dashboard.results.frames import rows_of
from dashboard.results.kept import kept
from precompute.features import AMINO_ACIDS
from precompute.pairs import pair_name, paper_agreement
from precompute.published import MINIMUM_ARCS
from precompute.similarity import DRAWINGS, RESAMPLES, SEED
from precompute.substitution import PERMUTATIONS

_SAID = (
    *("correlation", "heads_lower", "heads_upper", "score", "residual"),
    *("paper_correlation", "paper_resolution"),
)


@kept(512)
def similarity_html(table: pd.DataFrame, chosen: Correlations | None) -> str:
    """Write the comparison of all sources with a matrix as a table."""
    columns = (
        *("model", "results", "threshold", "heads", "Pearson r (heads)", "drawing"),
        *("paper’s figure", "Spearman ρ (heads)", "Mantel p of r", "of ρ"),
    )
    own = chosen and (chosen.source.model, chosen.source.results)
    sources = list(zip(table.get("model", ()), table.get("results", ()), strict=True))
    rows = [
        (
            str(row["label"]),
            (f"measured, {row['dataset']}", f"run {row['results']}")
            if row["dataset"]
            else "published",
            f"{row['threshold']:.2f}",
            f"{row['heads']}",
            with_span(row["pearson"], row["pearson_heads_lower"], row["pearson_heads_upper"]),
            span(row["drawing_lower"], row["drawing_upper"], 3),
            number(row["paper_pearson"], 3),
            with_span(row["spearman"], row["spearman_heads_lower"], row["spearman_heads_upper"]),
            p_value(row["mantel_p_pearson"], int(row["permutations"])),
            p_value(row["mantel_p_spearman"], int(row["permutations"])),
        )
        for row in rows_of(table)
    ]
    place = sources.index(own) if own in sources else None
    return html_table(columns, rows, text=2, chosen=place)


@kept(512)
def deviating_html(frame: pd.DataFrame, matrix: str) -> str:
    """Write pairs of amino acids with their residuals as a table."""
    columns = ("pair", matrix, "r (heads)", "expected", "residual", "standardised")
    rows = [
        (
            " – ".join(
                f"{AMINO_ACIDS[str(row[key])]} {row[key]}"
                for key in ("amino_acid_1", "amino_acid_2")
            ),
            signed(row["score"], "g"),
            with_span(row["correlation"], row["heads_lower"], row["heads_upper"]),
            number(row["expected"]),
            signed(row["residual"], "+.2f"),
            signed(row["standardised_residual"], "+.1f"),
        )
        for row in rows_of(frame)
    ]
    return html_table(columns, rows)


def prose(part: str, **more: str) -> str:
    """Give a part of ``words.md``, in Markdown of our own words only, its gaps filled in."""
    text = read_prose(Path(__file__).with_name("words.md"))[part]
    numbers = {"resamples": RESAMPLES, "drawings": DRAWINGS, "permutations": PERMUTATIONS}
    return text.format(**numbers, seed=SEED, **more)


def says(frame: pd.DataFrame, matrix: str) -> dict[str, str]:
    """Say each pair's numbers, for the line below the charts, by the names of the pairs."""
    says = {}
    letters = [frame[name].astype(str).tolist() for name in ("amino_acid_1", "amino_acid_2")]
    columns = [frame[name].to_numpy(dtype=float, na_value=np.nan).tolist() for name in _SAID]
    for one, other, *values in zip(*letters, *columns, strict=True):
        r, low, high, score, residual, paper, resolution = values
        said = (
            f"{AMINO_ACIDS[one]} – {AMINO_ACIDS[other]}: r {number(r)} "
            f"({span(low, high)} over heads), "
            f"{matrix} {signed(score, 'g')}, residual {signed(residual, '+.2f')}"
        )
        if not np.isnan(paper):
            said += f"; paper’s figure {number(paper, 3)} ± {resolution:.3f}"
        says[pair_name(one, other)] = said
    return says


def summary(own: Correlations, frame: pd.DataFrame, row: Mapping[str, Any]) -> str:
    """Sum the drawing up: statistics, intervals, n, and how the paper's own figure agrees."""
    said = (
        f"{own.source.title}, {own.source.sample}, {own.vectors.count} heads with at least "
        f"{MINIMUM_ARCS} arcs, threshold {own.threshold:g}. Pearson r {number(row['pearson'])}, "
        f"{span(row['pearson_heads_lower'], row['pearson_heads_upper'])} over resampled heads"
    )
    if own.drawn is not None:
        said += (
            f", {span(row['drawing_lower'], row['drawing_upper'], 3)} over what the drawing allows"
        )
    said += ". Orange: least-squares line; named: the pairs furthest from it."
    if frame["paper_correlation"].notna().all():
        meet, middle, largest = paper_agreement(frame)
        said += (
            f" The paper’s own figure of these correlations: {meet} of {len(frame)} pairs agree "
            f"within what both drawings allow; median difference {middle:.4f}, largest "
            f"{largest:.4f}."
        )
    return said


def number(value: float, digits: int = 2) -> str:
    """Write a number with a true minus sign; nothing where it is empty."""
    return "" if pd.isna(value) else f"{value:.{digits}f}".replace("-", "−")


def signed(value: float, form: str) -> str:
    """Write a number in a format of one's own with a true minus sign."""
    return "" if pd.isna(value) else format(value, form).replace("-", "−")


def span(low: float, high: float, digits: int = 2) -> str:
    """Write an interval; nothing where it is empty."""
    return "" if pd.isna(low) else f"{number(low, digits)} to {number(high, digits)}"


def with_span(value: float, low: float, high: float) -> str:
    """Write a number with its interval in brackets, where it has one."""
    between = span(low, high)
    return f"{number(value)} ({between})" if between else number(value)


def p_value(p: float, permutations: int) -> str:
    """Write a p-value of a permutation test, which cannot be smaller than its smallest."""
    smallest = 1 / (1 + permutations)
    return f"≤ {smallest:.1g}" if p <= smallest * 1.000001 else f"{p:.2g}"
