"""Compare: two models or two runs, heads of several in clusters, or pairs of proteins."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.compare.clusters_view import cluster_parameters, draw_clusters
from dashboard.pages.compare.controls import choose_part, choose_two, compare_choices
from dashboard.pages.compare.frames import collect
from dashboard.pages.compare.protein_pairs_view import draw_pairs, pair_parameters
from dashboard.pages.compare.view import draw_comparison
from dashboard.results.loaded import Loaded
from dashboard.results.protein_pairs import find_pair_runs
from dashboard.results.sources import list_sources


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    pair_runs, pair_problems = find_pair_runs(loaded)
    sources = list_sources(loaded)
    choices = compare_choices(
        sources, cluster_parameters(sources), pair_parameters(pair_runs), has_pairs=bool(pair_runs)
    )
    part = choose_part(choices)
    # Told what is wrong before the part, whose own controls come first in it.
    show_notes(choices.notes)
    show_problems([*loaded.problems, *pair_problems])
    if part == "two":
        comparison, notes, problems = collect(choose_two(choices, sources))
        show_notes(notes)
        show_problems(problems)
        if comparison:
            draw_comparison(comparison)
    elif part == "clusters":
        draw_clusters(choices, sources)
    else:
        draw_pairs(choices, pair_runs)
    choices.settle()


open_page("Compare", draw)
