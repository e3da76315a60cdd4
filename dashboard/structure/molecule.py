"""Show a structure in 3D.

One function shows a structure, `show_structure`; two renderers stand behind it.
The default is a component of this project that holds one 3Dmol.js viewer for as long as
the page lives (`molecule.js`). ``ATLAS_VIEWER=stmol`` chooses stmol where the
administrator has installed it.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.page.caption import caption_html
from dashboard.page.joining import join_files
from dashboard.page.library import MOLECULE_VERSION, Library, molecule_library
from precompute.live.writing import Structure

VIEWER_VARIABLE = "ATLAS_VIEWER"
"""Environment variable that chooses the renderer: a name of `RENDERERS`."""
_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "protein_attention_atlas.molecule",
    html=(
        '<div class="molecule" data-state="loading"><div class="view"></div>'
        '<p class="message" role="alert" hidden></p><div class="tools">'
        '<button data-do="reset" title="The whole chain in sight">Reset view</button>'
        "<span>PNG</span>"
        + "".join(
            f'<button data-times="{times}" title="Save a picture of {times} × the view’s size">'
            f"{times}×</button>"
            for times in (1, 2, 4)
        )
        + '<label><input type="checkbox">white</label></div></div>'
    ),
    css=join_files(_HERE / "tools.css", _HERE / "molecule.css"),
    js=join_files(_HERE / "structure_drawing.js", _HERE / "molecule.js"),
)


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs of one colour.

    Attributes
    ----------
    colour, opacity
        Of the cylinders.
    ends
        For each arc the two residues, from 0, and the radius in Å.
    arrows
        Whether they point at the second residue.
    """

    colour: str
    opacity: float
    ends: tuple[tuple[int, int, float], ...]
    arrows: bool = False


@dataclass(frozen=True, eq=False)
class Ball:
    """A ball around a residue's C-alpha; radius in Å."""

    residue: int
    colour: str
    radius: float
    opacity: float


@dataclass(frozen=True, eq=False)
class Scene:
    """What is drawn over a structure; residues are those of one chain, or of two, from 0.

    Attributes
    ----------
    chain
        The chain, as in `Structure.chains`.
    keys
        ``chain|number`` of each residue in the structure's text, empty where it is not
        resolved.
    palette, colours
        Colours, and which of them each residue has.
    by_chain
        Whether the other chains have colours of their own; grey otherwise.
    arcs
        One item a colour.
    balls
        Sites and marks.
    labels
        Residues with a text beside them.
    other
        The second of two chains.
    file
        Name of saved pictures, without its ending.
    """

    chain: str
    keys: tuple[str, ...]
    palette: tuple[str, ...]
    colours: tuple[int, ...]
    by_chain: bool = False
    arcs: tuple[Arcs, ...] = ()
    balls: tuple[Ball, ...] = ()
    labels: tuple[tuple[int, str], ...] = ()
    other: str = ""
    file: str = "structure"


def _show_3dmol(view: View) -> None:
    structure = view.structure
    data: dict[str, Any] = {
        "place": view.key,
        "structure": {
            "id": hashlib.sha256(structure.text.encode()).hexdigest(),
            "text": structure.text,
            "drawing": structure.drawing,
        },
        "colours": structure.colours,
        "library": {"url": view.source.url, "integrity": view.source.integrity},
        "height": view.height,
    }
    if view.scene is not None:
        # Not `asdict`, which copies every end of every arc.
        parts = {name: [*map(vars, getattr(view.scene, name))] for name in ("arcs", "balls")}
        data["scene"] = vars(view.scene) | parts
        data["structure"]["id"] += view.scene.chain + view.scene.other
    _component(
        key=view.key, data=data, height=view.height, on_residue_change=view.clicked or _nothing
    )


def _nothing() -> None:
    """Do nothing on a click."""


_STMOL_STYLES: dict[str, tuple[str, dict[str, str]]] = {
    "cartoon": ("cartoon", {}),
    "trace": ("cartoon", {"style": "trace"}),
    "stick": ("stick", {}),
}


def _show_stmol(view: View) -> None:
    """Draw the structure alone with stmol, whose views have no identity and draw no arcs.

    It writes text and chains into a script: see `Structure` for their signs.
    """
    structure = view.structure
    py3dmol, stmol = (importlib.import_module(module) for module in ("py3Dmol", "stmol"))
    drawing = py3dmol.view(width=700, height=view.height, js=view.source.url)
    drawing.addModel(structure.text, "cif")
    kind, more = _STMOL_STYLES[structure.drawing]
    for chain, colour in structure.colours.items():
        drawing.setStyle({"chain": chain}, {kind: {"color": colour, **more}})
    drawing.zoomTo()
    stmol.showmol(drawing, height=view.height, width=700)


@dataclass(frozen=True, eq=False)
class View:
    """What a renderer is asked to draw; `show_structure` says what its parts are."""

    structure: Structure
    source: Library
    height: int
    key: str
    scene: Scene | None = None
    clicked: Callable[[], None] | None = None


Renderer = Callable[[View], None]
RENDERERS: dict[str, Renderer] = {"3dmol": _show_3dmol, "stmol": _show_stmol}
"""What can draw a structure; the first is the default."""
DEFAULT_RENDERER = next(iter(RENDERERS))


def choose_renderer() -> tuple[str, str | None]:
    """Read which renderer the administrator wants.

    Returns
    -------
    tuple[str, str or None]
        The renderer to use, and one sentence if it is not the one that was asked for.
    """
    wanted = os.environ.get(VIEWER_VARIABLE, "").strip() or DEFAULT_RENDERER
    if wanted not in RENDERERS:
        return DEFAULT_RENDERER, (
            f"{VIEWER_VARIABLE} names no viewer that is known here ({', '.join(RENDERERS)}); "
            "the default one is used."
        )
    if wanted == "stmol":
        try:
            importlib.import_module("stmol")
        except Exception as problem:  # its imports reach far and break in many ways
            reason = str(problem) or type(problem).__name__
            return DEFAULT_RENDERER, (
                f"{VIEWER_VARIABLE} asks for stmol, which does not import ({reason}); "
                "the default viewer is used."
            )
    return wanted, None


def show_structure(
    structure: Structure,
    *,
    key: str,
    height: int = 480,
    scene: Scene | None = None,
    clicked: Callable[[], None] | None = None,
    legend: str = "",
) -> None:
    """Show a structure as a cartoon, with a line on what draws it.

    Parameters
    ----------
    structure
        What to show.
    key
        Identity of the view on the page; the camera stays while it does.
    height
        Pixels.
    scene
        Colours of residues, arcs, balls and labels; chains alone are coloured without.
    clicked
        Called when a residue of the scene was clicked; ``st.session_state[key].residue``
        is then its place, from 0.
    legend
        HTML below that line.
    """
    name, complaint = choose_renderer()
    source = molecule_library()
    if complaint:
        st.warning(complaint)
    RENDERERS[name](View(structure, source, height, key, scene, clicked))
    drawer = f"3Dmol.js {MOLECULE_VERSION}" + (" through stmol" if name == "stmol" else "")
    served = (
        "served by this dashboard"
        if source.served_here
        else "loaded from cdn.jsdelivr.net, since this dashboard was installed without npm; "
        "without a network the view stays empty"
    )
    st.html(caption_html(f"Drawn by {drawer}, {served}.") + legend)
