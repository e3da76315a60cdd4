"""Draw the parts of the Home page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.figures.look import style
from dashboard.figures.look.palette import gradient
from dashboard.page.leading import leading, show_leading
from dashboard.page.links import anchor_of, heads_address, live_address
from dashboard.page.opening import HEADS_PAGE, LIVE_PAGE, part
from dashboard.page.some import count_of
from dashboard.page.tables import html_table
from dashboard.pages.home.example import DEMO, read_shown
from dashboard.pages.home.small_map import picture_address, small_map
from dashboard.results import loaded as results
from dashboard.results.frames import best_heads, rows_of
from dashboard.results.head import Head
from dashboard.results.kept import kept
from dashboard.results.other_runs import OtherRun, find_other_runs
from dashboard.structure.molecule import show_structure
from precompute.features import FEATURES
from precompute.heads import SITE_FEATURES
from precompute.models import MODELS, Model
from precompute.published import MINIMUM_ARCS, THRESHOLD

DEMO_THRESHOLD = "0.10"
"""Where the demo's heads have enough arcs on the few solved chains of its families."""
MAPPED = "contact"
"""The property of the small maps."""
_PAPER_FIGURES = (
    (Head("tape_bert", 7, 1), "7HVP", 0.1),
    (Head("tape_bert", 12, 4), "2KC7", 0.2),
)
"""What the paper draws on structures: head, entry of the PDB, and the smallest weight drawn."""
_PAPER = tuple(model for model in MODELS.values() if model.in_paper)
_MOST_RUNS = 20
_STYLE = Path(__file__).with_name("view.css").read_text(encoding="utf-8")


def draw_introduction() -> None:
    """Say where the values come from."""
    st.html(f"<style>{_STYLE}</style>")
    st.markdown(
        "The values of [Vig et al., *BERTology Meets Biology*, ICLR "
        "2021](https://arxiv.org/abs/2006.15222) come with it; your own models and proteins "
        "appear beside them once measured."
    )


@part
def draw_maps() -> None:
    """Draw each model's map for contacts as a small picture that leads to its best head."""
    limit = max(float(_best()[model.name, MAPPED]["percent"]) for model in _PAPER)
    feature = FEATURES[MAPPED]
    st.html(
        f'<div class="atlas-key"><strong>{feature.label}</strong><span>% of each head’s arcs</span>'
        f'<span>0<i class="scale" style="background:{gradient(style.SEQUENTIAL)}"></i>'
        f"{limit:.2f}</span></div>"
    )
    maps = []
    for model in _PAPER:
        row, head = _best()[model.name, MAPPED], _best_head(model, MAPPED)
        address, words = _picture(model.name, limit)
        inner = (
            f'<img src="{address}" alt="{escape(words)}"><strong>{escape(model.label)}</strong> '
            f"{head.label}, {row['percent']:.2f}\u00a0%"
        )
        maps.append(leading(HEADS_PAGE, inner, heads_address(head, MAPPED)))
    show_leading("".join(maps), key="home_maps")
    with st.popover("What the maps show", type="tertiary"):
        st.markdown(
            f"**{feature.label}**: {feature.definition}.\n\n"
            "A cell is a head: layer 1 at the bottom, head 1 at the left. Its colour is the share "
            f"of the head’s arcs (attention of at least {THRESHOLD:g}) that have the property, on "
            "one scale for all models; pooled over n = 5,000 proteins a model (ProtXLNet: at "
            f"most). Grey: fewer than {MINIMUM_ARCS} arcs. Framed and named below: the best head, "
            "which a click opens.\n\n"
            f"All definitions: [Methods](Methods#{anchor_of(MAPPED)})."
        )


@part
def draw_example(loaded: results.Loaded) -> None:
    """Draw one protein with the demo model's arcs, and lead to where that can be done anew."""
    shown = read_shown()
    entry, head = shown.example.entry, shown.head
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        with st.container(width=480, gap=None):
            show_structure(shown.structure, key="home_molecule", height=300, scene=shown.scene)
        with st.container(width="stretch", gap="small"):
            where = f" of {entry.organism}" if entry.organism else ""
            st.markdown(
                f"**Head {head.label} of the demo model on {entry.protein}**{where} "
                f"({entry.name}, chain {shown.scene.chain}, {entry.residues} residues): "
                f"{shown.sentence}"
            )
            keys = "".join(
                f'<span><i style="background:{key.colour}"></i>{escape(key.label)}</span>'
                for key in shown.keys
            )
            st.html(f'<div class="atlas-key">Arcs: {keys}</div>')
            st.caption(
                f"{MODELS[DEMO].label}: a small model of eight protein families, not of proteins. "
                "It ships with this dashboard, runs without a network, and its heads follow "
                "contacts that it was never shown."
            )
            protein = live_address(head, f"example:{entry.name}", shown.scene.chain)
            links = [leading(LIVE_PAGE, "Open it, or a protein of your own, in Live", protein)]
            if DEMO in loaded.labels:
                of_demo = {"models": [DEMO], "threshold": [DEMO_THRESHOLD]}
                links.append(leading(HEADS_PAGE, "The demo’s heads and contacts", of_demo))
            show_leading("".join(links + _paper_figures()), key="home_example")


