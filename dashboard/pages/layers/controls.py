"""The controls of the Layers page."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import choose_one, choose_several, choose_threshold, row
from dashboard.pages.layers.layer_panels_print import PAPER_FEATURES as DEFAULT_FEATURES
from dashboard.results.sources import (
    DEFAULT_THRESHOLD,
    HeadSource,
    Loaded,
    every_threshold,
    list_sources,
)
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.heads import PUBLISHED

AXES = {"layer": "Layer", "depth": "Relative depth"}
SCALES = {"own": "Own", "shared": "Shared"}
MOST_SOURCES, MOST_FEATURES = 5, 6
DEFAULT_SOURCES = (f"tape_bert:{PUBLISHED}",)


@dataclass(frozen=True)
class LayersChoice:
    """What a visitor of the page has chosen."""

    sources: tuple[HeadSource, ...]
    features: tuple[str, ...]
    axis: str
    scale: str
    threshold: str


def choose(loaded: Loaded, more: tuple[Parameter, ...]) -> tuple[Choices, LayersChoice]:
    """Draw the controls and give what they say; the address has more parameters."""
    sources = list_sources(loaded)
    choices = Choices(
        "layers",
        (
            Parameter("source", sources, DEFAULT_SOURCES, most=MOST_SOURCES),
            Parameter("feature", SHOWN_FEATURES, DEFAULT_FEATURES, most=MOST_FEATURES),
            Parameter("axis", AXES, "layer"),
            Parameter("scale", SCALES, "own"),
            Parameter("threshold", every_threshold(sources.values()), DEFAULT_THRESHOLD),
            *more,
        ),
    )
    with row():
        features = choose_several(
            choices, "feature", "Properties", lambda name: FEATURES[name].label, width=470
        )
        keys = choose_several(
            choices, "source", "Models and results", lambda key: sources[key].long_title, width=430
        )
    chosen = tuple(sources[key] for key in keys)
    with row():
        axis = choose_one(choices, "axis", "Axis")
        scale = choose_one(choices, "scale", "Percent scale")
        threshold = choose_threshold(choices, every_threshold(chosen))
    return choices, LayersChoice(chosen, features, axis, scale, threshold)
