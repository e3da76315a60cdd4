"""Heads: every attention head of up to five models for one property."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.heads.controls import choose_heads
from dashboard.pages.heads.opened_view import draw_opened
from dashboard.pages.heads.shapes_view import draw_shapes
from dashboard.pages.heads.table import draw_heads_table
from dashboard.pages.heads.view import draw_agreement, draw_heatmaps, draw_top_heads
from dashboard.pages.heads.words import published_settings
from dashboard.results.loaded import Loaded
from dashboard.results.panels import choose_panels
from dashboard.results.shapes import SHAPES


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    choices, choice, notes = choose_heads(loaded)
    panels, problems = choose_panels(loaded, choice)
    show_notes([*notes, *published_settings(panels, choice)])
    show_problems([*loaded.problems, *problems])
    if panels and choice.feature in SHAPES:
        draw_shapes(panels, choices, choice)
        draw_opened(panels, choices, choice)
        draw_heads_table(panels, choices, choice)
    elif panels:
        draw_heatmaps(panels, choices, choice)
        draw_agreement(panels)
        draw_opened(panels, choices, choice)
        draw_top_heads(panels, choices, choice)
        draw_heads_table(panels, choices, choice)
    elif not choice.models:
        show_notes(["Choose a model to see its heads."])
    choices.settle(models=choice.models)


open_page("Heads", draw)
