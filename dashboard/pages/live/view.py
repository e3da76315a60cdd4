"""Everything that is drawn of a protein's attention, in the order of the page."""

from __future__ import annotations

import streamlit as st

from dashboard.page.address import Choices
from dashboard.page.opening import part
from dashboard.pages.live.heads.compared import draw_heads
from dashboard.pages.live.heads.grid import draw_grid
from dashboard.pages.live.rows.rows_read import draw_rows
from dashboard.pages.live.shown import choose_shown
from dashboard.pages.live.sites.sites_ranked import draw_own_sites
from dashboard.pages.live.take_files import draw_files
from dashboard.pages.live.together.view import draw_together
from dashboard.pages.live.two.soft_alignment import draw_soft_alignment
from dashboard.pages.live.views import draw_structure_alone, draw_views
from dashboard.results.loaded import Loaded
from precompute.alignment import Alignment
from precompute.live.getting.protein import Protein
from precompute.live.running.attention import Given, SparseAttention
from precompute.live.running.inference import Offer
from precompute.live.running.two import Two


@st.fragment
@part
def draw_attention(
    protein: Protein,
    offer: Offer,
    given: Given,
    attention: SparseAttention | None,
    choices: Choices,
    loaded: Loaded,
) -> None:
    """Draw controls and figures; while there is no attention, the structure alone.

    A fragment: another head, threshold or colour draws this part anew and not the page.
    The controls have a box of their own, since their notes come and go: what stands at
    another place than before is made anew by Streamlit, and a viewer loses its camera.
    """
    controls = st.container()
    if attention is None:
        draw_structure_alone(protein)
        return
    with controls:
        shown = choose_shown(protein, offer, attention, choices)
    draw_views(shown)
    if isinstance(given, Two):
        draw_soft_alignment(protein, given)
    draw_files(shown, given)
    with st.container():  # it comes and goes, and what follows keeps its place
        draw_own_sites(shown)
    if isinstance(given, Alignment):
        draw_rows(shown, given)
    draw_together(shown, given, loaded)
    draw_heads(shown, loaded)
    draw_grid(shown)
    choices.settle()
