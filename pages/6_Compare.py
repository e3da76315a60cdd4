"""Compare: two models or two runs, head by head where heads correspond, else as distributions."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.compare.controls import choose
from dashboard.pages.compare.frames import collect
from dashboard.pages.compare.view import draw_comparison

loaded = open_page("Compare")
choices, choice = choose(loaded)
comparison, notes, problems = collect(choice)
show_notes([*choices.notes, *notes])
show_problems([*loaded.problems, *problems])
if comparison:
    draw_comparison(comparison)
choices.settle()
