"""Substitution: how alike amino acids are to attention, beside a substitution matrix."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.substitution.comparing import collect
from dashboard.pages.substitution.controls import choose
from dashboard.pages.substitution.view import draw_chosen, draw_tables
from dashboard.results.loaded import Loaded


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    choices, choice, notes = choose(loaded)
    sources, problems = collect(loaded, choice.source, choice.threshold)
    show_notes([*choices.notes, *notes])
    show_problems([*loaded.problems, *problems])
    draw_chosen(choice, sources)
    draw_tables(choice, sources)
    choices.settle(threshold=choice.threshold)


open_page("Substitution", draw)
