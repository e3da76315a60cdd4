"""Figures from the shell: ``python -m dashboard figure NAME …``; no server, no Streamlit.

Each module named in `FIGURES` draws one kind of figure. It has

- ``add_arguments(parser)``, which adds what the figure needs to be chosen, and
- ``make(options)``, which reads the tables and gives a
  `dashboard.figures.printing.figure.PaperFigure`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import PurePath
from typing import Any

from dashboard.figures.printing.style import JOURNALS
from precompute import __version__
from precompute.errors import AtlasError, system_said

FIGURES: dict[str, tuple[str, str]] = {
    "heads": ("dashboard.figures.heads.heads_print", "layer × head heatmap of one property"),
    "top-heads": (
        "dashboard.figures.top_heads.top_heads_print",
        "the highest heads of one property",
    ),
    "shapes": (
        "dashboard.pages.heads.shapes_print",
        "what a run's heads are like: entropy, distance, diagonal or special tokens",
    ),
    "offsets": (
        "dashboard.pages.heads.offsets_print",
        "where a head's arcs land relative to a residue",
    ),
    "amino-acids": (
        "dashboard.pages.amino_acids.small_heatmaps_print",
        "twenty heatmaps, one an amino acid, or one head's shares",
    ),
    "substitution": (
        "dashboard.pages.substitution.matrix_print",
        "amino acids' attention beside a substitution matrix",
    ),
    "similarity": (
        "dashboard.pages.substitution.similarity_print",
        "several models' similarity to a substitution matrix",
    ),
    "layers": (
        "dashboard.pages.layers.layer_panels_print",
        "properties over the layers, centres of gravity",
    ),
    "probes": ("dashboard.pages.layers.probes_print", "the paper's probes of TapeBert, by layer"),
    "compare": (
        "dashboard.pages.compare.differences_print",
        "two sources: differences, distributions, highest heads or all properties",
    ),
    "clusters": (
        "dashboard.pages.compare.clusters_print",
        "heads of one to five models clustered by what they do",
    ),
    "pairs": (
        "dashboard.pages.compare.protein_pairs_print",
        "a run over pairs of proteins: one family, different families, their difference",
    ),
    "alignments": (
        "dashboard.pages.alignments.distance_map_print",
        "column attention against the distance of rows: all heads, or one head in one alignment",
    ),
    "conservation": (
        "dashboard.pages.alignments.conservation_print",
        "row attention by the conservation of the columns that it ends on",
    ),
    "contacts": (
        "dashboard.pages.contacts.printed",
        "contacts from all heads: models side by side, heads averaged, weights, one protein",
    ),
    "protein": (
        "dashboard.pages.live.arcs.protein_print",
        "one protein under a model: a head's map, its arcs over the sequence, or all heads",
    ),
}
"""Every figure by its name in the shell: the module that makes it, and what it shows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Command-line arguments; those of the process by default.

    Returns
    -------
    int
        0 when it worked; 1 when a figure cannot be made, after one sentence on standard
        error; 130 when interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser(given).parse_args(given)
    try:
        _make(options)
        sys.stdout.flush()
    except AtlasError as error:
        print(f"dashboard: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dashboard: interrupted; the files are as they were.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever reads our output has left, as `head` does; nobody is there to be told.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
    except OSError as error:
        print(f"dashboard: {system_said(error)}", file=sys.stderr)
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 1
    return 0


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboard", description="Take figures and tables of the pages along."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    figure = commands.add_parser(
        "figure", help="make one figure for print, its table, caption and citations"
    )
    names = figure.add_subparsers(required=True, metavar="FIGURE", dest="figure")
    for name, (path, shows) in FIGURES.items():
        one = names.add_parser(name, help=shows, description=f"Make a figure: {shows}.")
        if name in given:  # the others need not be imported
            module = import_module(path)
            module.add_arguments(one)
            _add_files(one)
            one.set_defaults(make=module.make)
    return parser


def _add_files(parser: argparse.ArgumentParser) -> None:
    files = parser.add_argument_group("files")
    files.add_argument("--out", metavar="FILE", help="the figure: .pdf, .svg or .png")
    files.add_argument("--table", metavar="FILE", help="what it shows: .csv or .parquet")
    files.add_argument("--bib", metavar="FILE", help="what to cite: .bib")
    files.add_argument("--caption", action="store_true", help="print the caption")
    look = parser.add_argument_group("look")
    look.add_argument(
        "--width",
        type=int,
        metavar="MM",
        help="millimetres, one of the journal's (default its narrowest): "
        + "; ".join(f"{j.label} {', '.join(map(str, j.widths))}" for j in JOURNALS.values()),
    )
    look.add_argument(
        "--journal",
        choices=tuple(JOURNALS),
        default="nature",
        help="whose widths and greatest height (default nature)",
    )
    look.add_argument("--letter", default="", metavar="A", help="panel letter")
    look.add_argument(
        "--dpi", type=int, choices=(300, 600), default=300, help="of a PNG (default 300)"
    )


def _make(options: argparse.Namespace) -> None:
    """Make everything that is asked for, then write it: nothing is left half done."""
    if not (options.out or options.table or options.bib or options.caption):
        raise AtlasError("Nothing to do; name a file with --out, --table or --bib, or --caption.")
    from dashboard.figures.look.citation import bibtex
    from dashboard.figures.printing.save import FORMATS, save
    from dashboard.page.table_files import TABLE_FILES

    journal = JOURNALS[options.journal]
    width = journal.widths[0] if options.width is None else options.width
    if width not in journal.widths:
        raise AtlasError(
            f"{journal.label} has no figures of {width} mm; give --width "
            f"{', '.join(map(str, journal.widths[:-1]))} or {journal.widths[-1]}, or another "
            "--journal."
        )
    kind = _ending(options.out, FORMATS)
    table = _ending(options.table, TABLE_FILES)
    _ending(options.bib, ("bib",))
    figure = options.make(options)
    files: list[tuple[str, bytes]] = []
    if options.out:
        drawn = save(figure, kind, width, options.dpi, options.letter, options.journal)
        files.append((options.out, drawn))
    if options.table:
        files.append((options.table, TABLE_FILES[table].write(figure.frame)))
    if options.bib:
        files.append((options.bib, bibtex(figure.source.cite).encode()))
    for path, data in files:
        _write(path, data)
    if options.caption:
        print(figure.full_caption)


def _ending(path: str | None, known: Any) -> str:
    """Give a path's ending.

    Raises
    ------
    AtlasError
        When no such file can be written.
    """
    ending = PurePath(path or "").suffix.lower().removeprefix(".")
    if path and ending not in known:
        raise AtlasError(
            f"{path} is no file that can be written here; its ending must be one of "
            f"{', '.join('.' + name for name in known)}."
        )
    return ending


def _write(path: str, data: bytes) -> None:
    """Put bytes at a path or URL, whole or not at all."""
    from precompute.tables import open_folder, write_bytes

    filesystem, place = open_folder(path)
    write_bytes(filesystem, place, data)


if __name__ == "__main__":
    sys.exit(main())
