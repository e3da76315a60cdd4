"""What a figure for print is: how it is drawn, what it shows, and where that comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import pandas as pd

from dashboard.figures.printing import style
from dashboard.figures.printing.types import Figure
from precompute import __version__
from precompute.heads import PUBLISHED
from precompute.one_line import one_line

SOFTWARE = f"Protein Attention Atlas {__version__}"
LIVE = "computed live"
"""As `Source.results`: one protein's, from the Live page; no table holds them."""
_PAPER = "Published values of Vig et al., ICLR 2021 (arXiv 2006.15222)"


@dataclass(frozen=True)
class Source:
    """Where a figure's numbers come from; what is empty is not said.

    Attributes
    ----------
    models
        Label of the model, or labels separated by commas.
    results
        ``published``, the name of the run, or `LIVE`.
    dataset
        The proteins of a run.
    feature
        Label of the property.
    threshold
        Attention from which on a weight is an arc.
    n
        How many proteins, such as ``n = 5,000 proteins``.
    version
        The software.
    permalink
        Address of the page that shows the same.
    paper
        Whose values are published.
    cite
        Keys of `dashboard.figures.look.citation`: the works that the numbers rest on, beside this
        software and the paper.
    """

    models: str = ""
    results: str = ""
    dataset: str = ""
    feature: str = ""
    threshold: str = ""
    n: str = ""
    version: str = SOFTWARE
    permalink: str = ""
    cite: tuple[str, ...] = ()
    paper: str = _PAPER

    def __post_init__(self) -> None:
        # Names are others' words, and a sign without a shape breaks matplotlib's PDF.
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, one_line(value))

    @property
    def facts(self) -> dict[str, str]:
        """What is known, by its name in a file's metadata."""
        named = {
            "Model": self.models,
            "Results": self.results,
            "Dataset": self.dataset,
            "Property": self.feature,
            "Threshold": self.threshold,
            "Sample": self.n,
            "Version": self.version,
            "Permalink": self.permalink,
        }
        return {name: value for name, value in named.items() if value}

    @property
    def header(self) -> tuple[str, str]:
        """The two lines above a figure: property and model; source and n."""
        measured = f"measured, {self.dataset}" if self.dataset else "measured"
        if PUBLISHED in self._runs:
            measured = f"{PUBLISHED} and {measured}"
        source = measured if self.is_measured else self.results
        return (
            " · ".join(part for part in (self.feature, self.models) if part),
            ", ".join(part for part in (source, self.n) if part),
        )

    @property
    def statement(self) -> str:
        """Where the numbers come from, as the end of a caption."""
        if self.is_measured:
            on = f" on {self.dataset}" if self.dataset else ""
            runs = [name for name in self._runs if name != PUBLISHED]
            data = f"Measured{on} (run{'s' if len(runs) > 1 else ''} {', '.join(runs)})"
            if len(runs) < len(self._runs):
                data = f"{self.paper}; {data[0].lower()}{data[1:]}"
        elif self.results == LIVE:
            data = "Computed live with the model's weights"
        else:
            data = self.paper
        data = ", ".join(part for part in (data, self.n) if part)
        made = ", ".join(part for part in (self.version, self.permalink) if part)
        return f"{data}. {made}."

    @property
    def _runs(self) -> list[str]:
        """Every source of the numbers."""
        return [name for name in self.results.split(", ") if name]

    @property
    def is_measured(self) -> bool:
        """Whether the numbers are a run's and not the paper's."""
        return self.results not in ("", PUBLISHED, LIVE)


@dataclass(frozen=True)
class Canvas:
    """What a figure is drawn on.

    Attributes
    ----------
    width
        Width of the figure in millimetres.
    letter
        Panel letter, drawn bold in the upper left corner; empty for none.
    """

    width: float = style.ONE_COLUMN
    letter: str = ""

    def figure(self, height: float, header: tuple[str, str] = ("", "")) -> Figure:
        """Start a figure of this width with its header.

        Parameters
        ----------
        height
            Height of what is below the header, in millimetres.
        header
            Two lines: what is shown, and where it comes from. Each is wrapped where it
            is longer than the canvas is wide.

        Returns
        -------
        matplotlib.figure.Figure
            With constrained layout below the header: add axes and draw.
        """
        return style.start_figure(self.width, height, self.letter, header)


@dataclass(frozen=True, eq=False)
class PaperFigure:
    """One figure that can be taken along.

    Attributes
    ----------
    name
        Begins the names of its files (`dashboard.figures.look.style.file_name`).
    draw
        Draws the figure on a canvas; called by `put_on`.
    caption
        Plain text to stand below the figure: what is shown, and what intervals mean.
    source
        Where the numbers come from.
    frame
        Exactly what is drawn, and what is downloaded as its table.
    """

    name: str
    draw: Callable[[Canvas], Figure]
    caption: str
    source: Source
    frame: pd.DataFrame

    def put_on(self, canvas: Canvas) -> Figure:
        """Draw the figure and make its texts fit, with whatever font there is.

        Called inside `dashboard.figures.printing.style.printing`.
        """
        from dashboard.figures.printing.fitting import fit

        return fit(self.draw(canvas))

    @property
    def full_caption(self) -> str:
        """The caption with n, the source, the software and the permalink."""
        return f"{self.caption.rstrip()} {self.source.statement}"
