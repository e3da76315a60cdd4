"""Draw the heads of one to five models clustered by what they do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.look.style import categories
from dashboard.figures.look.tiles import beside
from dashboard.page.address import Choices, Parameter
from dashboard.page.chart import drawn, show_chart
from dashboard.page.controls import choose_from, choose_several, row
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown, element_key
from dashboard.page.opening import part, show_notes
from dashboard.page.tables import html_table
from dashboard.page.takeaway import take_along
from dashboard.page.unfold import unfold
from dashboard.pages.compare.clusters_print import print_clusters
from dashboard.pages.compare.clusters_screen import cluster_map
from dashboard.results import loaded as results
from dashboard.results.frames import rows_of
from dashboard.results.head_clusters import (
    COUNTS,
    DEFAULT_COUNT,
    MOST_SOURCES,
    HeadClusters,
    cluster_sources,
    label_of,
)
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, paper_models, run_among
from precompute.errors import AtlasError
from precompute.heads import PUBLISHED
from precompute.published import MINIMUM_ARCS

_MORE = 3
"""Properties that the table names of each cluster."""
DEFINITION = (
    "A head is the list of what it does: the share of its arcs that has each property, all arcs in "
    "the denominator, and, where every run chosen knows it, what it is like in attention of any "
    "weight (entropy, distance attended, on the diagonal, to special tokens). Each is standardised "
    "over the heads of all that is chosen, so that all count the same; the twenty amino acids are "
    "twenty of them. Heads are joined by **Ward’s linkage** (Ward, J. Am. Stat. Assoc. 58, 1963) "
    "of Euclidean distances, and the tree is cut into as many clusters as are asked for. They are "
    "numbered by size and named by what their heads do at least half a standard deviation more "
    "than the mean of all. The order of models changes nothing; which models are chosen does, and "
    "clusters are a way to read heads, not a test. [Methods](Methods#head-clusters)"
)


def cluster_parameters(sources: Mapping[str, HeadSource]) -> tuple[Parameter, Parameter]:
    """Give what the address names of this part: whose heads, and how many clusters."""
    papers = tuple(f"{model}:{PUBLISHED}" for model in paper_models())
    return (
        Parameter("clustered", sources, papers, most=MOST_SOURCES),
        Parameter("clusters", tuple(map(str, COUNTS)), str(DEFAULT_COUNT)),
    )


@part
def draw_clusters(choices: Choices, sources: Mapping[str, HeadSource]) -> None:
    """Draw the choice, a map a source, and what each cluster's heads do."""
    st.markdown("##### Heads clustered by what they do")
    with row():
        keys = choose_several(
            choices,
            "clustered",
            f"Models and runs (at most {MOST_SOURCES})",
            lambda key: sources[key].title if sources[key].run is None else sources[key].long_title,
            placeholder="Choose models",
            width=640,
        )
        wanted = int(choose_from(choices, "clusters", "Clusters", width=110))
    if not keys:
        show_notes(["Choose a model to see its heads clustered."])
        return
    # In one order whatever was chosen first: the same choice is then worked out once.
    chosen = [_read(sources[key]) for key in sources if key in keys]
    show_notes([one for one in chosen if isinstance(one, str)])
    heads = [one for one in chosen if isinstance(one, Heads)]
    if not heads:
        return
    clusters = cluster_sources(heads, wanted)
    shown = [own.source for own in heads]
    charts = [partial(_map, clusters, one, run_among(one, shown)) for one in shown]
    with st.container(horizontal=True, gap="small"):
        for own, chart in zip(heads, charts, strict=True):
            show_chart(
                chart,
                key=element_key("clusters", own.model, own.source.results),
                alt=_say(clusters, own.source),
                file_name=f"atlas_clusters_{own.source.key}",
                width=drawn(chart).width,
            )
    st.html(cluster_table(clusters, heads))
    st.caption(as_markdown(_summary(clusters, wanted)))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("What clusters are", type="tertiary"):
            st.markdown(DEFINITION)
        with st.container(width="content"):
            unfold("All means and tables", "clusters_more", partial(_draw_means, clusters, heads))
        take_along(
            partial(print_clusters, clusters, heads),
            "compare_clusters",
            chart=lambda: beside([chart() for chart in charts]),
        )


def _read(source: HeadSource) -> Heads | str:
    """Read a source's heads, or say why they cannot be."""
    try:
        return results.read_heads(source, DEFAULT_THRESHOLD)
    except AtlasError as error:
        return str(error)


