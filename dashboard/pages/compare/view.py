"""Draw the parts of the Compare page: heads, distributions, highest heads, all properties."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.look.plot import side_by_side
from dashboard.figures.printing.figure import Source
from dashboard.figures.printing.words import print_source
from dashboard.figures.top_heads.top_heads_screen import top_heads_svg
from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import choose_threshold
from dashboard.page.drawing import draw
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opening import part
from dashboard.page.tables import html_table
from dashboard.page.takeaway import take_along
from dashboard.pages.compare import words as compare_words
from dashboard.pages.compare.differences_print import differences_figure
from dashboard.pages.compare.differences_screen import (
    difference_map_svg,
    difference_scatter_svg,
    say_heads,
    signed,
)
from dashboard.pages.compare.distributions_print import distributions_figure
from dashboard.pages.compare.distributions_screen import distributions_svg
from dashboard.pages.compare.properties_print import properties_figure
from dashboard.pages.compare.tops_print import compare_tops_figure
from dashboard.pages.compare.words import Pair
from dashboard.results import loaded as results
from dashboard.results.comparisons import both_tops, compare_properties
from dashboard.results.frames import top_heads
from dashboard.results.heads import Heads
from dashboard.results.sources import (
    DEFAULT_THRESHOLD,
    HeadSource,
    every_threshold,
    list_sources,
)
from precompute.differences import distribution, largest_distance
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.heads import PUBLISHED

VIEWS = {"auto": "Distributions", "heads": "Head by head too"}
DEFAULT_FIRST, DEFAULT_SECOND = f"prot_bert:{PUBLISHED}", f"prot_bert_bfd:{PUBLISHED}"
TOP_PIXELS = 340


@dataclass(frozen=True)
class CompareChoice:
    """What a visitor of the page has chosen."""

    first: HeadSource
    second: HeadSource
    feature: str
    threshold: str
    view: str


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two sources with all their properties.

    Attributes
    ----------
    pair
        The sources, and what can be said of them.
    first, second
        Their heads.
    feature
        The property that is shown.
    differences
        Every common property head by head; None where heads are not compared.
    properties
        One row a common property.
    """

    pair: Pair
    first: Heads
    second: Heads
    feature: str
    differences: pd.DataFrame | None
    properties: pd.DataFrame

    @property
    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The head frames of the property that is shown."""
        return self.first.frames[self.feature], self.second.frames[self.feature]


def choose(loaded: results.Loaded) -> tuple[Choices, CompareChoice]:
    """Draw the controls and give what they say."""
    sources = list_sources(loaded)
    choices = Choices(
        "compare",
        (
            Parameter("first", sources, DEFAULT_FIRST),
            Parameter("second", sources, DEFAULT_SECOND),
            Parameter("feature", SHOWN_FEATURES, "contact"),
            Parameter("threshold", every_threshold(sources.values()), DEFAULT_THRESHOLD),
            Parameter("view", VIEWS, "auto"),
        ),
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        for name, label in (("first", "First"), ("second", "Second")):
            st.selectbox(
                label,
                list(sources),
                format_func=lambda key: sources[key].long_title,
                width=330,
                **choices.widget(name),
            )
        first, second = sources[choices["first"]], sources[choices["second"]]
        st.button("Swap", on_click=_swap, args=(choices, first, second), key="compare_swap")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        st.selectbox(
            "Property",
            SHOWN_FEATURES,
            format_func=lambda name: f"{FEATURES[name].label} · {FEATURES[name].group.lower()}",
            width=290,
            **choices.widget("feature"),
        )
        threshold = (
            choose_threshold(choices, every_threshold((first, second)))
            if first.run and second.run
            else str(choices["threshold"])
        )
        if first.model != second.model:
            st.segmented_control(
                "View",
                list(VIEWS),
                format_func=VIEWS.__getitem__,
                required=True,
                **choices.widget("view"),
            )
    return choices, CompareChoice(first, second, choices["feature"], threshold, choices["view"])


def collect(choice: CompareChoice) -> tuple[Comparison | None, list[str], list[str]]:
    """Read both sources and compare them.

    Returns
    -------
    tuple
        The comparison, if there is one; notes; and a sentence for what cannot be shown.
    """
    notes = []
    try:
        threshold = common_threshold(choice)
        if threshold != choice.threshold:
            notes.append(
                f"The paper has the threshold {threshold} only; {threshold} is compared, not "
                f"{choice.threshold}."
            )
        first, second = (
            results.read_heads(one, threshold) for one in (choice.first, choice.second)
        )
        shared = results.proteins_in_common(choice.first, choice.second)
    except AtlasError as error:
        return None, notes, [str(error)]
    pair = Pair(
        *(choice.first, choice.second, threshold),
        *(choice.first.shape, choice.second.shape, shared),
    )
    missing = compare_words.missing_property(pair, choice.feature, first.frames, second.frames)
    if missing:
        return None, notes, [missing]
    by_head = pair.same_shape and (pair.same_model or choice.view == "heads")
    differences, properties = _compared(first.identity, second.identity, by_head, first, second)
    comparison = Comparison(pair, first, second, choice.feature, differences, properties)
    return comparison, [*notes, compare_words.kind(pair)], []


def common_threshold(choice: CompareChoice) -> str:
    """Give the threshold at which both sources are compared.

    Raises
    ------
    AtlasError
        When two runs do not both have the chosen one.
    """
    if choice.first.run is None or choice.second.run is None:
        return DEFAULT_THRESHOLD
    grids = [source.thresholds for source in (choice.first, choice.second)]
    if all(choice.threshold in grid for grid in grids):
        return choice.threshold
    both = [value for value in grids[0] if value in grids[1]]
    raise AtlasError(
        compare_words.no_common_threshold(choice.first, choice.second, choice.threshold, both)
    )


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
    pair = comparison.pair
    names = compare_words.short_names(pair)
    if own["difference"].isna().all():
        st.text(f"No head has a value of {FEATURES[comparison.feature].label} in both.")
        return
    title = (FEATURES[comparison.feature].label, f"{names[1]} − {names[0]}")
    scatter = f"Spearman’s rank correlation {_text(_row(comparison)['spearman'])}"
    draw(
        side_by_side([difference_map_svg(own, title), difference_scatter_svg(own, names, scatter)])
        + '<div class="say" role="status"></div>',
        key="compare_heads",
        says={"": "Point at a cell or dot to read a head.", **say_heads(own)},
    )
    st.caption(as_markdown(compare_words.verdict(pair, _row(comparison))))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Definition", type="tertiary"):
            st.markdown(compare_words.definition(pair))
        take_along(
            partial(differences_figure, own, names, _print_source(comparison)), "compare_heads"
        )


@part
def draw_distributions(comparison: Comparison) -> None:
    """Draw both cumulative distributions beside their quantiles."""
    st.markdown("##### Distribution over the heads")
    frames = comparison.frames
    names = (comparison.pair.first.long_title, comparison.pair.second.long_title)
    label = FEATURES[comparison.feature].label
    with st.container(horizontal=True, gap="medium"):
        with st.container(width="content", gap=None):
            drawing = distributions_svg(
                frames, names, f"Cumulative distribution of {label}: {names[0]}; {names[1]}"
            )
            st.markdown(f'<div style="padding-bottom:1rem">{drawing}</div>', unsafe_allow_html=True)
        with st.container(width="content", gap=None):
            st.html(_quantile_table(frames, compare_words.short_names(comparison.pair)))
    said = compare_words.distributions(comparison.pair, frames, largest_distance(*frames))
    st.caption(as_markdown(said))
    short = compare_words.short_names(comparison.pair)
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Quantiles", type="tertiary"):
            table = pd.concat([distribution(frame) for frame in frames], ignore_index=True)
            download_buttons(
                table, _file_name(comparison, "quantiles"), "Quantiles", "compare_quantiles"
            )
        take_along(
            partial(distributions_figure, frames, short, _print_source(comparison)),
            "compare_distributions",
        )


@part
def draw_tops(comparison: Comparison) -> None:
    """Draw both sources' ten highest heads side by side."""
    st.markdown("##### Ten highest heads")
    drawings = []
    titles = compare_words.titles(comparison.pair, comparison.feature)
    for title, frame in zip(titles, comparison.frames, strict=True):
        top = top_heads(frame)
        if not top.empty:
            drawings.append(top_heads_svg(top, title, width=TOP_PIXELS))
    if not drawings:
        st.text("Every head of both is grey.")
        return
    st.markdown(side_by_side(drawings), unsafe_allow_html=True)
    said = compare_words.intervals(comparison.pair, comparison.feature, comparison.frames)
    st.caption(as_markdown(said))
    take_along(
        lambda: compare_tops_figure(
            both_tops(comparison.frames),
            [(one.label, f"{one.name}, {one.sample}") for one in _both(comparison)],
            _print_source(comparison),
        ),
        "compare_tops",
    )


