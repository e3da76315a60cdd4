"""Home: what this is, the models side by side, one protein, and what is loaded."""

from dashboard.page.opening import open_page, show_problems
from dashboard.pages.home.view import (
    draw_best_heads,
    draw_example,
    draw_introduction,
    draw_loaded,
    draw_maps,
)
from dashboard.results.loaded import Loaded


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    draw_introduction()
    draw_maps()
    draw_example(loaded)
    draw_best_heads()
    draw_loaded(loaded)
    show_problems(loaded.problems)


open_page("Home", draw)
