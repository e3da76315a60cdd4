"""Small still pictures of the structure in the 3D view; `stills.js` does the browser's part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from dashboard.page.joining import PRESSED, join_files
from dashboard.page.library import molecule_library
from dashboard.structure.molecule import Arcs

GROUND = "#e8e6e3"
"""The structure's one colour: the arcs are what differs between pictures."""
PIXELS = 150
"""Width of a picture on the page."""
_HERE = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Still:
    """One picture.

    Attributes
    ----------
    name
        Of the head, ``layer-head``; what a click gives.
    label
        Words beneath, after the name.
    arcs
        What is drawn on the structure.
    chosen
        Whether the head is among those of the 3D view.
    """

    name: str
    label: str
    arcs: tuple[Arcs, ...]
    chosen: bool = False


_component = st.components.v2.component(
    "protein_attention_atlas.stills",
    html=(
        '<div class="stills" data-state="loading"><div class="tools">'
        '<button data-do="turn" title="Draw all pictures from the side that the 3D view shows">'
        "Turn as in the 3D view</button>"
        '<button data-do="save" title="All pictures on one sheet, each drawn at 480 pixels">'
        "Save as PNG</button>"
        '<label><input type="checkbox">white</label></div>'
        '<p class="message" role="alert"></p><div class="grid"></div>'
        '<div class="stage" aria-hidden="true"></div></div>'
    ),
    css=join_files(_HERE / "tools.css", _HERE / "stills.css"),
    js=join_files(PRESSED, _HERE / "structure_drawing.js", _HERE / "stills.js"),
)


def show_stills(
    stills: Sequence[Still],
    *,
    key: str,
    columns: int,
    sheet_columns: int,
    legend: Sequence[tuple[str, str]],
    about: str,
    file: str,
    picked: Callable[[str], None],
) -> None:
    """Show pictures of the structure that the page's 3D view holds.

    Parameters
    ----------
    stills
        The pictures, in order.
    key
        Identity on the page.
    columns, sheet_columns
        Pictures in a row of the page, and of the saved sheet.
    legend
        Colours of arcs and what they mean, for the saved sheet.
    about
        One line on what is drawn, for the saved sheet.
    file
        Name of the saved sheet, without its ending.
    picked
        Called with the name of a picture that was clicked.
    """
    source = molecule_library()

    def changed() -> None:
        value = st.session_state[key].get("picked")
        if value is not None:
            picked(str(value))

    _component(
        key=key,
        data={
            "stills": [asdict(still) for still in stills],
            "columns": columns,
            "sheet_columns": sheet_columns,
            "legend": [list(entry) for entry in legend],
            "about": about,
            "file": file,
            "ground": GROUND,
            "pixels": PIXELS,
            "library": {"url": source.url, "integrity": source.integrity},
        },
        on_picked_change=changed,
    )
