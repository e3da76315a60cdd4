"""One web page that opens without a network: structure, arcs and 3Dmol.js stand in it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from precompute.errors import AtlasError
from precompute.live.programs.arc_frame import Export
from precompute.live.programs.lines import (
    CHAIN_COLOUR,
    OTHER_CHAINS,
    about,
    colour_key,
    draw_lines,
)

_TEMPLATE = Path(__file__).with_name("page.html")
_STATIC = Path(__file__).parents[3] / "static"
_LIBRARY = "3Dmol-min.js"
_LICENCE = "3Dmol-LICENSE.txt"

NO_LIBRARY = (
    "3Dmol.js is not installed here (README: npm), so that no page can be made that opens without "
    "a network."
)


def library_here() -> bool:
    """Tell whether 3Dmol.js is installed, which a stand-alone page has in it."""
    return (_STATIC / _LIBRARY).is_file()


def write_html(export: Export) -> bytes:
    """Write the page.

    Whatever came from the visitor's file is in it as JSON whose ``<`` are escaped, and is
    put on the screen as text; the page's own policy allows no request to anywhere.

    Raises
    ------
    AtlasError
        When the protein has no structure, or 3Dmol.js is not installed here.
    """
    lines = draw_lines(export)
    protein = export.protein
    library = _STATIC / _LIBRARY
    if not library_here():
        raise AtlasError(NO_LIBRARY)
    licence = _STATIC / _LICENCE
    data = {
        "title": export.title,
        "about": [line for line in about(export, lines)[1:] if not line.startswith("#")],
        "key": colour_key(export),
        "colours": [OTHER_CHAINS, CHAIN_COLOUR],
        "structure": protein.structure,
        "format": protein.structure_format,
        "chain": list(protein.shown_chains),
        "arcs": [
            {
                "start": line.start,
                "end": line.end,
                "radius": line.radius,
                "colour": line.colour,
                "weight": line.weight,
                "from": line.label.split(" → ")[0],
                "to": line.label.split(" → ")[1].split(",")[0],
            }
            for line in lines
        ],
    }
    parts = {
        "TITLE": html.escape(export.title),
        "LICENCE": (licence.read_text() if licence.is_file() else "").replace("--", "- -"),
        "LIBRARY": re.sub(r"</(?=script)", r"<\\/", library.read_text(), flags=re.IGNORECASE),
        "DATA": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
    }
    # In one pass, so that nothing that was put in is taken for a place to put something.
    page = re.sub(
        "@(TITLE|LICENCE|LIBRARY|DATA)@",
        lambda found: parts[found[1]],
        _TEMPLATE.read_text(encoding="utf-8"),
    )
    return page.encode()
