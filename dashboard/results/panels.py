"""Which heatmaps a choice asks for: the heads of one property, one panel a model and source."""

from __future__ import annotations

from dashboard.results import loaded as results
from dashboard.results.head import Asked
from dashboard.results.head_facts import head_shapes
from dashboard.results.heads import Heads
from dashboard.results.shapes import SHAPES
from dashboard.results.sources import HeadSource, list_sources
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES

_COUNTED = (
    "It is counted where a model is measured (precompute run, of this version or later); the paper "
    "does not have it."
)
"""Where what a head is like is known."""


def choose_panels(loaded: results.Loaded, choice: Asked) -> tuple[list[Heads], list[str]]:
    """Collect the panels of a choice; those of what a head is like show another property too.

    Returns
    -------
    tuple
        The panels, by model, published before measured; and one sentence for
        everything that was asked for and cannot be shown.
    """
    if choice.feature in SHAPES:
        return _shape_panels(loaded, choice)
    panels, problems = [], []
    sources = list_sources(loaded).values()
    for model in choice.models:
        own = [source for source in sources if source.model == model]
        found = []
        if choice.results != "measured":
            papers = [results.read_heads(source) for source in own if source.run is None]
            found += [heads for heads in papers if choice.feature in heads.frames]
        if choice.results != "published":
            measured, said = _measured([source for source in own if source.run], choice)
            found += measured
            problems += said
        if not found:
            what = {"both": "", "published": "published ", "measured": "measured "}
            problems.append(
                f"There are no {what[choice.results]}values of {loaded.labels[model]} for the "
                f"property {FEATURES[choice.feature].label}."
            )
        panels += [heads.showing(choice.feature) for heads in found]
    return panels, problems


def _shape_panels(loaded: results.Loaded, choice: Asked) -> tuple[list[Heads], list[str]]:
    """Collect the runs that know what heads are like; what has none is said in one sentence."""
    panels, problems, without = [], [], []
    for model in choice.models:
        own = [source for source in list_sources(loaded).values() if source.model == model]
        runs = [source for source in own if source.run and choice.results != "published"]
        found, said = _measured(runs, choice)
        problems += said
        if not found:
            without.append(loaded.labels[model])
        for heads in found:
            shown = next((name for name in heads.frames if name in SHOWN_FEATURES), "")
            panels.append(heads.showing(shown) if shown else heads)
    if without:
        label = SHAPES[choice.feature].label
        problems.append(f"{label} is not known of {', '.join(without)}. {_COUNTED}")
    return panels, problems


def _has(heads: Heads, feature: str) -> bool:
    """Tell whether heads have a property, or are known to be like something."""
    return len(head_shapes(heads.whole())) > 0 if feature in SHAPES else feature in heads.frames


def _measured(own: list[HeadSource], choice: Asked) -> tuple[list[Heads], list[str]]:
    """Take the chosen runs of a model, or its newest that has the property."""
    chosen = [source for source in own if source.results in choice.runs]
    panels, problems = [], []
    for source in chosen or own:
        try:
            heads = results.read_heads(source, choice.threshold, choice.denominator)
            known = _has(heads, choice.feature)
        except AtlasError as error:
            problems.append(str(error))
            continue
        if known:
            panels.append(heads)
            if not chosen:
                break
        elif chosen:
            problems.append(
                f"The {source.name} over {source.dataset} has no values for the property "
                f"{(FEATURES.get(choice.feature) or SHAPES[choice.feature]).label}."
            )
    return panels, problems
