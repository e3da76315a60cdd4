"""Which heatmaps a choice asks for: one panel a model and source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from dashboard.results import loaded as results
from dashboard.results.head import Asked
from dashboard.results.run_heads import RunHeads
from precompute.errors import AtlasError
from precompute.features import FEATURES, PAPER_FEATURES
from precompute.heads import PUBLISHED
from precompute.published import THRESHOLD


@dataclass(frozen=True)
class Panel:
    """One model's heads for one property, from one source.

    Attributes
    ----------
    model, label
        Identifier and name of the model.
    run
        The measured run; None for published values.
    frame
        Head frame of the property.
    heads
        Head frames of every property the source has, by model and property.
    """

    model: str
    label: str
    run: results.Run | None
    frame: pd.DataFrame
    heads: Mapping[tuple[str, str], pd.DataFrame]

    @property
    def profile(self) -> tuple[pd.DataFrame, ...]:
        """Head frames of the paper's properties, for opening a head."""
        return self.several(PAPER_FEATURES)

    def several(self, features: Iterable[str]) -> tuple[pd.DataFrame, ...]:
        """Head frames of those of some properties that the source has."""
        if isinstance(self.heads, RunHeads):
            return self.heads.several(features)
        keys = [(self.model, name) for name in features]
        return tuple(self.heads[key] for key in keys if key in self.heads)

    @property
    def threshold(self) -> float:
        """Attention from which on a weight is an arc."""
        return float(self.frame["threshold"].iloc[0])

    @property
    def denominator(self) -> str:
        """Key of `precompute.heads.DENOMINATORS`."""
        return str(self.frame["denominator"].iloc[0])

    @property
    def as_the_paper(self) -> bool:
        """Whether threshold and denominator are those of the published values."""
        return self.denominator == "published" and abs(self.threshold - THRESHOLD) < 1e-6

    @property
    def source(self) -> str:
        """``published`` or the name of the run."""
        return self.run.name if self.run else PUBLISHED

    @property
    def source_label(self) -> str:
        """The source in words."""
        if self.run is None:
            return "published"
        return f"measured, {self.run.dataset}, {self.run.proteins:,} proteins"


def choose_panels(loaded: results.Loaded, choice: Asked) -> tuple[list[Panel], list[str]]:
    """Collect the panels of a choice.

    Returns
    -------
    tuple
        The panels, by model, published before measured; and one sentence for
        everything that was asked for and cannot be shown.
    """
    panels, problems = [], []
    for model in choice.models:
        found = []
        if choice.results != "measured":
            found += _published(model, loaded.labels[model], choice.feature)
        if choice.results != "published":
            measured, said = _measured(loaded, model, choice)
            found += measured
            problems += said
        if not found:
            what = {"both": "", "published": "published ", "measured": "measured "}
            problems.append(
                f"There are no {what[choice.results]}values of {loaded.labels[model]} for the "
                f"property {FEATURES[choice.feature].label}."
            )
        panels += found
    return panels, problems


def _published(model: str, label: str, feature: str) -> list[Panel]:
    tables = results.published()
    if (model, feature) not in tables:
        return []
    return [Panel(model, label, None, tables[model, feature], tables)]


def _measured(loaded: results.Loaded, model: str, choice: Asked) -> tuple[list[Panel], list[str]]:
    """Take the chosen runs of a model, or its newest that has the property."""
    own = [run for run in loaded.runs if run.model == model]
    chosen = [run for run in own if run.name in choice.runs]
    panels, problems = [], []
    for run in chosen or own:
        try:
            tables = results.measured(run, float(choice.threshold), choice.denominator)
        except AtlasError as error:
            problems.append(str(error))
            continue
        if (model, choice.feature) in tables:
            frame = tables[model, choice.feature]
            panels.append(Panel(model, loaded.labels[model], run, frame, tables))
            if not chosen:
                break
        elif chosen:
            problems.append(
                f"The run {run.name} over {run.dataset} has no values for the property "
                f"{FEATURES[choice.feature].label}."
            )
    return panels, problems
