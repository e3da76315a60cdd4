"""Heads: every attention head of up to five models for one property."""

from dashboard.controls import choose_heads
from dashboard.heads_table import draw_heads_table
from dashboard.heads_view import draw_agreement, draw_heatmaps, draw_top_heads
from dashboard.opened_view import draw_opened
from dashboard.page import open_page, show_notes, show_problems
from dashboard.panels import choose_panels
from dashboard.words import published_settings

loaded = open_page("Heads")
choices, choice, notes = choose_heads(loaded)
panels, problems = choose_panels(loaded, choice)
show_notes([*notes, *published_settings(panels, choice)])
show_problems([*loaded.problems, *problems])
if panels:
    draw_heatmaps(panels, choices, choice)
    draw_agreement(panels)
    draw_opened(panels, choices, choice)
    draw_top_heads(panels, choice)
    draw_heads_table(panels, choices, choice)
else:
    show_notes(["Choose a model to see its heads."])
choices.settle(models=choice.models)
