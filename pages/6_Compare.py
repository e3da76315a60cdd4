"""Compare: two models or two runs, head by head where heads correspond, else as distributions."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.compare.clusters_view import cluster_parameters, draw_clusters
from dashboard.pages.compare.controls import choose
from dashboard.pages.compare.frames import collect
from dashboard.pages.compare.protein_pairs_view import draw_pairs, pair_parameters
from dashboard.pages.compare.view import draw_comparison
from dashboard.results.protein_pairs import find_pair_runs
from dashboard.results.sources import list_sources

loaded = open_page("Compare")
pair_runs, pair_problems = find_pair_runs(loaded)
sources = list_sources(loaded)
choices, choice = choose(loaded, (*pair_parameters(pair_runs), *cluster_parameters(sources)))
comparison, notes, problems = collect(choice)
show_notes([*choices.notes, *notes])
show_problems([*loaded.problems, *pair_problems, *problems])
if comparison:
    draw_comparison(comparison)
draw_clusters(choices, sources)
draw_pairs(choices, pair_runs)
choices.settle()
