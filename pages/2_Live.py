"""Live: where each head of a model looks on one protein, in 3D."""

from dashboard.live.asking import choose_model, choose_protein, default_protein, show_protein
from dashboard.live.choices import live_choices
from dashboard.live.heads import draw_heads, settle
from dashboard.live.inference import offers
from dashboard.live.view import choose_shown, draw_views
from dashboard.live.waiting import wait_for_attention
from dashboard.page import open_page, show_notes, show_problems

loaded = open_page("Live")
models = offers()
choices = live_choices(models, default_protein())
show_notes(choices.notes)
show_problems(loaded.problems)
protein, offer = choose_protein(choices), choose_model(choices, models)
if protein is not None and offer is not None:
    protein = show_protein(protein)
    attention = wait_for_attention(offer, protein.sequence)
    if attention is not None:
        show_notes(list(attention.notes))
        shown = choose_shown(protein, offer, attention, choices)
        draw_views(shown)
        draw_heads(shown, loaded)
settle(choices, protein)
