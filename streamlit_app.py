"""Home: what this is, the models side by side, and what is loaded."""

from dashboard.home_view import draw_best_heads, draw_demo, draw_introduction, draw_loaded
from dashboard.page import open_page, show_problems

loaded = open_page("Home")
draw_introduction()
draw_best_heads()
draw_demo(loaded)
draw_loaded(loaded)
show_problems(loaded.problems)
