"""Read what a figure from the shell shows: published values or a run, without Streamlit."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from dashboard.figures.look.scale import is_known
from dashboard.figures.printing.figure import Source, sample_size
from dashboard.results.folders import results_folders
from dashboard.results.frames import by_feature
from precompute.errors import AtlasError
from precompute.features import FEATURES, PAPER_FEATURES
from precompute.heads import DENOMINATORS, PUBLISHED, measured_heads, published_heads
from precompute.models import MODELS
from precompute.published import THRESHOLD, read_published
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
    list_runs,
    read_table,
)

_HEAD = re.compile(r"([1-9][0-9]{0,3})-([1-9][0-9]{0,3})")


@dataclass(frozen=True)
class HeadTables:
    """The heads of one model from one source, every property that it has.

    Attributes
    ----------
    model, label
        Identifier and name of the model.
    results
        ``published`` or the name of the run.
    dataset, proteins
        What a run measured; empty and None for published values.
    threshold
        Attention from which on a weight is an arc.
    frames
        Head frames by property, in the order of `precompute.features.FEATURES`.
    """

    model: str
    label: str
    results: str
    dataset: str
    proteins: int | None
    threshold: float
    frames: Mapping[str, pd.DataFrame]

    def frame(self, feature: str) -> pd.DataFrame:
        """Give the head frame of a property.

        Raises
        ------
        AtlasError
            When there is none.
        """
        if feature not in FEATURES:
            raise AtlasError(
                f"There is no property {feature}; there are {', '.join(PAPER_FEATURES)}."
            )
        if feature not in self.frames:
            raise AtlasError(
                f"There are no {self._results} values of {self.label} for the property "
                f"{FEATURES[feature].label}; there are {', '.join(self.frames) or 'none'}."
            )
        return self.frames[feature]

    def source(self, feature: str = "", permalink: str = "") -> Source:
        """Say where the values come from."""
        return Source(
            models=self.label,
            results=self.results,
            dataset=self.dataset,
            feature=FEATURES[feature].label if feature else "",
            threshold=f"{self.threshold:g}",
            n=sample_size(self.model, self.proteins),
            permalink=permalink,
        )

    @property
    def _results(self) -> str:
        return "published" if self.results == PUBLISHED else f"measured (run {self.results})"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names a model and where its values come from."""
    parser.add_argument("--model", metavar="NAME", help="see `python -m precompute models`")
    parser.add_argument(
        "--run", metavar="NAME", help="a measured run; without it the published values"
    )
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        help="results folders, paths or URLs separated by commas (default: $ATLAS_RESULTS, else "
        "results, and the demo's); given without --run, the model's newest run",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        metavar="X",
        help=f"attention from which on a weight is an arc (default {THRESHOLD:g})",
    )
    add_address(parser)


def add_address(parser: argparse.ArgumentParser) -> None:
    """Add the address of the dashboard, which permalinks begin with."""
    parser.add_argument(
        "--address", default="", metavar="URL", help="your dashboard's, for the permalink"
    )


def add_feature(parser: argparse.ArgumentParser) -> None:
    """Add the choice of one property."""
    parser.add_argument(
        "--feature", default="contact", metavar="NAME", help="the property (default contact)"
    )


def add_denominator(parser: argparse.ArgumentParser) -> None:
    """Add the choice of what a share is of."""
    parser.add_argument(
        "--denominator",
        choices=tuple(DENOMINATORS),
        default=PUBLISHED,
        help="what a run's shares are of: published, all arcs, as in the paper; corrected, "
        f"eligible arcs, which can have the property at all (default {PUBLISHED})",
    )


def read_heads(options: argparse.Namespace) -> HeadTables:
    """Read the heads that `add_arguments`'s options name, and `add_denominator`'s if there are.

    Raises
    ------
    AtlasError
        When there is no such model, run, threshold or denominator, or its tables cannot
        be read.
    """
    denominator = getattr(options, "denominator", PUBLISHED)
    if options.run or options.results:
        return read_run(options.results, options.run, options.model, options.threshold, denominator)
    if not options.model:
        raise AtlasError(f"Name a model with --model; the paper has {', '.join(paper_models())}.")
    if denominator != PUBLISHED:
        raise AtlasError(
            "Published values have all arcs in the denominator only; name a run with --run for "
            "eligible arcs."
        )
    return read_paper(options.model, options.threshold)


def read_paper(model: str, threshold: float = THRESHOLD) -> HeadTables:
    """Read the published heads of a model.

    Raises
    ------
    AtlasError
        When the paper has no values of the model, or none at the threshold.
    """
    if model not in paper_models():
        raise AtlasError(
            f"There are no published values of the model {model}; there are those of "
            f"{', '.join(paper_models())}. Name a run with --run for others."
        )
    if abs(threshold - THRESHOLD) > 1e-6:
        raise AtlasError(
            f"Published values have the threshold {THRESHOLD:g} only, not {threshold:g}; name a "
            "run with --run for others."
        )
    heads = published_heads(
        *(
            _of_model(read_published(table), model)
            for table in (PUBLISHED_HEADS, PUBLISHED_TOP_HEADS, PUBLISHED_LAYER_MAXIMA)
        )
    )
    return HeadTables(
        model, MODELS[model].label, PUBLISHED, "", None, THRESHOLD, _in_order(by_feature(heads))
    )


