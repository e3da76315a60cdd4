"""Small still pictures of the structure in the 3D view; `stills.js` does the browser's part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

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
    css=(
        ".stills { position: relative; overflow: hidden; font: 12px var(--st-font);"
        " color: var(--st-text-color); font-variant-numeric: tabular-nums; }"
        ".stage { position: absolute; left: -9999px; top: 0; }"
        ".grid { display: grid; gap: 6px;"
        f" grid-template-columns: repeat(var(--columns), minmax(0, {PIXELS}px)); }}"
        "figure { margin: 0; cursor: pointer; text-align: center; border-radius: 4px; }"
        "figure:hover, figure:focus-visible { outline: 1px solid var(--st-primary-color); }"
        "figure.chosen figcaption { font-weight: 700; }"
        "canvas { width: 100%; display: block; }"
        ".message:empty { display: none; }"
        ".tools { display: flex; gap: 6px; align-items: center; margin-bottom: 6px; }"
        ".tools button { font: inherit; color: inherit; background: none; padding: 1px 6px;"
        " border: 1px solid rgba(128,128,128,0.5); border-radius: 4px; cursor: pointer; }"
        ".tools button:hover, .tools button:focus-visible { border-color:"
        " var(--st-primary-color); }"
        ".tools label { display: flex; gap: 3px; align-items: center; }"
    ),
    js="\n".join(
        (_HERE / name).read_text(encoding="utf-8") for name in ("structure_drawing.js", "stills.js")
    ),
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
