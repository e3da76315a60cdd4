"""The figures of the Contacts page for print, and ``python -m dashboard figure contacts``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look.citation import works_of
from dashboard.figures.look.scale import percent_end
from dashboard.figures.printing import shell, style
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.rows import cut
from dashboard.figures.printing.types import Figure
from dashboard.pages.contacts.screen import comparison_names
from dashboard.pages.contacts.words import (
    LEGENDS,
    MEASURES,
    NOT_SCORED,
    OF_LEARNT,
    SEPARATIONS,
    SHOWN,
    atoms_used,
    no_values,
    unit_of,
)
from dashboard.results.contacts import (
    ContactRun,
    OpenedProtein,
    comparison_frame,
    default_method,
    find_contact_runs,
    means_frame,
    open_protein,
    opened_methods,
    opened_names,
    samples,
    weights_grid,
)
from precompute.errors import AtlasError
from precompute.live.arc_colours import HEAD_COLOURS
from precompute.one_line import one_line

VIEWS = ("precision", "heads", "weights", "protein")


def contacts_source(
    runs: Sequence[ContactRun], n: Iterable[str], permalink: str = "", *, published: bool = False
) -> Source:
    """Say where the numbers of some runs come from, and on how many proteins or residues.

    Beside published values those are cited too.
    """
    return Source(
        models=", ".join(dict.fromkeys(run.label for run in runs)),
        results=", ".join(run.name for run in runs),
        dataset=", ".join(dict.fromkeys(run.dataset for run in runs)),
        feature="Contacts",
        n="; ".join(dict.fromkeys(n)),
        permalink=permalink,
        cite=works_of(
            [run.model for run in runs],
            [run.dataset for run in runs],
            ["contact"] if published else [],
        ),
    )


def heads_source(run: ContactRun, shown: str, permalink: str = "") -> Source:
    """Say where the map of heads comes from: from the proteins learnt from, if from any."""
    n = [f"n = {run.learnt:,} proteins"] if shown in OF_LEARNT else []
    return contacts_source([run], n, permalink)


def protein_source(run: ContactRun, opened: OpenedProtein, permalink: str = "") -> Source:
    """Say where the map of one protein comes from."""
    return contacts_source([run], [f"1 protein, {len(opened.sequence):,} residues"], permalink)


def comparison_figure(frame: pd.DataFrame, unit: str, source: Source) -> PaperFigure:
    """Make the comparison of models and methods."""
    caption = (
        f"{unit} of contact predictions. Dots: measured here, mean over proteins with its 95 % "
        "bootstrap interval, the protein being the unit; rings: published. Ticks: chance."
    )

    def draw(canvas: Canvas) -> Figure:
        names = comparison_names(frame)
        # Names that are too long for half of the width stand above their rows, as on screen.
        beside = style.widest(names) <= 0.5 * canvas.width - 3
        height = (4.0 if beside else 6.4) * max(len(frame), 1)
        figure = canvas.figure(height + 9, source.header)
        left = 0.5 * canvas.width if beside else 3.0
        axes = place_axes(figure, left, 8, canvas.width - left - 3, height)
        rows = np.arange(len(frame))
        published = frame["published"].to_numpy(dtype=bool)
        for chosen, colour, face in (
            (~published, style.VALUE, style.VALUE),
            (published, style.OTHER, "white"),
        ):
            part = frame[chosen]
            ends = part[["lower", "upper"]].to_numpy(dtype=float)
            axes.hlines(rows[chosen], ends[:, 0], ends[:, 1], color=colour, linewidth=0.8)
            axes.plot(
                *(part["percent"], rows[chosen], "o"),
                color=colour,
                markerfacecolor=face,
                markersize=3,
            )
        axes.plot(frame["chance"], rows, "|", color=style.INK, markersize=4)
        end = percent_end(frame[["percent", "upper"]].to_numpy(dtype=float))
        axes.set(xlim=(0, end), ylim=(len(frame) - 0.5, -0.5 if beside else -0.9), xlabel=unit)
        axes.set_yticks(rows if beside else [], names if beside else [])
        for row, name in enumerate([] if beside else names):
            text = cut(name, style.TICK_SIZE, canvas.width - left - 3)
            axes.text(0, row - 0.2, text, fontsize=style.TICK_SIZE, va="bottom")
        return figure

    return PaperFigure("atlas_contacts_precision", draw, caption, source, frame)


def means_figure(frame: pd.DataFrame, unit: str, source: Source) -> PaperFigure:
    """Make precision against how many heads are averaged."""
    caption = (
        f"{unit} of the mean of the K best heads' corrected maps, with 95 % bootstrap intervals "
        "over proteins. Heads were ranked on proteins of other sequence families."
    )

    def draw(canvas: Canvas) -> Figure:
        figure = canvas.figure(46, source.header)
        axes = place_axes(figure, 11, 9, canvas.width - 14, 36)
        for number, (name, part) in enumerate(frame.groupby("title", sort=False)):
            colour = HEAD_COLOURS[number % len(HEAD_COLOURS)]
            axes.fill_between(
                part["heads"].astype(float),
                *(part["lower"].astype(float), part["upper"].astype(float)),
                color=colour,
                alpha=0.15,
                linewidth=0,
            )
            axes.plot(part["heads"], part["percent"], color=colour, label=str(name))
        end = percent_end(frame[["percent", "upper"]].to_numpy(dtype=float))
        axes.set(xlim=(0, frame["heads"].max() + 1), ylim=(0, end))
        axes.set(xlabel="heads in the mean, best first", ylabel=unit)
        axes.legend(loc="lower right")
        return figure

    return PaperFigure("atlas_contacts_heads", draw, caption, source, frame)


def weights_figure(values: NDArray[np.float64], words: str, source: Source) -> PaperFigure:
    """Make the map of what is known of each head."""
    layers, heads = values.shape
    places = np.arange(values.size)
    frame = pd.DataFrame(
        {"layer": places // heads + 1, "head": places % heads + 1, "value": values.ravel()}
    )

    def draw(canvas: Canvas) -> Figure:
        height = min(max(2.6 * layers, 24), 110)
        figure = canvas.figure(height + 24, source.header)
        room = canvas.width - 12, height
        axes = place_axes(figure, 9, 22, *room)
        signed = bool((values < 0).any()) or "weight" in words
        largest = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
        colours = style.DIVERGING if signed else style.SEQUENTIAL
        mesh = draw_cells(axes, values, -largest if signed else 0, largest, colours, room)
        place_bar(figure, mesh, 9, 8, 0.6 * canvas.width, words)
        return figure

    return PaperFigure("atlas_contacts_weights", draw, f"{words}, head by head.", source, frame)


def protein_figure(
    opened: OpenedProtein, method: str, source: Source, asked: str = "alpha"
) -> PaperFigure:
    """Make one protein's predicted pairs beside its contacts."""
    caption = (
        f"{opened.name} by {method}. Below the diagonal its contacts; above it the "
        f"{len(opened.pairs)} pairs scored highest, blue where they touch, orange where not. "
        f"{atoms_used(opened, asked)}"
    ).rstrip()

    def draw(canvas: Canvas) -> Figure:
        side = min(canvas.width - 14, 80)
        figure = canvas.figure(side + 10, source.header)
        axes = place_axes(figure, 11, 9, side, side)
        rows, columns = np.nonzero(np.tril(opened.contacts))
        size = max(0.3, (side / len(opened.sequence) * 72 / 25.4) ** 2)
        axes.scatter(columns + 1, rows + 1, s=size, marker="s", color=style.MASKED, linewidths=0)
        for right, colour in ((True, style.VALUE), (False, style.OTHER)):
            part = opened.pairs[opened.pairs["contact"] == right]
            axes.scatter(part["j"], part["i"], s=size, marker="s", color=colour, linewidths=0)
        ends = 0.5, len(opened.sequence) + 0.5
        axes.set(xlim=ends, ylim=ends[::-1], xlabel="residue", ylabel="residue")
        return figure

    return PaperFigure(f"atlas_contacts_{opened.name}"[:100], draw, caption, source, opened.pairs)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    parser.add_argument("--view", choices=VIEWS, default="precision", help="(default precision)")
    parser.add_argument(
        "--run", action="append", metavar="NAME", help="a run of contacts; several may be given"
    )
    shell.add_results(parser)
    parser.add_argument("--separation", choices=SEPARATIONS, default="long")
    parser.add_argument("--measure", choices=MEASURES, default="L")
    parser.add_argument("--atoms", choices=("alpha", "beta"), default="alpha")
    parser.add_argument("--shown", choices=SHOWN, default="weight", help="of the weights")
    parser.add_argument("--protein", metavar="NAME", help="one of which maps are kept")
    parser.add_argument(
        "--method", metavar="METHOD.HEADS", help="whose map (default the mean of most heads)"
    )
    shell.add_address(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there is no such run, head or protein.
    """
    loaded = shell.find_results(options.results)
    there, problems = find_contact_runs(loaded.folders)
    problems += loaded.problems
    names = shell.once(options.run, list(there)[:1])
    missing = [name for name in names if name not in there]
    if missing or not names:
        said = f"no run {missing[0]} of contacts" if missing else "no run of contacts"
        listed = f"; there are {', '.join(there)}" if there else ""
        raise AtlasError(
            problems[0] if problems and not there else f"There is {said} in the results{listed}."
        )
    runs = [there[name] for name in names]
    chosen = options.separation, options.measure, options.atoms
    method = options.method or default_method(opened_methods(runs[0]))
    address = {
        "runs": names,
        "separation": [chosen[0]],
        "measure": [chosen[1]],
        "atoms": [chosen[2]],
    }
    if options.view == "weights":
        address |= {"run": names[:1], "shown": [options.shown]}
    if options.view == "protein" and options.protein is not None:
        address |= {"run": names[:1], "protein": [options.protein], "method": [method]}
    link = shell.permalink(options.address, "Contacts", address)
    counted = samples(runs, *chosen).values()
    source = contacts_source(runs, counted, link)
    unit = unit_of(*chosen)
    if options.view == "precision":
        frame = _scored(comparison_frame(runs, *chosen))
        if frame["published"].any():
            source = contacts_source(runs, counted, link, published=True)
        return comparison_figure(frame, unit, source)
    if options.view == "heads":
        return means_figure(_scored(means_frame(runs, *chosen)), unit, source)
    if options.view == "weights":
        values = weights_grid(runs[0], options.shown)
        if np.isnan(values).all():
            raise AtlasError(no_values(runs[0], options.shown))
        source = heads_source(runs[0], options.shown, link)
        return weights_figure(values, LEGENDS[options.shown], source)
    names_kept, methods = opened_names(runs[0]), opened_methods(runs[0])
    if options.protein not in names_kept or method not in methods:
        asked = "Which protein?" if options.protein is None else "No such map is kept."
        raise AtlasError(
            f"{asked} The run {runs[0].name} keeps maps of the proteins "
            f"{', '.join(map(one_line, list(names_kept)[:20])) or 'none'}, by the methods "
            f"{', '.join(map(one_line, methods)) or 'none'}; name one with --protein and --method."
        )
    opened = open_protein(runs[0], options.protein, method, options.atoms)
    source = protein_source(runs[0], opened, link)
    return protein_figure(opened, methods[method], source, options.atoms)


def _scored(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame of shares that holds one.

    Raises
    ------
    AtlasError
        When it holds none.
    """
    if frame["percent"].isna().all():
        raise AtlasError(NOT_SCORED)
    return frame