def read_run(
    folders: str | None,
    name: str | None,
    model: str | None,
    threshold: float = THRESHOLD,
    denominator: str = PUBLISHED,
    features: Sequence[str] = PAPER_FEATURES,
) -> HeadTables:
    """Read the heads of a run.

    Parameters
    ----------
    folders
        Results folders, separated by commas; by default those the dashboard reads.
    name
        Name of the run; by default the newest.
    model
        The run's model; by default any.
    threshold
        Attention from which on a weight is an arc.
    denominator
        Key of `precompute.heads.DENOMINATORS`.
    features
        The properties wanted; those that the run lacks are left out.

    Raises
    ------
    AtlasError
        When there is no such run, or its tables cannot be read.
    """
    folder, row = _find_run(folders, name, model)
    run = str(row["run"])
    counts = read_table(
        folder,
        HEAD_COUNTS,
        run=run,
        filters=[
            ("threshold", ">", threshold - 1e-6),
            ("threshold", "<", threshold + 1e-6),
            ("feature", "in", list(features)),
        ],
    )
    if counts.empty and not any(abs(value - threshold) < 1e-6 for value in row["thresholds"]):
        known = ", ".join(f"{value:g}" for value in row["thresholds"])
        raise AtlasError(
            f"The run {run} has no counts at threshold {threshold:g}; its thresholds are {known}."
        )
    if counts.empty:
        wanted = ", ".join(FEATURES[name].label for name in features)
        raise AtlasError(f"The run {run} has no counts of any of these: {wanted}.")
    heads = measured_heads(
        counts,
        read_table(folder, BACKGROUND, run=run),
        run,
        int(row["layers"]),
        int(row["heads"]),
        denominator=denominator,
        features=features,
    )
    measured = str(row["model"])
    return HeadTables(
        measured,
        MODELS[measured].label if measured in MODELS else measured,
        run,
        str(row["dataset"]),
        int(row["proteins"]),
        threshold,
        _in_order(by_feature(heads)),
    )


def read_feature(
    options: argparse.Namespace, page: str = "Heads", **parameters: str
) -> tuple[pd.DataFrame, Source]:
    """Read one property's head frame, and say where it comes from.

    Parameters
    ----------
    options
        Of `add_arguments` and `add_feature`.
    page
        The page that shows the same.
    parameters
        Further parameters of its address.

    Raises
    ------
    AtlasError
        When there are no such values.
    """
    tables = read_heads(options)
    frame = tables.frame(options.feature)
    measured = tables.results != PUBLISHED
    denominator = getattr(options, "denominator", PUBLISHED)
    address = {
        "feature": [options.feature],
        "models": [tables.model],
        "results": ["measured" if measured else "published"],
        "run": [tables.results] if measured else [],
        # what is as in the paper is left out, as on the page
        "threshold": [] if tables.threshold == THRESHOLD else [f"{tables.threshold:.2f}"],
        "denominator": [] if denominator == PUBLISHED else [denominator],
        **{name: [value] for name, value in parameters.items()},
    }
    return frame, tables.source(options.feature, permalink(options.address, page, address))


def parse_head(text: str) -> tuple[int, int]:
    """Read a head as people write it, ``layer-head``, both from 1.

    Raises
    ------
    AtlasError
        When it is none.
    """
    match = _HEAD.fullmatch(text)
    if not match:
        raise AtlasError(f"{text} names no head; write layer-head, counted from 1, such as 2-1.")
    return int(match[1]), int(match[2])


def permalink(address: str, page: str, parameters: Mapping[str, Sequence[str]]) -> str:
    """Write the address of a page; without that of the dashboard, the part below it."""
    base = f"{address.rstrip('/')}/{page}" if address else f"/{page}"
    query = urlencode({name: list(values) for name, values in parameters.items()}, doseq=True)
    return f"{base}?{query}" if query else base


def need_measure(frame: pd.DataFrame, source: Source, measure: str) -> None:
    """Refuse to draw enrichment or z where it is not known of most heads, as the page does.

    Raises
    ------
    AtlasError
        When that is asked for.
    """
    if is_known(frame, measure):
        return
    if measure == "z" and frame["background_percent"].notna().any():
        raise AtlasError(
            f"z needs the heads' arcs, which {source.models} has of too few heads for "
            f"{source.feature} ({source.results} values); draw percent or enrichment."
        )
    raise AtlasError(
        f"{source.models} has no background of the property {source.feature} ({source.results} "
        f"values), so there is no {measure}; draw percent."
    )


def _find_run(
    folders: str | None, name: str | None, model: str | None
) -> tuple[str, dict[str, Any]]:
    named = [part.strip() for part in (folders or "").split(",") if part.strip()]
    named = named or list(results_folders())
    found: list[tuple[str, dict[str, Any]]] = []
    problems = []
    for folder in named:
        try:
            rows = list_runs(folder).to_dict("records")
        except AtlasError as error:  # the run may be in another folder
            problems.append(str(error))
        else:
            found += [(folder, {str(key): value for key, value in row.items()}) for row in rows]
    fitting = [
        (folder, row)
        for folder, row in found
        if name in (None, row["run"]) and model in (None, row["model"])
    ]
    if not fitting and problems:
        raise AtlasError(problems[0])
    if not fitting:
        asked = " ".join(filter(None, [name or "", f"of the model {model}" if model else ""]))
        known = ", ".join(str(row["run"]) for _, row in found) or "none"
        raise AtlasError(
            f"There is no run {asked} in {', '.join(named) or 'any results folder'}; there are "
            f"{known}."
        )
    return max(fitting, key=lambda entry: (str(entry[1]["started"]), str(entry[1]["run"])))


def _of_model(table: pd.DataFrame, model: str) -> pd.DataFrame:
    return table[table["model"] == model].reset_index(drop=True)


def _in_order(tables: Mapping[tuple[str, str], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    frames = {feature: frame for (_, feature), frame in tables.items()}
    return {name: frames[name] for name in FEATURES if name in frames}


def paper_models() -> list[str]:
    """Name the paper's models."""
    return [name for name, model in MODELS.items() if model.in_paper]