@part
def draw_properties(comparison: Comparison) -> None:
    """Draw the table of all properties that both sources have."""
    st.markdown(f"##### All {len(comparison.properties)} properties that both have")
    st.html(_property_table(comparison))
    st.caption(compare_words.properties(comparison.pair, comparison.differences is not None))
    pair = comparison.pair
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
                compare_words.short_names(pair),
                print_source((comparison.first, comparison.second)),
                (pair.first.model, pair.second.model),
            ),
            "compare_properties",
        )


def _swap(choices: Choices, first: HeadSource, second: HeadSource) -> None:
    choices.set("first", second.key)
    choices.set("second", first.key)


def _both(comparison: Comparison) -> tuple[HeadSource, HeadSource]:
    return comparison.pair.first, comparison.pair.second


def _row(comparison: Comparison) -> pd.Series:
    own = comparison.properties[comparison.properties["feature"] == comparison.feature]
    return own.iloc[0]


def _print_source(comparison: Comparison) -> Source:
    return print_source((comparison.first, comparison.second), [comparison.feature])


def _file_name(comparison: Comparison, what: str) -> str:
    first, second = comparison.pair.first, comparison.pair.second
    feature = "" if what in ("properties", "all-differences") else f"_{comparison.feature}"
    return f"atlas_{what}{feature}_{first.key}_{second.key}"


