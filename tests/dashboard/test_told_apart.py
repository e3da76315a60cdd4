"""Panels and rows of one model that is there more than once are told apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from dashboard.figures.heads.heads_screen import head_heatmap
from dashboard.figures.look.scale import find_scale
from dashboard.figures.printing import shell
from dashboard.figures.printing.words import print_source
from dashboard.pages.compare.clusters_print import print_clusters
from dashboard.pages.contacts.screen import comparison_names
from dashboard.pages.heads.words import (
    figure_title,
    no_comparison,
    no_measure,
    not_compared,
    offset_title,
    panel_title,
)
from dashboard.pages.heads.words import source as source_words
from dashboard.pages.layers.centres_screen import centres
from dashboard.pages.layers.frames import Series
from dashboard.pages.layers.layer_panels_print import layers_figure, layers_table, panel_labels
from dashboard.pages.layers.probes_print import probes_figure, probes_source
from dashboard.pages.layers.words import centre_names
from dashboard.results.contacts import comparison_frame, find_contact_runs
from dashboard.results.head import Head
from dashboard.results.head_clusters import cluster_sources
from dashboard.results.heads import Heads
from dashboard.results.probes import ProbeRun, read_curves
from precompute.layers import centre_row, layer_frame
from precompute.published import read_published
from precompute.tables import (
    BACKGROUND,
    CONTACT_RUN_TABLES,
    CONTACT_RUNS,
    HEAD_COUNTS,
    PUBLISHED_PROBES,
    add_run,
    read_table,
)
from tests import measured
from tests.probed import write_probes
from tests.twins import Print

NAMES = ("own-structures-aaaa1111", "own-structures-bbbb2222")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[Heads]:
    """The heads of two runs of one model over one dataset."""
    folder = tmp_path_factory.mktemp("two")
    for seed, name in enumerate(NAMES):
        counts = measured.count_arcs(measured.own_shares(), seed)
        row = measured.run_row(name, measured.OWN_MODEL, 3, 4, f"2026-11-21T00:00:0{seed}Z")
        tables = {
            HEAD_COUNTS: measured.head_counts(counts, name, measured.OWN_MODEL),
            BACKGROUND: measured.background(name),
        }
        add_run(folder, row, tables)
    found = [shell.read_run(str(folder), name, None) for name in NAMES]
    return [heads.showing("binding_site") for heads in found]


def test_layers_say_the_run_or_the_source(two: list[Heads]) -> None:
    labels = panel_labels([(heads.source, "binding_site") for heads in two])
    assert labels == ["Binding site\nrun aaaa1111", "Binding site\nrun bbbb2222"]
    frame = pd.concat([layers_table(heads.frame) for heads in two], ignore_index=True)
    for width in (89, 183):
        paper = layers_figure(frame, labels, print_source(two, ["binding_site"]))
        titles = [axes.get_title(loc="left") for axes in Print(paper, width).axes]
        assert [title.split("\n")[1] for title in titles if title] == [
            "run aaaa1111",
            "run bbbb2222",
        ]
    paper_and_run = [
        shell.read_paper("tape_bert").source,
        replace(two[0].source, model="tape_bert"),
    ]
    labels = panel_labels([(source, "contact") for source in paper_and_run])
    assert [label.split("\n")[1] for label in labels] == ["published", "measured, binding_sites"]
    assert panel_labels([(two[0].source, "contact")]) == ["Contact"]


def test_heads_and_clusters_say_the_run(two: list[Heads]) -> None:
    for say in (figure_title, panel_title):
        assert [NAMES[0][-8:] in str(say(heads, two)) for heads in two] == [True, False]
        assert "run " not in str(say(two[0], two[:1]))
    printed = Print(print_clusters(cluster_sources(two, 2), two), 183)
    titles = [axes.get_title(loc="left") for axes in printed.axes]
    assert [f"run {name[-8:]}" in title for name, title in zip(NAMES, titles, strict=False)] == [
        True,
        True,
    ]


def test_an_opened_head_and_sentences_say_the_run(two: list[Heads]) -> None:
    head = Head(measured.OWN_MODEL, 1, 1)
    for say in (
        lambda own, all_: offset_title(own, head, all_)[1],
        source_words,
        not_compared,
        lambda own, all_: no_comparison(two[0], own, all_),
        lambda own, all_: no_measure(own, "z", all_),
    ):
        assert f"run {NAMES[0][-8:]}" in say(two[0], two)
        assert "run aaaa" not in say(two[0], two[:1])


def test_centres_say_the_run_on_the_screen(two: list[Heads]) -> None:
    named = [replace(one, source=replace(one.source, label="A long name of mine")) for one in two]
    series = [
        Series(one, "binding_site", layers, centre_row(one.frame, layers))
        for one in named
        for layers in [layer_frame(one.frame)]
    ]
    chart = centres(pd.DataFrame([one.centre for one in series]), centre_names(series))
    (names,) = {
        tuple(axis["ticktext"])
        for axis in chart.to_dict()["layout"].values()
        if isinstance(axis, dict) and "ticktext" in axis
    }
    assert [name[-8:] for name in names] == [name[-8:] for name in NAMES]


def test_contacts_say_the_run(contacts_folder: Path, tmp_path: Path) -> None:
    (name,) = read_table(contacts_folder, CONTACT_RUNS)["run"]
    for run in NAMES:
        tables = {
            one: read_table(contacts_folder, one, run=name).assign(run=run)
            for one in CONTACT_RUN_TABLES
        }
        row = read_table(contacts_folder, CONTACT_RUNS).assign(run=run)
        add_run(tmp_path, row, tables, CONTACT_RUNS)
    runs = list(find_contact_runs([str(tmp_path)])[0].values())
    names = comparison_names(comparison_frame(runs, "all", "L", "alpha"))
    assert len(set(names)) == len(names) == 8
    assert sum("(aaaa1111)" in one for one in names) == 4
    alone = comparison_names(comparison_frame(runs[:1], "all", "L", "alpha"))
    assert not any("(" in one for one in alone)


def curves(folder: Path, run: str, model: str, protocol: str = "corrected") -> pd.DataFrame:
    write_probes(folder, run, model)
    found = read_curves(ProbeRun(run, str(folder), model, model, "structures", 40), protocol)
    return found[found["feature"] == "contact"]


def test_probes_say_the_run_or_the_source(tmp_path: Path) -> None:
    paper = read_published(PUBLISHED_PROBES)
    paper = paper[paper["feature"] == "contact"]
    two = [curves(tmp_path, name, "tape_bert") for name in NAMES]
    frame = pd.concat([paper, *two], ignore_index=True)
    made = probes_figure(frame, probes_source(frame))
    titles = [axes.get_title(loc="left") for axes in Print(made, 183).axes]
    assert [title.rpartition("\n")[2] for title in titles if title] == [
        "published",
        "run aaaa1111",
        "run bbbb2222",
    ]


def test_a_caption_of_probes_says_what_is_drawn(tmp_path: Path) -> None:
    paper = read_published(PUBLISHED_PROBES)
    alone = curves(tmp_path, NAMES[0], "esm2_t6_8m", "paper")
    said = probes_figure(alone, probes_source(alone)).caption
    for word in ("interval", "dotted", "paper's figure"):
        assert word not in said
    assert "Measured: n are the proteins scored." in said
    corrected = curves(tmp_path, NAMES[1], "esm2_t6_8m")
    frame = pd.concat([paper, corrected], ignore_index=True)
    said = probes_figure(frame, probes_source(frame)).caption
    for word in ("thin lines are 95% bootstrap intervals", "dotted ones the control"):
        assert word in said
    assert "The paper's figure gives neither" in said


def test_probes_cite_what_was_probed(tmp_path: Path) -> None:
    alone = curves(tmp_path, NAMES[0], "esm2_t6_8m")
    cited = probes_source(alone).cite
    assert {"lin2023", "kabsch1983"} <= set(cited)
    assert "alquraishi2019" not in cited, "no published value of contacts is shown"
    paper = read_published(PUBLISHED_PROBES)
    cited = probes_source(pd.concat([alone, paper], ignore_index=True)).cite
    assert {"lin2023", "kabsch1983", "alquraishi2019"} <= set(cited)


def test_one_protein_is_one(two: list[Heads]) -> None:
    run = two[0].source.run
    assert run is not None
    one = replace(two[0], source=replace(two[0].source, run=replace(run, proteins=1)))
    assert panel_title(one).endswith(" 1 protein")
    assert ProbeRun("r", "", "m", "m", "d", 1).title.endswith("n = 1 protein")


def test_clusters_speak_of_shares_where_one_is_used(two: list[Heads]) -> None:
    clusters = cluster_sources(two, 2)
    assert "shares of attention arcs" in print_clusters(clusters, two).caption
    like = replace(clusters, used=("entropy", "distance"))
    assert "shares of attention arcs" not in print_clusters(like, two).caption


def test_grey_cells_say_which_arcs_are_few(two: list[Heads]) -> None:
    for denominator, kind in (("published", "arcs"), ("corrected", "eligible arcs")):
        frame = two[0].frame.assign(denominator=denominator)
        chart = head_heatmap(frame, find_scale([frame], "percent"), ("", ""))
        assert f"'fewer than 100 {kind}'" in str(chart.to_dict())


def test_a_threshold_of_a_run_is_on_its_figures(two: list[Heads]) -> None:
    assert two[0].settings == ""
    assert replace(two[0], threshold=0.6).settings == ", attention ≥ 0.60"
