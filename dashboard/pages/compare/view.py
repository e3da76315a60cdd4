"""Draw the parts of the Compare page: heads, distributions, highest heads, all properties."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.look.tiles import beside, tile
from dashboard.figures.printing.figure import Source
from dashboard.figures.printing.words import print_source
from dashboard.figures.top_heads.top_heads_screen import top_heads_chart
from dashboard.page.chart import drawn, show_chart, show_with_table
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opening import part
from dashboard.page.takeaway import take_along
from dashboard.pages.compare import words
from dashboard.pages.compare.differences_print import differences_figure
from dashboard.pages.compare.differences_screen import difference_map, difference_scatter
from dashboard.pages.compare.distributions_print import distributions_figure
from dashboard.pages.compare.distributions_screen import distributions
from dashboard.pages.compare.frames import Comparison
from dashboard.pages.compare.properties_print import properties_figure
from dashboard.pages.compare.properties_screen import properties_chart
from dashboard.pages.compare.tables import number, property_table, quantile_table, quantiles
from dashboard.pages.compare.tops_print import compare_tops_figure
from dashboard.results.comparisons import ALL_GREY, both_tops
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import highest
from precompute.differences import largest_distance

TOP_PIXELS = 340


@part
def draw_comparison(comparison: Comparison) -> None:
    """Draw every part; heads first where they correspond, distributions first where not."""
    if comparison.pair.same_model:
        draw_heads(comparison)
        draw_distributions(comparison)
        draw_tops(comparison)
    else:
        draw_distributions(comparison)
        draw_tops(comparison)
        draw_heads(comparison)
    draw_properties(comparison)


@part
def draw_heads(comparison: Comparison) -> None:
    """Draw the differences head by head, if heads are compared."""
    if comparison.differences is None:
        return
    st.markdown("##### Head by head")
    said = _head_by_head(comparison)
    if said is None:
        st.text(f"No head has a value of {comparison.label} in both.")
        return
    pair = comparison.pair
    charts = {
        "map": (partial(_map, comparison), said.map),
        "scatter": (partial(_scatter, comparison), said.scatter),
    }
    with st.container(horizontal=True, gap="small"):
        for kind, (chart, alt) in charts.items():
            show_chart(
                chart,
                key=f"differences_{kind}",
                alt=alt,
                file_name=_file_name(comparison, f"differences-{kind}"),
                width=drawn(chart).width,
            )
    st.caption(as_markdown(said.verdict))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Definition", type="tertiary"):
            st.markdown(words.definition(pair))
        take_along(
            lambda: differences_figure(
                own_differences(comparison), pair.names, _print_source(comparison)
            ),
            "compare_heads",
            chart=lambda: beside([chart() for chart, _ in charts.values()]),
        )


@part
def draw_distributions(comparison: Comparison) -> None:
    """Draw both cumulative distributions beside their quantiles."""
    st.markdown("##### Distribution over the heads")
    if all(frame["percent"].isna().all() for frame in comparison.frames):
        st.text(ALL_GREY)
        return
    pair = comparison.pair
    names = (pair.first.long_title, pair.second.long_title)
    chart = partial(_distributions, comparison)
    show_with_table(
        chart,
        quantile_table(comparison),
        key="distributions_chart",
        alt=f"Cumulative distribution of {comparison.label}: {names[0]}; {names[1]}",
        file_name=_file_name(comparison, "distributions"),
    )
    st.caption(as_markdown(_say_distributions(comparison)))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Quantiles", type="tertiary"):
            download_buttons(
                _quantiles(comparison),
                _file_name(comparison, "quantiles"),
                "Quantiles",
                "compare_quantiles",
            )
        take_along(
            partial(distributions_figure, comparison.frames, pair.names, _print_source(comparison)),
            "compare_distributions",
            chart=chart,
        )


@part
def draw_tops(comparison: Comparison) -> None:
    """Draw both sources' ten highest heads side by side."""
    st.markdown("##### Ten highest heads")
    titles = comparison.pair.titles(comparison.feature)
    tops = [
        (title, heads)
        for title, heads in zip(titles, comparison.heads, strict=True)
        if not highest(heads).empty
    ]
    if not tops:
        st.text(ALL_GREY)
        return
    chart = partial(_tops, tops)
    show_chart(
        chart,
        key="compare_top",
        alt=f"Ten highest heads: {'; '.join(', '.join(title) for title, _ in tops)}",
        file_name=_file_name(comparison, "top-heads"),
    )
    st.caption(as_markdown(_say_intervals(comparison)))
    take_along(
        lambda: compare_tops_figure(
            both_tops(comparison.frames),
            [(one.label, f"{one.name}, {one.sample}") for one in comparison.pair.both],
            _print_source(comparison),
        ),
        "compare_tops",
        chart=chart,
    )


