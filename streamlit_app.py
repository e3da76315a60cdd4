"""Home: what this is, the models side by side, one protein, and what is loaded."""

from dashboard.page.opening import open_page, show_problems
from dashboard.pages.home.view import (
    draw_best_heads,
    draw_example,
    draw_introduction,
    draw_loaded,
    draw_maps,
)

loaded = open_page("Home")
draw_introduction()
draw_maps()
draw_example(loaded)
draw_best_heads()
draw_loaded(loaded)
show_problems(loaded.problems)
