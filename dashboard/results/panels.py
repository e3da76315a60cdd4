"""Which heatmaps a choice asks for: the heads of one property, one panel a model and source."""

from __future__ import annotations

from dashboard.results import loaded as results
from dashboard.results.head import Asked
from dashboard.results.heads import Heads
from dashboard.results.sources import HeadSource, list_sources
from precompute.errors import AtlasError
from precompute.features import FEATURES


def choose_panels(loaded: results.Loaded, choice: Asked) -> tuple[list[Heads], list[str]]:
    """Collect the panels of a choice.

    Returns
    -------
    tuple
        The panels, by model, published before measured; and one sentence for
        everything that was asked for and cannot be shown.
    """
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


def _measured(own: list[HeadSource], choice: Asked) -> tuple[list[Heads], list[str]]:
    """Take the chosen runs of a model, or its newest that has the property."""
    chosen = [source for source in own if source.results in choice.runs]
    panels, problems = [], []
    for source in chosen or own:
        try:
            heads = results.read_heads(source, choice.threshold, choice.denominator)
        except AtlasError as error:
            problems.append(str(error))
            continue
        if choice.feature in heads.frames:
            panels.append(heads)
            if not chosen:
                break
        elif chosen:
            problems.append(
                f"The {source.name} over {source.dataset} has no values for the property "
                f"{FEATURES[choice.feature].label}."
            )
    return panels, problems
