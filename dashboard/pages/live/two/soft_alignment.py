"""What PLUS-RNN makes of two proteins: a soft alignment and a score, where it is here."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.address import KEPT
from dashboard.page.chart import show_chart, to_json
from dashboard.page.labels import labelled
from dashboard.page.names import as_markdown, tell_apart
from dashboard.page.opening import part
from dashboard.page.takeaway import take_along
from dashboard.pages.live.arcs.protein_print import live_source
from dashboard.pages.live.two.soft_alignment_print import soft_alignment_figure
from dashboard.pages.live.two.soft_alignment_screen import soft_alignment_map
from dashboard.pages.live.waiting import wait_for_comparison
from precompute.live.getting.protein import Protein, plain
from precompute.live.remember import remember
from precompute.live.running.attention import SparseAttention
from precompute.live.running.inference import Offer
from precompute.live.running.named import comparing_offers
from precompute.live.running.two import Two

_LISTED = 0.01
"""Smallest value of the table that is taken along."""


@part
def draw_soft_alignment(protein: Protein, two: Two) -> None:
    """Draw the soft alignment of two proteins, where a model that makes one is here."""
    offers = comparing_offers()
    if not offers or protein.boundary is None:
        return
    st.markdown("**Soft alignment, by a model without attention**")
    name = next(iter(offers))
    if len(offers) > 1:
        labels = tell_apart([offer.label for offer in offers.values()])
        name = st.selectbox(
            "Compared by",
            list(offers),
            width=235,
            **labelled("live_compared_by", dict(zip(offers, labels, strict=True)).__getitem__),
            **KEPT,
        )
    found = wait_for_comparison(offers[name], replace(two, linker=""))
    if found is not None and found.together is not None and found.together.alignment is not None:
        _draw(protein, offers[name], found)


def _draw(protein: Protein, offer: Offer, found: SparseAttention) -> None:
    with st.container(width=440, gap=None):
        show_chart(
            _map_json(found, protein, offer.label),
            key="live_soft_alignment",
            alt=f"Heatmap: the soft alignment that {offer.label} makes of {protein.identifier}.",
            file_name=f"{protein.identifier}_{offer.label}_soft_alignment",
        )
        said = " ".join(found.notes)
        st.caption(
            as_markdown(
                f"A recurrent network has no attention: it reads each protein by itself and lays "
                f"its residues to the other's. {said}"
            )
        )
        take_along(
            partial(_figure, protein, offer, found),
            "live_soft_alignment",
            chart=partial(_map, found, protein, offer.label),
            linked=not protein.private,
        )


def _map(found: SparseAttention, protein: Protein, label: str) -> Chart:
    assert found.together is not None
    assert found.together.alignment is not None
    # The axes say whose residues they are.
    names = [protein.label(place).partition(":")[2] for place in range(len(protein))]
    edge = protein.boundary
    return soft_alignment_map(
        found.together.alignment,
        (tell_apart(names[:edge]), tell_apart(names[edge:])),
        (protein.tags[0], protein.tags[1]),
        (label, f"{plain(protein.identifier, 40)}, {protein.sample}"),
    )


@remember
def _map_json(found: SparseAttention, protein: Protein, label: str) -> str:
    return to_json(_map(found, protein, label))


def _figure(protein: Protein, offer: Offer, found: SparseAttention) -> PaperFigure:
    assert found.together is not None
    alignment = found.together.alignment
    assert alignment is not None
    rows, columns = np.nonzero(alignment >= _LISTED)
    edge = protein.boundary or 0
    frame = pd.DataFrame(
        {
            "residue_of_first": [protein.label(int(row)) for row in rows],
            "residue_of_second": [protein.label(int(column) + edge) for column in columns],
            "soft_alignment": alignment[rows, columns],
        }
    )
    source = live_source(protein, offer.model, "Soft alignment")
    return soft_alignment_figure(alignment, (protein.tags[0], protein.tags[1]), source, frame)
