"""Contacts: what all heads of a model know together, protein by protein."""

from dashboard.page.controls import choose_from
from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.contacts import words
from dashboard.pages.contacts.view import (
    choose,
    draw_comparison,
    draw_means,
    draw_protein,
    draw_published,
    draw_weights,
)
from dashboard.results.contacts import find_contact_runs
from dashboard.results.loaded import Loaded


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    runs, problems = find_contact_runs()
    choices, chosen = choose(runs)
    show_notes(choices.notes)
    show_problems([*loaded.problems, *problems])
    if chosen:
        draw_comparison(chosen, choices)
        draw_means(chosen, choices)
    elif runs:
        show_notes(["Choose a run to see what its heads know together."])
    else:
        show_notes([words.EMPTY])
    if runs:
        name = choose_from(
            choices, "run", "Heads and proteins of", lambda one: runs[one].title, width=300
        )
        draw_weights(runs[name], choices)
        draw_protein(runs[name], choices)
    draw_published(alone=not runs)
    choices.settle()


open_page("Contacts", draw)
