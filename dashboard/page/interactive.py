"""A figure of a page as files that stay interactive: a page that stands alone, Plotly's JSON."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from dashboard.figures.look.citation import bibtex
from dashboard.figures.look.draft import Chart
from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.library import chart_bundle

_TEMPLATE = Path(__file__).with_name("interactive.html")


def write_json(chart: Chart, figure: PaperFigure) -> bytes:
    """Write Plotly's JSON; where the numbers come from stands in ``layout.meta``.

    Parameters
    ----------
    chart
        What the page shows.
    figure
        The same for print: its caption and source are those of both.
    """
    facts = {"caption": figure.full_caption, **figure.source.facts}
    layout = json.loads(chart.to_json(validate=False, engine="json"))
    layout["layout"]["meta"] = {**layout["layout"].get("meta", {}), **facts}
    return json.dumps(layout, separators=(",", ":")).encode()


def write_html(chart: Chart, figure: PaperFigure) -> bytes:
    """Write a page that opens without a network: figure, caption, citations and Plotly in it.

    Names from strangers are in it as JSON whose ``<`` are escaped, or as escaped text; the page's
    own policy allows no request to anywhere.

    Parameters
    ----------
    chart, figure
        As of `write_json`.
    """
    library, licence = chart_bundle()
    parts = {
        "TITLE": html.escape(figure.source.header[0] or figure.name),
        "CAPTION": html.escape(figure.full_caption),
        "CITE": html.escape(bibtex(figure.source.cite)),
        "LICENCE": licence.replace("--", "- -"),
        "LIBRARY": re.sub(r"</(?=script)", r"<\\/", library, flags=re.IGNORECASE),
        "DATA": write_json(chart, figure).decode().replace("<", "\\u003c"),
    }
    # In one pass, so that nothing that was put in is taken for a place to put something.
    page = re.sub(
        "@(TITLE|CAPTION|CITE|LICENCE|LIBRARY|DATA)@",
        lambda found: parts[found[1]],
        _TEMPLATE.read_text(encoding="utf-8"),
    )
    return page.encode()
