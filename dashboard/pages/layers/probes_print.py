"""The paper's probes of TapeBert: how well a property is read from each layer, for print."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dashboard.figures.look import ticks
from dashboard.figures.look.citation import works_of
from dashboard.figures.printing import shell, style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.rows import cut
from dashboard.figures.printing.types import Figure
from dashboard.pages.layers.probes_screen import LOOKS, say_scored
from dashboard.results.sources import label_of_model
from precompute.errors import AtlasError
from precompute.heads import PUBLISHED
from precompute.probes.tasks import label_of
from precompute.published import read_published
from precompute.tables import PUBLISHED_PROBES

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_PANEL, _LEFT, _RIGHT = 36.0, 9.0, 2.0
"""Millimetres: the least width of a panel, and around its axes."""
_ABOVE, _HEIGHT, _BELOW = 7.0, 22.0, 8.0
"""Millimetres: a panel's title, its axes, and what is below them."""
_KEY = 3.4
"""Millimetres of a line of the key."""


def probes_source(frame: pd.DataFrame, permalink: str = "") -> Source:
    """Say where probes come from; the paper does not say how many proteins they rest on."""
    own = frame[frame["proteins"].notna()] if measured(frame) else frame[:0]
    paper = frame[frame["proteins"].isna()] if measured(frame) else frame
    published = [PUBLISHED] if len(paper) else []
    return Source(
        models=", ".join(map(label_of_model, frame["model"].unique())),
        results=", ".join([*published, *(own["run"].unique() if len(own) else ())]),
        dataset=", ".join(own["dataset"].unique() if len(own) else ()),
        feature=", ".join(map(label_of, frame["feature"].unique())),
        permalink=permalink,
        cite=works_of(
            frame["model"].unique(),
            own["dataset"].unique() if len(own) else (),
            paper["feature"].unique(),
        ),
    )


def measured(frame: pd.DataFrame) -> bool:
    """Tell whether some of the probes are measured ones."""
    return "proteins" in frame and bool(frame["proteins"].notna().any())


