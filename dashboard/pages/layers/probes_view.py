"""Draw the probes of the Layers page: the paper's, and beside them those that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.look.tiles import tile
from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.address import Choices, Parameter
from dashboard.page.chart import show_chart
from dashboard.page.controls import choose_one, choose_several, row
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes, show_problems
from dashboard.page.takeaway import take_along
from dashboard.pages.layers import words
from dashboard.pages.layers.frames import Series, probes
from dashboard.pages.layers.probes_print import probes_figure, probes_source
from dashboard.pages.layers.probes_screen import ABOVE, probe_panel, say_probes, say_scored
from dashboard.results.kept import kept
from dashboard.results.probes import PROTOCOLS, ProbeRun, read_curves
from dashboard.results.sources import label_of_model
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.heads import PUBLISHED
from precompute.probes.tasks import TASKS, label_of
from precompute.published.eight_classes import CB513

WIDEST = 330
"""Pixels that a panel is stretched to."""
MOST_RUNS = 4
CLASSES = {"properties": "As chosen above", "3": "3 classes", "8": "8 classes"}
"""What is shown of secondary structure."""

Panel = tuple[str, ProbeRun | None]
"""A task, and where its curves come from: a probing, or the paper."""


def parameters(runs: Mapping[str, ProbeRun]) -> tuple[Parameter, ...]:
    """Give what the page's address says of probes."""
    return (
        Parameter("probed", runs, tuple(runs)[:MOST_RUNS], most=MOST_RUNS),
        Parameter("protocol", PROTOCOLS, "corrected"),
        Parameter("classes", CLASSES, "properties"),
    )


@part
def draw_probes(series: list[Series], runs: Mapping[str, ProbeRun], choices: Choices) -> None:
    """Draw the probes of the chosen properties, in the order of the panels."""
    chosen: list[ProbeRun] = []
    if not runs:
        st.markdown("##### The paper’s probes of TapeBert")
    else:
        st.markdown("##### Probes")
        with row():
            names = choose_several(
                choices, "probed", "Measured probes", lambda name: runs[name].title, width=430
            )
            choose_one(choices, "protocol", "Protocol")
            choose_one(choices, "classes", "Secondary structure")
        chosen = [runs[name] for name in names]
    if not chosen:
        show_notes(choices.pass_by("no measured probes are shown", "protocol", "classes"))
    protocol, classes = str(choices["protocol"]), str(choices["classes"])
    features = list(dict.fromkeys(one.feature for one in series))
    panels, problems = _panels(features, chosen, protocol, classes if chosen else "properties")
    show_problems(problems)
    if not panels:
        labels = ", ".join(FEATURES[name].label for name in dict.fromkeys(probes()["feature"]))
        show_notes([f"The paper has probes of {labels}; of none of the properties chosen."])
        return
    chart = partial(probe_panels, tuple(panels), protocol)
    name = "atlas_probes" if chosen else "atlas_probes_tape_bert"
    alt = "\n".join(_say(*panel, protocol, _again(panels, panel[1])) for panel in panels)
    show_chart(chart, key="probes_chart", alt=alt, file_name=name)
    if any(run is None for _, run in panels):
        st.caption(words.prose("probes"))
    if any(run is not None for _, run in panels):
        st.caption(as_markdown(_caption(chosen, protocol, classes)))
    with st.container(horizontal=True, gap="medium"):
        if chosen:
            with st.popover("Table", type="tertiary"):
                table = pd.concat([read_curves(run, protocol) for run in chosen])
                download_buttons(table, name, "Layers", "probes_table")
        take_along(partial(_print, panels, protocol), "layers_probes", chart=chart)


def _panels(
    features: Sequence[str], runs: Sequence[ProbeRun], protocol: str, classes: str
) -> tuple[list[Panel], list[str]]:
    """List the panels: each property of the paper, then of each probing, then what it has more."""
    published = set(probes()["feature"])
    tasks: dict[ProbeRun, list[str]] = {}
    problems = []
    for run in runs:
        try:
            tasks[run] = list(dict.fromkeys(read_curves(run, protocol)["feature"]))
        except AtlasError as error:
            problems.append(str(error))
            continue
        if not tasks[run]:
            problems.append(f"{run.title}: there are no probes of this protocol.")
    shown = list(features)
    if classes != "properties":
        shown = [name for name in shown if not name.startswith("secondary_structure:")]
        shown.insert(0, f"secondary_structure_{classes}")
    own = [name for there in tasks.values() for name in there if name not in TASKS]
    panels: list[Panel] = []
    for name in dict.fromkeys([*shown, *own]):
        panels += [(name, None)] * (name in published)
        panels += [(name, run) for run in runs if name in tasks.get(run, ())]
    return panels, problems


def probe_panels(panels: Sequence[Panel], protocol: str) -> Chart:
    """Lay the panels out in one figure."""
    figures = [
        probe_panel(curves, _title(name, run), _below(curves, run, _again(panels, run)))
        for name, run in panels
        for curves in [_curves(name, run, protocol)]
    ]
    names = [f"{name} {run.name if run else PUBLISHED}" for name, run in panels]
    return tile(figures, names, most=WIDEST, above=ABOVE)


@kept(256)
def _curves(name: str, run: ProbeRun | None, protocol: str) -> pd.DataFrame:
    own = probes() if run is None else read_curves(run, protocol)
    return own[own["feature"] == name]


@kept(256)
def _say(name: str, run: ProbeRun | None, protocol: str, again: bool) -> str:
    curves = _curves(name, run, protocol)
    below = _below(curves, run, again)
    return say_probes(curves, ", ".join(filter(None, [_title(name, run), below])))


def _again(panels: Sequence[Panel], run: ProbeRun | None) -> bool:
    """Tell whether a probing's model and dataset are those of another one too."""
    alike = (run.model, run.dataset) if run else None
    return len({one for _, one in panels if one and (one.model, one.dataset) == alike}) > 1


def _title(name: str, run: ProbeRun | None) -> str:
    label = "TapeBert" if run is None else f"{run.label}, measured"
    return f"{label_of(name)} · {label}"


def _below(curves: pd.DataFrame, run: ProbeRun | None, again: bool) -> str:
    if run is None:
        return ""
    name = f"run {run.name[-8:]}, " if again else ""
    return f"{name}{say_scored(curves)}, {run.dataset}"


def _caption(runs: Sequence[ProbeRun], protocol: str, classes: str) -> str:
    said = "; ".join(
        f"{run.title} over {run.dataset}" + (f" ({run.families})" if run.families else "")
        for run in runs
    )
    text = f"Measured, {PROTOCOLS[protocol].lower()}: {words.prose(protocol)} {said}."
    if classes == "8":
        values = ", ".join(f"{label_of_model(name)} {value:.1f}" for name, value in CB513.items())
        text += f" {words.prose('eight_classes')} {values}."
    return text


def _print(panels: Sequence[Panel], protocol: str) -> PaperFigure:
    frames = [_curves(name, run, protocol) for name, run in panels]
    table = pd.concat(frames, ignore_index=True)
    return probes_figure(table, probes_source(table))