@part
def draw_properties(comparison: Comparison) -> None:
    """Draw all properties that both sources have, beside their table."""
    st.markdown(f"##### All {len(comparison.properties)} properties that both have")
    pair = comparison.pair
    chart = partial(_properties, comparison)
    show_with_table(
        chart,
        property_table(comparison),
        key="properties_chart",
        alt=f"Medians over the heads of every property: {' and '.join(pair.names)}",
        file_name=_file_name(comparison, "properties"),
    )
    st.caption(words.properties(pair, comparison.differences is not None))
    with st.container(horizontal=True, gap="medium"):
        if comparison.differences is not None:
            with st.popover("Every head", type="tertiary"):
                download_buttons(
                    comparison.differences,
                    _file_name(comparison, "all-differences"),
                    "Every head",
                    "compare_every_head",
                )
        take_along(
            lambda: properties_figure(
                comparison.properties,
                pair.names,
                print_source((comparison.first, comparison.second)),
            ),
            "compare_properties",
            chart=chart,
        )


class _Said(NamedTuple):
    """What the figures head by head show, in words, and how far heads agree."""

    map: str
    scatter: str
    verdict: str


@kept(512)
def own_differences(comparison: Comparison) -> pd.DataFrame:
    """Give the differences of the property that is shown."""
    every = comparison.differences
    return pd.DataFrame() if every is None else every[every["feature"] == comparison.feature]


@kept(512)
def _head_by_head(comparison: Comparison) -> _Said | None:
    """Say the differences of the property that is shown; None where there are none."""
    known = own_differences(comparison)["difference"].dropna()
    if known.empty:
        return None
    names = comparison.pair.names
    return _Said(
        f"Map of differences: {', '.join(_map_title(comparison))}; {len(known)} heads, "
        f"median difference {known.median():.2f} percentage points",
        f"{_spearman(comparison)}: {len(known)} heads, {names[1]} against {names[0]}",
        words.verdict(comparison.pair, comparison.row),
    )


def _map_title(comparison: Comparison) -> tuple[str, str]:
    names = comparison.pair.names
    return comparison.label, f"{names[1]} − {names[0]}"


def _spearman(comparison: Comparison) -> str:
    return f"Spearman’s rank correlation {number(comparison.row['spearman'])}"


def _map(comparison: Comparison) -> Chart:
    return difference_map(own_differences(comparison), _map_title(comparison))


def _scatter(comparison: Comparison) -> Chart:
    own = own_differences(comparison)
    return difference_scatter(own, comparison.pair.names, _spearman(comparison))


def _distributions(comparison: Comparison) -> Chart:
    first, second = comparison.pair.both
    return distributions(comparison.frames, (first.long_title, second.long_title))


@kept(512)
def _say_distributions(comparison: Comparison) -> str:
    frames = comparison.frames
    return words.distributions(comparison.pair, frames, largest_distance(*frames))


@kept(512)
def _quantiles(comparison: Comparison) -> pd.DataFrame:
    return pd.concat(map(quantiles, comparison.heads), ignore_index=True)


def _tops(tops: list[tuple[tuple[str, str], Heads]]) -> Chart:
    frames = [highest(heads) for _, heads in tops]
    rows = max(map(len, frames))
    figures = [
        top_heads_chart(frame, title, width=TOP_PIXELS, rows=rows)
        for frame, (title, _) in zip(frames, tops, strict=True)
    ]
    return tile(figures, [", ".join(title) for title, _ in tops], most=TOP_PIXELS + 20)


@kept(512)
def _say_intervals(comparison: Comparison) -> str:
    return words.intervals(comparison.pair, comparison.feature, comparison.frames)


def _properties(comparison: Comparison) -> Chart:
    return properties_chart(comparison.properties, comparison.pair.names, comparison.feature)


def _print_source(comparison: Comparison) -> Source:
    return print_source((comparison.first, comparison.second), [comparison.feature])


def _file_name(comparison: Comparison, what: str) -> str:
    first, second = comparison.pair.both
    feature = "" if what in ("all-differences", "properties") else f"_{comparison.feature}"
    return f"atlas_{what}{feature}_{first.key}_{second.key}"
