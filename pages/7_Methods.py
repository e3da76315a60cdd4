"""Methods: every statistic, definition and source, and what is loaded."""

from dashboard.methods.view import draw_methods
from dashboard.page import open_page, show_problems

loaded = open_page("Methods")
show_problems(loaded.problems)
draw_methods(loaded)