def _quantile_table(frames: tuple[pd.DataFrame, pd.DataFrame], names: tuple[str, str]) -> str:
    one, other = (distribution(frame).iloc[0] for frame in frames)
    labels = {
        "q0": "lowest",
        "q5": "5 %",
        "q25": "25 %",
        "q50": "median",
        "q75": "75 %",
        "q95": "95 %",
        "q100": "highest",
    }
    rows = [["kept heads", f"{one['kept']}", f"{other['kept']}", ""]]
    for name, label in labels.items():
        values = (one[name], other[name], other[name] - one[name])
        rows.append(
            [
                label,
                *("–" if pd.isna(value) else f"{value:.2f}" for value in values[:2]),
                "–" if pd.isna(values[2]) else signed(values[2]),
            ]
        )
    return html_table(("quantile, %", *names, "second − first"), rows)


def _property_table(comparison: Comparison) -> str:
    frame = comparison.properties
    by_head = comparison.differences is not None
    tested = by_head and frame["false_discovery"].notna().any()
    columns = ["property", "median, first", "median, second", "second − first", "largest distance"]
    if by_head:
        columns += ["heads", "median difference", "median size", "agree", "Spearman"]
    if tested:
        columns += ["FDR 0.05", "Bonferroni"]
    rows = []
    for row in frame.to_dict("records"):
        cells = [
            FEATURES[row["feature"]].label,
            _text(row["median_1"]),
            _text(row["median_2"]),
            _text(row["median_2"] - row["median_1"], sign=True),
            _text(row["distance"]),
        ]
        if by_head:
            share = row["agree"]
            cells += [
                f"{row['heads']}",
                _text(row["median_difference"], sign=True),
                _text(row["median_absolute"]),
                "–" if pd.isna(share) else f"{100 * share:.0f} %",
                _text(row["spearman"]),
            ]
        if tested:
            cells += [
                "–" if pd.isna(row[name]) else f"{row[name]}"
                for name in ("false_discovery", "bonferroni")
            ]
        rows.append(cells)
    chosen = frame["feature"].tolist().index(comparison.feature)
    return html_table(columns, rows, chosen=chosen)


def _text(value: float, *, sign: bool = False) -> str:
    if pd.isna(value):
        return "–"
    return signed(value) if sign else signed(value).lstrip("+")


@st.cache_resource(show_spinner=False, max_entries=24)
def _compared(
    first: str, second: str, by_head: bool, _first: Heads, _second: Heads
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """Compare every property that both have, once for each state of the results."""
    del first, second  # tell one state of the results from the next
    return compare_properties(_first.tested(), _second.tested(), by_head)
