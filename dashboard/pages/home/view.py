"""Draw the parts of the Home page."""

from __future__ import annotations

import streamlit as st

from dashboard.page.links import heads_address
from dashboard.page.opening import HEADS_PAGE, LIVE_PAGE, page_link, part, runs_html
from dashboard.results import loaded as results
from dashboard.results.frames import best_heads
from dashboard.results.head import Head
from precompute.features import FEATURES
from precompute.heads import SITE_FEATURES
from precompute.models import MODELS

DEMO = "demo"
DEMO_THRESHOLD = "0.10"
"""Where the demo's heads have enough arcs on the few solved chains of its families."""
_COLUMNS = (0.9, 1, 1, 1)


def draw_introduction() -> None:
    """Say where the values come from."""
    st.markdown(
        "The values of [Vig et al., *BERTology Meets Biology*, ICLR "
        "2021](https://arxiv.org/abs/2006.15222) come with it; your own models and proteins "
        "appear beside them once measured."
    )


@part
def draw_best_heads() -> None:
    """Draw each model's best head for contacts, binding sites and modifications."""
    best = {
        (row["model"], row["feature"]): row
        for row in best_heads(results.published(SITE_FEATURES)).to_dict("records")
    }
    header = st.columns(_COLUMNS, vertical_alignment="bottom", gap="small")
    header[0].markdown("**Model** (layers\u00a0× heads)")
    for column, feature in zip(header[1:], SITE_FEATURES, strict=True):
        background = best["tape_bert", feature]["background_percent"]
        column.markdown(
            f"**{FEATURES[feature].label}**, best head  \n"
            f":small[background {background:.3f}\u00a0%]"
        )
    for model in (model for model in MODELS.values() if model.in_paper):
        cells = st.columns(_COLUMNS, vertical_alignment="center", gap="small")
        cells[0].markdown(f"{model.label} ({model.layers}\u00a0×\u00a0{model.heads})")
        for column, feature in zip(cells[1:], SITE_FEATURES, strict=True):
            row = best[model.name, feature]
            head = Head(model.name, int(row["layer"]), int(row["head"]))
            with column:
                page_link(
                    HEADS_PAGE,
                    f"**{row['percent']:.2f} %** ({row['interval_lower']:.2f} to "
                    f"{row['interval_upper']:.2f}), {head.label}",
                    heads_address(head, feature),
                )
    st.caption(
        "Share of the head’s arcs (attention of at least 0.3) that have the property; in brackets "
        "the paper’s Wald interval at 0.05/m, m the heads compared in the model; layer-head, both "
        "from 1; 5,000 proteins a model (ProtXLNet: at most). Background: how often the property "
        "holds without regard to attention."
    )


@part
def draw_demo(loaded: results.Loaded) -> None:
    """Lead to the model that needs no network, where its results are loaded."""
    if DEMO not in loaded.labels:
        return
    st.markdown(
        f"**{loaded.labels[DEMO]}** ({' × '.join(map(str, loaded.shapes[DEMO]))}): a small model "
        "of eight protein families, not of proteins. It ships with this dashboard, runs without a "
        "network, and its heads follow contacts that it was never shown."
    )
    with st.container(horizontal=True, gap="medium"):
        page_link(
            HEADS_PAGE,
            "Its heads and contacts",
            {"models": [DEMO], "threshold": [DEMO_THRESHOLD]},
        )
        page_link(LIVE_PAGE, "See it on a protein", {"model": [DEMO]})


@part
def draw_loaded(loaded: results.Loaded) -> None:
    """Say which results are loaded, and how to add to them."""
    st.html(runs_html(loaded))
