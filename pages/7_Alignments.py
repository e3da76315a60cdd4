"""Alignments: which heads attend between sequences by how distantly they are related."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.alignments.conservation_view import draw_conservation
from dashboard.pages.alignments.controls import choose
from dashboard.pages.alignments.opened_view import draw_opened
from dashboard.pages.alignments.view import draw_maps, draw_table
from dashboard.results.alignments import find_measured
from dashboard.results.loaded import Loaded


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    runs, problems = find_measured(loaded)
    choices, choice, notes = choose(loaded, runs)
    show_notes([*choices.notes, *notes])
    show_problems([*loaded.problems, *problems])
    draw_maps(choices, choice)
    draw_conservation(choices, choice)
    draw_opened(choices, choice)
    draw_table(choices, choice)
    choices.settle()


open_page("Alignments", draw)