def _map(clusters: HeadClusters, source: HeadSource, run: str) -> Chart:
    below = f"{run}, {source.basis}" if run else source.basis
    return cluster_map(clusters.own(source.key), clusters.names, (source.label, below))


@kept(512)
def _say(clusters: HeadClusters, source: HeadSource) -> str:
    """Say a map in words: how many heads of each cluster a model has."""
    own = clusters.own(source.key)["cluster"].dropna().tolist()
    said = [f"{name} {own.count(number)}" for number, name in enumerate(clusters.names, 1)]
    return f"Heads of {source.long_title} by cluster: {'; '.join(said)}."


@kept(512)
def cluster_table(clusters: HeadClusters, heads: list[Heads]) -> str:
    """Write what each cluster's heads do most, and how many heads each source has in it."""
    rows = []
    every, *each = rows_of(clusters.summary)
    for one, most in zip(each, _most(clusters), strict=True):
        means = [f"{label_of(name)} {one[name]:.1f} ({every[name]:.1f})" for name in most]
        sizes = [f"{one[own.source.key]}" for own in heads]
        rows.append(
            [f"{one['cluster']}", f"{one['name']}", ", ".join(means), f"{one['heads']}", *sizes]
        )
    colours = categories(len(clusters.names))
    swatches = "".join(
        f'.atlas-table tr[data-row="cluster-{number}"] th::before{{content:"";display:inline-block;'
        f"width:.8em;height:.8em;margin-right:.4em;background:{colour}}}"
        for number, colour in enumerate(colours, 1)
    )
    columns = ("cluster", "more than others", "mean (of all heads)", "heads", *_labels(heads))
    names = [f"cluster-{number}" for number in range(1, len(rows) + 1)]
    table = html_table(columns, rows, text=3, wrapped=(1, 2), names=names)
    return f"<style>{swatches}</style>{table}"


def _most(clusters: HeadClusters) -> list[list[str]]:
    """Name each cluster's properties furthest above the mean of all, in standard deviations."""
    used = list(clusters.used)
    spread = clusters.frame.loc[clusters.frame["cluster"].notna(), used].to_numpy().std(axis=0)
    means = clusters.summary[used].to_numpy()
    order = np.argsort(-(means[1:] - means[0]) / spread, axis=1, kind="stable")[:, :_MORE]
    return [[used[place] for place in row] for row in order]


def _labels(heads: list[Heads]) -> list[str]:
    """Name sources as short as tells them apart."""
    models = [own.model for own in heads]
    return [
        own.label if models.count(own.model) == 1 else f"{own.label}, {own.source.name}"
        for own in heads
    ]


@kept(512)
def _summary(clusters: HeadClusters, wanted: int) -> str:
    """Say what was clustered, by what, and what is grey."""
    frame, count = clusters.frame, len(clusters.names)
    grey = int(frame["cluster"].isna().sum())
    fewer = f" Heads differ too little for {wanted} clusters." if count < wanted else ""
    text = (
        f"{len(frame) - grey:,} heads in {count} clusters by {len(clusters.used)} properties; "
        f"{grey} heads grey (fewer than {MINIMUM_ARCS} arcs, or a value is not known). Arcs are "
        f"attention ≥ {DEFAULT_THRESHOLD}. Means: % of a head’s arcs (of all heads in brackets); "
        f"entropy in bits, distance in residues.{fewer}"
    )
    if clusters.left_out:
        out = ", ".join(map(label_of, clusters.left_out))
        text += f" Left out, as not all have it or all heads are alike: {out}."
    return text


def _draw_means(clusters: HeadClusters, heads: list[Heads]) -> None:
    summary = clusters.summary
    columns = ["", *("all heads" if not number else f"{number}" for number in summary["cluster"])]
    counted = {"heads": "heads"} | {
        own.source.key: label for own, label in zip(heads, _labels(heads), strict=True)
    }
    rows = [[label, *(f"{n}" for n in summary[name])] for name, label in counted.items()]
    rows += [[label_of(name), *(f"{mean:.2f}" for mean in summary[name])] for name in clusters.used]
    st.html(html_table(columns, rows))
    for name, table in (("Clusters", summary), ("Every head", clusters.frame)):
        file = f"atlas_clusters_{'heads' if table is clusters.frame else 'means'}"
        download_buttons(table, file, name, element_key("clusters", name))
