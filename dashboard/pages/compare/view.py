"""Draw the parts of the Compare page: heads, distributions, highest heads, all properties."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.look.tiles import beside
from dashboard.figures.printing.figure import Source
from dashboard.figures.printing.words import print_source
from dashboard.figures.top_heads.top_heads_screen import top_heads_chart
from dashboard.page.chart import show_chart, show_with_table
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
from dashboard.pages.compare.tables import number, property_table, quantile_table
from dashboard.pages.compare.tops_print import compare_tops_figure
from dashboard.results.comparisons import both_tops
from dashboard.results.frames import top_heads
from precompute.differences import distribution, largest_distance

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
    own = comparison.differences[comparison.differences["feature"] == comparison.feature]
    st.markdown("##### Head by head")
    pair, label = comparison.pair, comparison.label
    if own["difference"].isna().all():
        st.text(f"No head has a value of {label} in both.")
        return
    names = pair.names
    title = (label, f"{names[1]} − {names[0]}")
    known = own["difference"].dropna()
    spearman = f"Spearman’s rank correlation {number(comparison.row['spearman'])}"
    charts = {
        "map": (
            difference_map(own, title),
            f"Map of differences: {', '.join(title)}; {len(known)} heads, "
            f"median difference {known.median():.2f} percentage points",
        ),
        "scatter": (
            difference_scatter(own, names, spearman),
            f"{spearman}: {len(known)} heads, {names[1]} against {names[0]}",
        ),
    }
    with st.container(horizontal=True, gap="small"):
        for kind, (figure, alt) in charts.items():
            with st.container(width=int(figure.layout.width), gap=None):
                show_chart(
                    figure,
                    key=f"differences_{kind}",
                    alt=alt,
                    file_name=_file_name(comparison, f"differences-{kind}"),
                )
    st.caption(as_markdown(words.verdict(pair, comparison.row)))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Definition", type="tertiary"):
            st.markdown(words.definition(pair))
        take_along(
            partial(differences_figure, own, names, _print_source(comparison)),
            "compare_heads",
            chart=lambda: beside([figure for figure, _ in charts.values()]),
        )


@part
def draw_distributions(comparison: Comparison) -> None:
    """Draw both cumulative distributions beside their quantiles."""
    st.markdown("##### Distribution over the heads")
    pair, frames = comparison.pair, comparison.frames
    names = (pair.first.long_title, pair.second.long_title)
    figure = distributions(frames, names)
    show_with_table(
        figure,
        quantile_table(comparison),
        key="distributions_chart",
        alt=f"Cumulative distribution of {comparison.label}: {names[0]}; {names[1]}",
        file_name=_file_name(comparison, "distributions"),
    )
    st.caption(as_markdown(words.distributions(pair, frames, largest_distance(*frames))))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Quantiles", type="tertiary"):
            table = pd.concat([distribution(frame) for frame in frames], ignore_index=True)
            download_buttons(
                table, _file_name(comparison, "quantiles"), "Quantiles", "compare_quantiles"
            )
        take_along(
            partial(distributions_figure, frames, pair.names, _print_source(comparison)),
            "compare_distributions",
            chart=figure,
        )


@part
def draw_tops(comparison: Comparison) -> None:
    """Draw both sources' ten highest heads side by side."""
    st.markdown("##### Ten highest heads")
    titles = comparison.pair.titles(comparison.feature)
    tops = [
        (title, top)
        for title, frame in zip(titles, comparison.frames, strict=True)
        if not (top := top_heads(frame)).empty
    ]
    if not tops:
        st.text("Every head of both is grey.")
        return
    charts = [top_heads_chart(top, title, width=TOP_PIXELS) for title, top in tops]
    with st.container(horizontal=True, gap="medium"):
        for place, (chart, (title, _)) in enumerate(zip(charts, tops, strict=True), 1):
            with st.container(width=TOP_PIXELS, gap=None):
                show_chart(
                    chart,
                    key=f"compare_top_{place}",
                    alt=f"Ten highest heads: {', '.join(title)}",
                    file_name=_file_name(comparison, f"top-heads-{place}"),
                )
    said = words.intervals(comparison.pair, comparison.feature, comparison.frames)
    st.caption(as_markdown(said))
    take_along(
        lambda: compare_tops_figure(
            both_tops(comparison.frames),
            [(one.label, f"{one.name}, {one.sample}") for one in comparison.pair.both],
            _print_source(comparison),
        ),
        "compare_tops",
        chart=lambda: beside(charts),
    )


@part
def draw_properties(comparison: Comparison) -> None:
    """Draw all properties that both sources have, beside their table."""
    st.markdown(f"##### All {len(comparison.properties)} properties that both have")
    pair = comparison.pair
    figure = properties_chart(comparison.properties, pair.names, comparison.feature)
    show_with_table(
        figure,
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
            chart=figure,
        )


def _print_source(comparison: Comparison) -> Source:
    return print_source((comparison.first, comparison.second), [comparison.feature])


def _file_name(comparison: Comparison, what: str) -> str:
    first, second = comparison.pair.both
    feature = "" if what in ("all-differences", "properties") else f"_{comparison.feature}"
    return f"atlas_{what}{feature}_{first.key}_{second.key}"
