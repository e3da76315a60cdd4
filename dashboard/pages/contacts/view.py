"""Draw the parts of the Contacts page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.figures.look import style
from dashboard.page.address import Choices, Parameter
from dashboard.page.chart import show_chart
from dashboard.page.controls import choose_from, choose_one, choose_several, row
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes
from dashboard.page.tables import html_table
from dashboard.page.takeaway import take_along
from dashboard.pages.contacts import printed, screen, words
from dashboard.results.contacts import (
    ContactRun,
    OpenedProtein,
    comparison_frame,
    default_method,
    means_frame,
    open_protein,
    opened_methods,
    opened_names,
    samples,
    weights_grid,
)
from dashboard.results.frames import rows_of
from dashboard.results.kept import kept
from dashboard.structure.molecule import Arcs, Scene, show_structure
from dashboard.structure.trace import CHAIN, trace_structure
from precompute.errors import AtlasError
from precompute.published import read_published
from precompute.tables import PUBLISHED_CONTACTS

if TYPE_CHECKING:
    import pandas as pd

MOST_RUNS, WRONG = 4, 10


def choose(runs: dict[str, ContactRun]) -> tuple[Choices, list[ContactRun]]:
    """Draw the controls; give the choices and the runs that are compared."""
    first = tuple(list(runs)[:MOST_RUNS])
    proteins = _kept_of(runs.values(), opened_names)
    methods = _kept_of(runs.values(), opened_methods)
    choices = Choices(
        "contacts",
        (
            Parameter(
                "runs", {name: run.title for name, run in runs.items()}, first, most=MOST_RUNS
            ),
            Parameter("separation", words.SEPARATIONS, "long"),
            Parameter("measure", words.MEASURES, "L"),
            Parameter("atoms", words.ATOMS, "alpha"),
            Parameter("run", runs, first[0] if first else ""),
            Parameter("shown", words.SHOWN, "weight"),
            Parameter("protein", proteins, ""),
            Parameter("method", methods, ""),
        ),
    )
    if runs:
        with row():
            choose_several(
                choices, "runs", "Runs", lambda name: f"{runs[name].title} ({name[-8:]})", width=430
            )
            choose_one(choices, "separation", "Residues apart")
            choose_one(choices, "measure", "Measure")
            choose_one(choices, "atoms", "Atoms")
    else:
        why = "no run of contacts is loaded"
        choices.pass_by(why, "separation", "measure", "atoms", "shown")
    if choices["run"] in runs:
        _put_right(choices, runs[choices["run"]])
    return choices, [runs[name] for name in choices["runs"] if name in runs]


def _put_right(choices: Choices, run: ContactRun) -> None:
    """Choose a protein and a method that the run keeps, and say which of another run is not."""
    with suppress(AtlasError):  # said where its part is drawn
        names, methods = opened_names(run), opened_methods(run)
        for parameter, there, default in (
            ("protein", names, next(iter(names), "")),
            ("method", methods, default_method(methods)),
        ):
            asked = str(choices[parameter])
            if there and asked not in there:
                why = f"{run.title} keeps no map of the {parameter} {asked}; {default} is shown."
                choices.correct(parameter, default, why if asked else "")


@part
def draw_comparison(runs: list[ContactRun], choices: Choices) -> None:
    """Draw models and methods side by side."""
    asked = choices["separation"], choices["measure"], choices["atoms"]
    frame = comparison_frame(runs, *asked)
    if frame.empty:
        show_notes([words.NOT_SCORED])
        return
    counted = samples(runs, *asked)
    published = bool(frame["published"].any())
    source = printed.contacts_source(runs, counted.values(), published=published)
    said_n = "; ".join(f"{run.title}: {counted[run.name]}" for run in runs if run.name in counted)
    unit = words.unit_of(*asked)
    chart = partial(screen.comparison, frame, unit, source.header)
    show_chart(
        chart,
        key="contacts_comparison",
        alt=f"{unit}: "
        + "; ".join(
            f"{name} {value:.1f}"
            for name, value in zip(screen.comparison_names(frame), frame["percent"], strict=True)
        ),
        file_name="atlas_contacts_precision",
    )
    if said := words.warning(runs):
        st.caption(as_markdown(said))
    st.caption(as_markdown(f"{words.DEFINITION} {words.split(runs)} {said_n}."))
    take_along(
        partial(printed.comparison_figure, frame, unit, source),
        "contacts_comparison",
        chart=chart,
    )


@part
def draw_means(runs: list[ContactRun], choices: Choices) -> None:
    """Draw precision against how many heads are averaged."""
    st.markdown("##### How many heads")
    asked = choices["separation"], choices["measure"], choices["atoms"]
    frame = means_frame(runs, *asked)
    if frame.empty:
        show_notes([words.NOT_SCORED])
        return
    unit = words.unit_of(*asked)
    source = printed.contacts_source(runs, samples(runs, *asked).values())
    best = rows_of(frame.loc[frame.groupby("title", sort=False)["percent"].idxmax()])
    chart = partial(screen.means_chart, frame, unit, source.header)
    show_chart(
        chart,
        key="contacts_means",
        alt="; ".join(
            f"{one['title']}: at most {one['percent']:.1f} % with {one['heads']} heads"
            for one in best
        ),
        file_name="atlas_contacts_heads",
    )
    take_along(partial(printed.means_figure, frame, unit, source), "contacts_means", chart=chart)


@part
def draw_weights(run: ContactRun, choices: Choices) -> None:
    """Draw what each head weighs."""
    shown = choose_one(choices, "shown", "Of each head")
    values = weights_grid(run, shown)
    said = words.LEGENDS[shown]
    if not (values == values).any():
        show_notes([words.no_values(run, shown)])
        return
    source = printed.heads_source(run, shown)
    chart = partial(screen.weights_map, values, said, source.header)
    show_chart(
        chart,
        key="contacts_weights",
        alt=f"{run.title}, {said}: {int((values != 0).sum())} of {values.size} heads are not 0",
        file_name="atlas_contacts_weights",
    )
    st.caption(words.OF_HEADS)
    take_along(
        partial(printed.weights_figure, values, said, source),
        "contacts_weights",
        chart=chart,
    )


@part
def draw_protein(run: ContactRun, choices: Choices) -> None:
    """Open one protein: its map, its ten most certain wrong pairs, and where they are."""
    st.markdown("##### One protein")
    names, methods = opened_names(run), opened_methods(run)
    if not names:
        show_notes([f"The run {run.name} keeps no maps."])
        return
    with row():
        name = choose_from(
            choices, "protein", "Protein", lambda one: names.get(one, one), width=240
        )
        method = choose_from(
            choices, "method", "Scored by", lambda one: methods.get(one, one), width=240
        )
    if name not in names or method not in methods:
        show_notes([f"{run.title} keeps no such map; choose another protein or method."])
        return
    atoms = choices["atoms"]
    opened = open_protein(run, name, method, atoms)
    wrong = opened.pairs[~opened.pairs["contact"]].head(WRONG)
    right = float(opened.pairs["contact"].mean()) if len(opened.pairs) else 0.0
    chart = partial(screen.protein_map, opened, (name, f"{run.title}, {methods[method]}"))
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=460, gap=None):
            show_chart(
                chart,
                key="contacts_protein_map",
                alt=f"{name}: {100 * right:.0f} % of its {len(opened.pairs)} best pairs touch",
                file_name=f"atlas_contacts_{name}",
            )
        with st.container(width=430, gap=None):
            _show_trace(opened)
        with st.container(width="content", gap=None):
            st.html(_wrong_html(opened, wrong))
    st.caption(
        f"The {len(opened.pairs)} pairs scored highest, at least 6 residues apart: "
        f"{100 * right:.1f} % are contacts. In 3D: blue the right ones, orange the ten most "
        f"certain wrong ones. {words.atoms_used(opened, atoms)}".rstrip()
    )
    take_along(
        partial(
            printed.protein_figure,
            opened,
            methods[method],
            printed.protein_source(run, opened),
            atoms,
        ),
        "contacts_protein",
        chart=chart,
    )


@part
def draw_published(*, alone: bool) -> None:
    """List all published values of contacts, unfolded where nothing else is shown."""
    with st.expander("Published values", expanded=alone):
        table, sources = _published()
        st.html(table)
        st.caption(f"{sources}. As printed, to 0.1 points.")


def _kept_of(runs: Iterable[ContactRun], find: Callable[[ContactRun], dict[str, str]]) -> list[str]:
    """Give what any of the runs keeps; where its part is drawn, it is said what cannot be read."""
    found: dict[str, str] = {}
    for run in runs:
        with suppress(AtlasError):
            found |= find(run)
    return list(found)


@kept(1)
def _published() -> tuple[str, str]:
    """Give the table of published values, and where they are from."""
    table = read_published(PUBLISHED_CONTACTS)
    rows = [
        [
            *(one["label"], one["test_set"], one["method"]),
            *(words.MEASURES[one["measure"]], f"{one['percent']:.1f}"),
        ]
        for one in rows_of(table)
    ]
    columns = ["Model", "Proteins", "Scored by", "Measure, long range", "%"]
    return html_table(columns, rows, text=4), "; ".join(dict.fromkeys(table["source"]))


def _show_trace(opened: OpenedProtein) -> None:
    structure, keys = trace_structure(opened.sequence, opened.places, opened.known)
    pairs = opened.pairs
    groups = (
        (style.VALUE, 0.12, pairs[pairs["contact"]]),
        (style.OTHER, 0.3, pairs[~pairs["contact"]].head(WRONG)),
    )
    scene = Scene(
        chain=CHAIN,
        keys=keys,
        palette=("#b8b4b0",),
        colours=(0,) * len(opened.sequence),
        arcs=tuple(
            Arcs(
                *(colour, 1.0),
                tuple(
                    (int(i) - 1, int(j) - 1, radius)
                    for i, j in zip(part["i"].tolist(), part["j"].tolist(), strict=True)
                ),
            )
            for colour, radius, part in groups
            if len(part)
        ),
        file=style.file_name(f"atlas_contacts_{opened.name}"),
    )
    show_structure(structure, key="contacts_structure", height=420, scene=scene)


def _wrong_html(opened: OpenedProtein, wrong: pd.DataFrame) -> str:
    columns = (wrong[name].tolist() for name in ("i", "j", "distance", "score"))
    letters = opened.sequence
    rows = [
        [f"{letters[i - 1]}{i} – {letters[j - 1]}{j}", f"{distance:.1f}", f"{score:.3g}"]
        for i, j, distance, score in zip(*columns, strict=True)
    ]
    return html_table(["Most certain wrong pairs", "Å", "score"], rows)
