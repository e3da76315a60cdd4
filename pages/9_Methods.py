"""Methods: every statistic, definition and source, and what is loaded."""

from dashboard.page.opening import open_page, show_problems
from dashboard.pages.methods.view import draw_methods

loaded = open_page("Methods")
show_problems(loaded.problems)
draw_methods(loaded)
