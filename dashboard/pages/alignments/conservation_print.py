"""Where row attention ends by the conservation of columns, for print: the map of heads."""

from __future__ import annotations

import argparse

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.look.scale import find_scale
from dashboard.figures.printing import shell
from dashboard.figures.printing.figure import PaperFigure
from dashboard.figures.printing.words import print_source
from dashboard.results.conservation import read_conservation
from dashboard.results.heads import Heads
from dashboard.results.sources import DEFAULT_THRESHOLD
from precompute.errors import AtlasError
from precompute.features import CONSERVATION_FEATURES


def conservation_figure(heads: Heads, permalink: str = "") -> PaperFigure:
    """Make the map of the heads' shares of arcs that end on the quarter that is shown."""
    source = print_source([heads], [heads.feature], permalink)
    return heads_figure(heads.frame, source, "percent", find_scale([heads.frame], "percent").limit)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    shell.add_arguments(parser)
    parser.add_argument(
        "--quarter",
        choices=[name.partition(":")[2] for name in CONSERVATION_FEATURES],
        default="1",
        help="of the columns, 1 being the most conserved",
    )


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there is no such run, or it has no such arcs.
    """
    found = shell.find_source(options.results, options.run, options.model)
    run = found.run
    if run is None or not run.rows:
        raise AtlasError(
            f"The run {found.results} read no alignments; name one that did with --run."
        )
    threshold = f"{options.threshold:.2f}"
    heads = read_conservation(found, threshold)
    address = {
        "run": [run.name],
        "quarter": [options.quarter] if options.quarter != "1" else [],
        "threshold": [threshold] if threshold != DEFAULT_THRESHOLD else [],
    }
    link = shell.permalink(options.address, "Alignments", address)
    return conservation_figure(heads.showing(f"conservation:{options.quarter}"), link)