def _paper_figures() -> list[str]:
    """Link what the paper draws on structures, from the weights on that it draws."""
    return [
        leading(
            LIVE_PAGE,
            f"The paper’s {escape(MODELS[head.model].label)} {head.label} on {entry}",
            live_address(head, f"pdb:{entry}") | {"threshold": [f"{threshold:.2f}"]},
        )
        for head, entry, threshold in _PAPER_FIGURES
    ]


@part
def draw_best_heads() -> None:
    """Draw each model's best head for contacts, binding sites and modifications."""
    columns = "".join(
        f'<th scope="col"><b>{FEATURES[feature].label}</b>, best head<br><small>background '
        f"{_best()[_PAPER[0].name, feature]['background_percent']:.3f}\u00a0%</small></th>"
        for feature in SITE_FEATURES
    )
    rows = []
    for model in _PAPER:
        cells = []
        for feature in SITE_FEATURES:
            row, head = _best()[model.name, feature], _best_head(model, feature)
            inner = (
                f"<b>{row['percent']:.2f} %</b> ({row['interval_lower']:.2f} to "
                f"{row['interval_upper']:.2f}), {head.label}"
            )
            link = leading(HEADS_PAGE, inner, heads_address(head, feature))
            cells.append(f'<td data-label="{FEATURES[feature].label}">{link}</td>')
        own = f"{escape(model.label)} ({model.layers}\u00a0×\u00a0{model.heads})"
        rows.append(f'<tr><th scope="row">{own}</th>{"".join(cells)}</tr>')
    show_leading(
        f'<table><thead><tr><th scope="col"><b>Model</b> (layers\u00a0× heads)</th>{columns}</tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table>",
        key="home_best",
    )
    st.caption(
        "Share of the head’s arcs (attention of at least 0.3) that have the property; in brackets "
        "the paper’s Wald interval at 0.05/m, m the heads compared in the model; layer-head, both "
        "from 1; 5,000 proteins a model (ProtXLNet: at most). Background: how often the property "
        "holds without regard to attention."
    )


@part
def draw_loaded(loaded: results.Loaded) -> None:
    """Say which results are loaded, and how to add to them."""
    st.html(runs_html(loaded) + others_html(find_other_runs(loaded)))


def runs_html(loaded: results.Loaded) -> str:
    """Write the measured runs as a table, or how to make one."""
    if not loaded.runs:
        return (
            '<p style="margin:0;font-size:0.875rem"><b>Loaded:</b> the published values of five '
            "models and 27 properties; no measured runs. <code>python -m precompute run</code> "
            "adds one.</p>"
        )
    columns = ("model", "dataset", "run", "started", "layers × heads", "proteins", "residues")
    rows = [
        (
            loaded.labels[run.model],
            run.dataset,
            run.name,
            run.started[:16].replace("T", " "),
            f"{run.layers} × {run.heads}",
            f"{run.proteins:,}",
            f"{run.residues:,}",
        )
        for run in loaded.runs[:_MOST_RUNS]
    ]
    more = len(loaded.runs) - _MOST_RUNS
    rest = f"<p>and {count_of(more, 'older run')}</p>" if more > 0 else ""
    return (
        '<div style="font-size:0.8rem"><b>Loaded:</b> the published values of '
        f"five models and 27 properties, and {len(loaded.runs)} measured "
        f"{'run' if len(loaded.runs) == 1 else 'runs'}:"
        f"{html_table(columns, rows, text=4, wrapped=(0, 1, 2))}{rest}</div>"
    )


def others_html(runs: Sequence[OtherRun]) -> str:
    """Write the runs of contacts, probes and pairs as a table, if there are any."""
    if not runs:
        return ""
    columns = ("measured", "model", "dataset", "run", "page", "of")
    rows = [
        (one.kind, one.label, one.dataset, one.name, one.page, one.sample)
        for one in runs[:_MOST_RUNS]
    ]
    more = len(runs) - _MOST_RUNS
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    table = html_table(columns, rows, text=5, wrapped=(1, 2, 3))
    return f'<div style="font-size:0.8rem"><b>Beside shares of arcs:</b>{table}{rest}</div>'


@kept(1)
def _best() -> dict[tuple[str, str], dict[str, Any]]:
    """Give each model's best head for each property of sites: its row of the head frame."""
    return {
        (str(row["model"]), str(row["feature"])): {str(name): row[name] for name in row}
        for row in rows_of(best_heads(results.published()))
    }


def _best_head(model: Model, feature: str) -> Head:
    row = _best()[model.name, feature]
    return Head(model.name, int(row["layer"]), int(row["head"]))


@kept(16)
def _picture(model: str, limit: float) -> tuple[str, str]:
    """Give a model's picture, and what it shows for who does not see it."""
    frame = results.published()[model, MAPPED]
    made = MODELS[model]
    words = (
        f"Map of {made.label}, {made.layers} layers × {made.heads} heads: % of each head’s arcs "
        f"that are contacts; median {frame['percent'].median():.2f} %, "
        f"{int(frame['percent'].isna().sum())} heads grey; the best head is framed"
    )
    return picture_address(small_map(frame, limit)), words
