"""What every figure from the shell is asked with: a model, where its values come from, an address.

A figure's ``add_arguments`` and ``make`` are made of these; without Streamlit.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

import pandas as pd

from dashboard.figures.look.scale import is_known
from dashboard.figures.printing.figure import Source
from dashboard.figures.printing.words import print_source
from dashboard.results import reader
from dashboard.results.folders import results_folders
from dashboard.results.heads import Heads
from dashboard.results.sources import HeadSource, Loaded, Run, label_of_model, paper_models
from precompute.errors import AtlasError
from precompute.features import SHOWN_FEATURES
from precompute.heads import DENOMINATORS, PUBLISHED
from precompute.published import THRESHOLD
from precompute.substitution import DEFAULT_MATRIX

_HEAD = re.compile(r"([1-9][0-9]{0,3})-([1-9][0-9]{0,3})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names a model and where its values come from."""
    parser.add_argument("--model", metavar="NAME", help="see `python -m precompute models`")
    parser.add_argument(
        "--run", metavar="NAME", help="a measured run; without it the published values"
    )
    add_results(parser)
    _add_threshold(parser)
    add_address(parser)


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Add what reading needs beside the names of several sources."""
    add_results(parser)
    _add_threshold(parser)
    add_address(parser)


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add where runs are."""
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        help="results folders, paths or URLs separated by commas (default: $ATLAS_RESULTS, else "
        "results, and the demo's); of several runs that may be meant the newest is shown",
    )


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


def add_matrix(parser: argparse.ArgumentParser) -> None:
    """Add the choice of a substitution matrix."""
    parser.add_argument(
        "--matrix",
        default=DEFAULT_MATRIX,
        metavar="NAME",
        help=f"a protein matrix of Biopython's (default {DEFAULT_MATRIX})",
    )


def read_heads(options: argparse.Namespace) -> Heads:
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


def read_source(text: str, options: argparse.Namespace) -> Heads:
    """Read the heads of one source, as pages' addresses name it.

    Parameters
    ----------
    text
        ``model:published`` or ``model:run``.
    options
        Of `add_sources`.

    Raises
    ------
    AtlasError
        When there is no such source.
    """
    model, colon, results = text.partition(":")
    if not colon or not model or not results:
        raise AtlasError(
            f"{text} names no source; write MODEL:published or MODEL:RUN, such as "
            "tape_bert:published."
        )
    if results == PUBLISHED:
        return read_paper(model, options.threshold)
    return read_run(options.results, results, model, options.threshold)


def read_paper(model: str, threshold: float = THRESHOLD) -> Heads:
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
    if not abs(threshold - THRESHOLD) <= 1e-6:  # so that what is no number is not it either
        raise AtlasError(
            f"Published values have the threshold {THRESHOLD:g} only, not {threshold:g}; name a "
            "run with --run for others."
        )
    return reader.read_heads(HeadSource(model, label_of_model(model)))


def read_run(
    folders: str | None,
    name: str | None,
    model: str | None,
    threshold: float = THRESHOLD,
    denominator: str = PUBLISHED,
) -> Heads:
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

    Raises
    ------
    AtlasError
        When there is no such run, or its tables cannot be read.
    """
    return reader.read_heads(find_source(folders, name, model), threshold, denominator)


def find_source(folders: str | None, name: str | None, model: str | None) -> HeadSource:
    """Find a run as a source of heads, called as pages call it; see `read_run`."""
    run = find_run(folders, name, model)
    return HeadSource(run.model, find_results(folders).labels[run.model], run)


def find_results(folders: str | None) -> Loaded:
    """List the runs of folders separated by commas; by default of those the dashboard reads."""
    named = [part.strip() for part in (folders or "").split(",") if part.strip()]
    return reader.find_runs(named or results_folders())


def find_run(folders: str | None, name: str | None, model: str | None) -> Run:
    """Find a run by its name or model, the newest of several; see `read_run`."""
    loaded = find_results(folders)
    for run in loaded.runs:
        if name in (None, run.name) and model in (None, run.model):
            return run
    if loaded.problems:  # the run may be in the folder that cannot be read
        raise AtlasError(loaded.problems[0])
    asked = " ".join(filter(None, ["run", name, f"of the model {model}" if model else ""]))
    raise AtlasError(
        f"There is no {asked} in {', '.join(loaded.folders) or 'any results folder'}; there are "
        f"{', '.join(run.name for run in loaded.runs) or 'none'}."
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
    heads = read_heads(options).showing(options.feature)
    address = {
        "feature": [options.feature],
        "models": [heads.model],
        "results": ["measured" if heads.run else "published"],
        "run": [heads.run.name] if heads.run else [],
        # what is as in the paper is left out, as on the page
        "threshold": [] if heads.threshold == THRESHOLD else [f"{heads.threshold:.2f}"],
        "denominator": [] if heads.denominator == PUBLISHED else [heads.denominator],
        **{name: [value] for name, value in parameters.items()},
    }
    # an address of what the page does not offer would show another property
    shown = options.feature in SHOWN_FEATURES
    link = permalink(options.address, page, address) if shown else ""
    return heads.frame, print_source([heads], [options.feature], link)


def once(named: Sequence[str] | None, default: Iterable[str]) -> list[str]:
    """Give each of several names once, in their order, or the default where none is named."""
    return list(dict.fromkeys(named or default))


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


def _add_threshold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        metavar="X",
        help=f"attention from which on a weight is an arc (default {THRESHOLD:g})",
    )
