"""Layers: what heads follow on average and at most, layer by layer."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.layers.controls import choose
from dashboard.pages.layers.frames import collect
from dashboard.pages.layers.probes_view import draw_probes, parameters
from dashboard.pages.layers.view import draw_centres, draw_panels
from dashboard.results.loaded import Loaded
from dashboard.results.probes import find_probes


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    runs, unread = find_probes(loaded)
    choices, choice = choose(loaded, parameters(runs))
    show_notes(choices.notes)
    series, problems = collect(choice)
    show_problems([*loaded.problems, *unread, *problems])
    if series:
        draw_panels(series, choice)
        draw_centres(series, choice)
        draw_probes(series, runs, choices)
    elif not (choice.sources and choice.features):
        show_notes(["Choose a property and a model to see its layers."])
    choices.settle()


open_page("Layers", draw)