def probes_figure(frame: pd.DataFrame, source: Source) -> PaperFigure:
    """Make a panel a property.

    Parameters
    ----------
    frame
        Rows of ``published_probes``, property after property.
    source
        Of `probes_source`.
    """
    attention = (
        "; rings: the attention probe, one on the layer's attention weights"
        if (frame["probe"] == "attention").any()
        else ""
    )
    metrics = "; ".join(
        f"{label_of(str(name))}: {part['metric'].iloc[0]}"
        for name, part in frame.groupby("feature", sort=False)
    )
    own = _say_measured(frame) if measured(frame) else ""
    published = (
        "The paper's figure gives neither intervals nor the number of proteins."
        if not measured(frame) or frame["proteins"].isna().any()
        else ""
    )
    caption = (
        f"Probes of {source.models} by layer. Dots: the embedding probe, a linear classifier on "
        f"the vectors that leave the layer{attention}. {metrics}; L is the length of the protein. "
        f"{own}{published}"
    ).rstrip()

    def draw(canvas: Canvas) -> Figure:
        from matplotlib.ticker import MaxNLocator

        several = frame["model"].nunique() > 1
        # Two probings of one model are two panels.
        runs = frame.get("run", pd.Series("", frame.index)).fillna("").rename("of")
        counts = runs.groupby(frame["model"]).nunique()
        again = set(counts.index[counts > 1])
        parts = [
            (
                label_of(str(name))
                + f" · {label_of_model(str(model))}" * several
                + (f", {said.rpartition(' ')[0]}" if (said := say_scored(part)) else ""),
                (f"run {str(run)[-8:]}" if run else PUBLISHED) if model in again else "",
                part,
            )
            for (name, model, run), part in frame.groupby(["feature", "model", runs], sort=False)
        ]
        across = min(len(parts), max(1, int(canvas.width // _PANEL)))
        down = -(-len(parts) // across)
        block = _ABOVE + _HEIGHT + _BELOW
        kinds = frame["probe"].nunique()
        lines = -(-kinds // 2) if kinds > 1 else 0
        tall = down * block + _KEY * lines
        figure = canvas.figure(tall, (f"Probes · {source.models}", source.header[1]))
        keys: dict[str, Artist] = {}
        width = canvas.width / across
        for number, (name, below, part) in enumerate(parts):
            left = number % across * width + _LEFT
            bottom = (down - 1 - number // across) * block + _BELOW
            axes = place_axes(figure, left, bottom, width - _LEFT - _RIGHT, _HEIGHT)
            for kind, own in part.groupby("probe", sort=False):
                edge, symbol, dash = LOOKS.get(str(kind), LOOKS["embedding"])
                ordered = own.sort_values("layer")
                dotted = dash != "solid"
                if "upper" in ordered and not dotted:
                    ends = ordered[["lower", "upper"]].to_numpy(float).T
                    axes.vlines(ordered["layer"], *ends, color=edge, linewidth=0.5)
                (keys[str(kind)],) = axes.plot(
                    *(ordered["layer"], ordered["value"]),
                    color=edge,
                    linestyle=":" if dotted else "-",
                    marker="_" if dotted else "o",
                    markerfacecolor="white" if symbol.endswith("open") else edge,
                    markeredgewidth=0.7,
                    label=str(kind),
                )
            layers = int(part["layer"].max())
            shown = part[["value", "upper"]] if "upper" in part else part[["value"]]
            top = min(float(np.nanmax(shown.to_numpy(float))) * 1.08, 1.0) or 1.0
            axes.set(xlim=(0.5, layers + 0.5), ylim=(0, top), xlabel="layer")
            axes.set_ylabel(str(part["metric"].iloc[0]))
            axes.set_xticks(ticks.layers(layers))
            axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
            room = width - _LEFT - _RIGHT
            title = [cut(text, style.TICK_SIZE, room) for text in (name, below) if text]
            axes.set_title("\n".join(title), fontsize=style.TICK_SIZE, loc="left", pad=2)
        if lines:  # above all panels, as on screen
            beside = place_axes(figure, 0, down * block, canvas.width, _KEY * lines)
            beside.set_axis_off()
            look: dict[str, Any] = {"ncols": 2, "handlelength": 1.6, "borderaxespad": 0}
            beside.legend(list(keys.values()), list(keys), loc="upper left", **look)
        return figure

    name = "atlas_probes" if measured(frame) else "atlas_probes_tape_bert"
    return PaperFigure(name, draw, caption, source, frame)


def _say_measured(frame: pd.DataFrame) -> str:
    """Say what of the measured probes is drawn: the protocol of the paper has dots alone."""
    own = frame[frame["proteins"].notna()]
    drawn = [
        (own["upper"].notna().any(), "thin lines are 95% bootstrap intervals over proteins"),
        (
            own["probe"].str.contains(",").any(),
            "dotted ones the control, labels exchanged between residues of one amino acid",
        ),
    ]
    said = ", ".join(words for there, words in drawn if there)
    return f"Measured: {said}{'; ' if said else ''}n are the proteins scored. "


def choose_probes(probes: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Give the probes of some properties, in their order.

    Raises
    ------
    AtlasError
        When the paper has none of one.
    """
    there = list(dict.fromkeys(probes["feature"]))
    for name in features:
        if name not in there:
            raise AtlasError(f"The paper has no probes of {name}; it has {', '.join(there)}.")
    return pd.concat([probes[probes["feature"] == name] for name in features], ignore_index=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    parser.add_argument(
        "--feature",
        action="append",
        metavar="NAME",
        help="a property; several may be given (default: all that the paper has probes of)",
    )
    shell.add_address(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When the paper has no such probes.
    """
    probes = read_published(PUBLISHED_PROBES)
    features = shell.once(options.feature, probes["feature"])
    frame = choose_probes(probes, features)
    link = shell.permalink(options.address, "Layers", {"feature": features})
    return probes_figure(frame, probes_source(frame, link))
