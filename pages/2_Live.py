"""Live: where each head of a model looks on one protein, in 3D."""

import streamlit as st

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.live.asking import (
    choose_model,
    choose_protein,
    default_protein,
    offer_instead,
    show_protein,
)
from dashboard.pages.live.choices import live_choices
from dashboard.pages.live.rows.view import choose_rows
from dashboard.pages.live.two.second import SecondChoices, choose_second, put_together
from dashboard.pages.live.view import draw_attention
from dashboard.pages.live.waiting import has_failed, stop_waiting, wait_for_attention
from dashboard.results.contacts import find_contact_runs
from dashboard.results.loaded import Loaded
from precompute.live.getting.reading import readers
from precompute.live.running.inference import offers
from precompute.live.running.named import comparing_offers, named_offers, remembered_offer
from precompute.models import WITHOUT_ATTENTION


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    named, problems = named_offers()
    contacts = find_contact_runs(loaded.folders)[0].values()
    checkpoints = [run.checkpoint for run in loaded.runs] + [run.checkpoint for run in contacts]
    measured = {
        one.key: offer
        for one in checkpoints
        if one is not None and (offer := remembered_offer(one)) is not None
    }
    models = offers(named | measured)
    alignments = any(offer.model.reads_alignments for offer in models.values())
    choices = live_choices([*models, *comparing_offers(), *WITHOUT_ATTENTION], default_protein())
    # All that comes and goes stands in one box, so that the view below keeps its place.
    above = st.container()
    with above:
        show_problems([*loaded.problems, *problems])
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            protein = choose_protein(choices, alignments=alignments)
            offer = choose_model(choices, models)
            second = choose_second(choices, protein) if protein is not None else None
        show_notes(choices.notes)
    if protein is not None and offer is not None:
        with above:
            protein = show_protein(protein)
            protein, given = choose_rows(choices, protein, offer.model)
            if second is not None:
                second = show_protein(second, SecondChoices.own)
                protein, given = put_together(protein, second, offer.model)
            attention = wait_for_attention(offer, given)
            if attention is not None:
                show_notes(list(attention.notes))
            elif has_failed():
                offer_instead(choices, models, offer)
        draw_attention(protein, offer, given, attention, choices, loaded)
    else:
        stop_waiting()
    choices.settle()
    readers.start()  # a file or letters that come next are then read at once


open_page("Live", draw)
