"""Methods: every statistic, definition and source, and what is loaded."""

from dashboard.page.opening import open_page, show_problems
from dashboard.pages.methods.view import draw_methods
from dashboard.results.loaded import Loaded


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    show_problems(loaded.problems)
    draw_methods(loaded)


open_page("Methods", draw)
