"""Amino acids: twenty maps of one model, and each amino acid's highest heads in all models."""

from dashboard.page.opening import open_page, show_notes, show_problems
from dashboard.pages.amino_acids.controls import choose
from dashboard.pages.amino_acids.models_view import draw_models
from dashboard.pages.amino_acids.view import draw_head, draw_maps
from dashboard.results.loaded import Loaded, read_amino_acids
from precompute.errors import AtlasError


def draw(loaded: Loaded) -> None:
    """Draw what stands below the title."""
    choices, choice, notes = choose(loaded)
    show_notes([*choices.notes, *notes])
    try:
        heads = read_amino_acids(choice.source, choice.threshold)
        draw_maps(choices, choice, heads)
        draw_head(choices, choice, heads, loaded)
    except AtlasError as problem:
        show_problems([*loaded.problems, str(problem)])
    else:
        show_problems(loaded.problems)
    draw_models(choice, loaded)
    choices.settle(threshold=choice.threshold)


open_page("Amino acids", draw)
