"""Home: what this is, the models side by side, and what is loaded."""

from dashboard.page.opening import open_page, show_problems
from dashboard.pages.home.view import draw_best_heads, draw_demo, draw_introduction, draw_loaded

loaded = open_page("Home")
draw_introduction()
draw_best_heads()
draw_demo(loaded)
draw_loaded(loaded)
show_problems(loaded.problems)
