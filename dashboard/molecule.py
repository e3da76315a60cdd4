"""A structure in 3D: reading a PDB or mmCIF file, and showing it.

One function shows a structure, `show_structure`; two renderers stand behind it.
The default is a component of this project that holds one 3Dmol.js viewer for as long as
the page lives (`molecule.js`). ``ATLAS_VIEWER=stmol`` chooses stmol where the
administrator has installed it.
"""

from __future__ import annotations

import hashlib
import importlib
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

from precompute.errors import AtlasError

VIEWER_VARIABLE = "ATLAS_VIEWER"
"""Environment variable that chooses the renderer: a name of `RENDERERS`."""
MAXIMUM_MEGABYTES = 20
"""Larger structure files are refused."""
LIBRARY_VERSION = "2.5.5"
"""3Dmol.js, as in package.json."""
LIBRARY_INTEGRITY = "sha384-OsczYbldvrHgslr9fFp/i4GiLSeuw9l+QIlv99ITw8soOwXcoGeflFMLg+CU/X1d"
"""Hash of ``build/3Dmol-min.js`` in the npm package; a browser refuses a CDN's other file."""
CHAIN_COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B8A800",
    "#7F7F7F",
)
"""Okabe and Ito's colours, told apart with any colour vision, the yellow darkened."""

_PRIME = "'"
_HERE = Path(__file__).parent
_STATIC = _HERE.parent / "static"
_TOKEN = re.compile(r"""'(?:[^']|'(?=\S))*'|"(?:[^"]|"(?=\S))*"|\S+""")
_COLUMNS = (
    "group_PDB",
    "id",
    "type_symbol",
    "label_atom_id",
    "label_comp_id",
    "auth_asym_id",
    "auth_seq_id",
    "Cartn_x",
    "Cartn_y",
    "Cartn_z",
)


@dataclass(frozen=True)
class Structure:
    """What a structure file holds, as far as the view needs it.

    Attributes
    ----------
    name
        The file's name; for messages only.
    text
        The atoms of the first model as an mmCIF table, written anew: nothing else of the
        file reaches a browser. Of alternate locations it has the first.
    atoms
        Number of atoms in it.
    chains
        Names of its chains as the authors have them, in the file's order; a blank, and
        any sign that is no letter, digit or one of ``. + - *``, is written ``_``.
    drawing
        What its atoms allow: a cartoon; a trace where there are C-alpha or phosphorus
        atoms alone; sticks where there is no chain.
    numbers
        The number that each residue has in `text`, by chain, author's number and
        insertion code. Where a chain has insertion codes, which viewers do not tell
        apart, its residues are numbered one after another.
    """

    name: str
    text: str
    atoms: int
    chains: tuple[str, ...]
    drawing: Literal["cartoon", "trace", "stick"] = "cartoon"
    numbers: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def colours(self) -> dict[str, str]:
        """Colour of each chain; they repeat after the eighth."""
        return {chain: CHAIN_COLOURS[i % len(CHAIN_COLOURS)] for i, chain in enumerate(self.chains)}


@dataclass(frozen=True)
class Library:
    """Where a browser gets 3Dmol.js from."""

    url: str
    integrity: str | None
    served_here: bool


class _Atom(NamedTuple):
    """One atom as a file has it."""

    hetero: bool
    element: str
    name: str
    residue: str
    chain: str
    number: str
    insertion: str
    position: tuple[str, str, str]


def read_structure(name: str, content: bytes) -> Structure:
    """Read a structure file that somebody gave.

    Parameters
    ----------
    name
        What the file was called; the format is told by the content.
    content
        The file.

    Returns
    -------
    Structure
        With at least one atom.

    Raises
    ------
    AtlasError
        If the file is too large, no text, or no structure.
    """
    name = "".join(letter if letter.isprintable() else "_" for letter in name[:80])
    if len(content) > MAXIMUM_MEGABYTES * 1_000_000:
        raise AtlasError(
            f"{name} is larger than {MAXIMUM_MEGABYTES} MB; give one with fewer models or chains."
        )
    if content.startswith(b"\x1f\x8b"):
        raise AtlasError(f"{name} is compressed with gzip; unpack it first.")
    if b"\0" in content:
        raise AtlasError(f"{name} is not a text file; a PDB or mmCIF file is needed.")
    text = content.decode("utf-8", errors="replace")
    is_mmcif = re.search(r"^\s*_atom_site\.", text, re.MULTILINE) is not None
    atoms: list[_Atom] = []
    positions: list[list[float]] = []
    author: dict[tuple[str, str, str], int] = {}
    chains: dict[str, None] = {}
    seen: set[tuple[str, ...]] = set()
    names: Counter[str] = Counter()
    for place, atom in (_mmcif_atoms if is_mmcif else _pdb_atoms)(name, text):
        key = (atom.chain, atom.number, atom.insertion, atom.residue, atom.name)
        if key in seen:  # an alternate location
            continue
        seen.add(key)
        names[atom.name] += not atom.hetero
        chain = _plain(atom.chain)
        chains[chain] = None
        positions.append(_coordinates(name, place, atom.position))
        author.setdefault(_residue(atom), _residue_number(name, place, atom.number))
        atoms.append(atom)
    if not atoms:
        raise AtlasError(f"{name} holds no atom; a PDB or mmCIF file with coordinates is needed.")
    numbers = _number_residues(author)
    rows = []
    for serial, (atom, (x, y, z)) in enumerate(zip(atoms, positions, strict=True), 1):
        rows.append(
            f"{'HETATM' if atom.hetero else 'ATOM'} {serial} {_plain(atom.element)} "
            f'"{_plain(atom.name, also=_PRIME)}" {_plain(atom.residue)} {_plain(atom.chain)} '
            f"{numbers[_residue(atom)]} {x:.3f} {y:.3f} {z:.3f}"
        )
    head = ["data_structure", "loop_", *(f"_atom_site.{column}" for column in _COLUMNS)]
    text = "\n".join([*head, *rows, ""])
    return Structure(name, text, len(rows), tuple(chains), _drawing(names), numbers)


def _residue(atom: _Atom) -> tuple[str, str, str]:
    """Name an atom's residue: chain as it is written, author's number, insertion code."""
    insertion = "" if atom.insertion in {"", " ", "?", "."} else atom.insertion
    return _plain(atom.chain), atom.number, insertion


def _number_residues(author: Mapping[tuple[str, str, str], int]) -> dict[tuple[str, str, str], int]:
    """Give residues their authors' numbers, or new ones where a chain has insertion codes."""
    inserted = {chain for chain, _, insertion in author if insertion}
    numbers = dict(author)
    last: dict[str, tuple[int, int]] = {}
    for residue, number in author.items():
        chain = residue[0]
        if chain in inserted:
            before, given = last.get(chain, (number - 1, number - 1))
            # A gap in the authors' numbers stays a gap.
            numbers[residue] = given + max(number - before, 1)
            last[chain] = (number, numbers[residue])
    return numbers


def _drawing(names: Counter[str]) -> Literal["cartoon", "trace", "stick"]:
    """Choose by the names of the atoms; a cartoon turns by the atoms O or O3'."""
    backbone = names["CA"] + names["P"]
    if backbone < 3:
        return "stick"
    return "cartoon" if 2 * (names["O"] + names["O3'"]) >= backbone else "trace"


def _plain(token: str, also: str = "") -> str:
    """Write a name with signs that mean nothing in mmCIF, in markup or in a script."""
    return re.sub(rf"[^A-Za-z0-9_.+*{also}-]", "_", token[:20]) or "_"


def _coordinates(name: str, place: str, fields: tuple[str, ...]) -> list[float]:
    try:
        values = [float(field) for field in fields]
    except ValueError:
        values = [math.nan]
    if not all(abs(value) < 1e6 for value in values):
        raise AtlasError(f"{name}, {place}: the coordinates of the atom are not three numbers.")
    return values


def _residue_number(name: str, place: str, field: str) -> int:
    if field in {".", "?"}:
        return 0
    try:
        return int(field)
    except ValueError:
        raise AtlasError(f"{name}, {place}: the residue's number is not a number.") from None


def _pdb_atoms(name: str, text: str) -> Iterator[tuple[str, _Atom]]:
    """Atoms of the first model of a PDB file, each with its place in the file."""
    del name
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("ENDMDL"):
            return
        if line.startswith(("ATOM  ", "HETATM")):
            atom = line[12:16].strip()
            yield (
                f"line {number}",
                _Atom(
                    hetero=line.startswith("HETATM"),
                    element=line[76:78].strip() or atom.lstrip("0123456789")[:1],
                    name=atom,
                    residue=line[17:20].strip(),
                    chain=line[21:22].strip(),
                    number=line[22:26].strip(),
                    insertion=line[26:27],
                    position=(line[30:38], line[38:46], line[46:54]),
                ),
            )


def _mmcif_atoms(name: str, text: str) -> Iterator[tuple[str, _Atom]]:
    """Atoms of the first model of the first block of an mmCIF file, each with its place."""
    columns: list[str] = []
    model: str | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("_atom_site."):
            columns.append(line.split()[0].removeprefix("_atom_site."))
            continue
        if not columns or not line:
            continue
        if line.startswith(("_", "#", "loop_", "data_", ";")):
            return
        values = [
            token[1:-1] if len(token) > 1 and token[0] == token[-1] and token[0] in "'\"" else token
            for token in _TOKEN.findall(line)
        ]
        if len(values) != len(columns):
            raise AtlasError(
                f"{name}, line {number}: the row of atoms has {len(values)} values "
                f"for {len(columns)} columns; the file is broken."
            )
        row = dict(zip(columns, values, strict=True))

        def either(field: str, row: dict[str, str] = row) -> str:
            return row.get(f"auth_{field}", row.get(f"label_{field}", ""))

        this_model = row.get("pdbx_PDB_model_num", "1")
        model = model or this_model
        if this_model != model:
            return
        atom = either("atom_id")
        yield (
            f"line {number}",
            _Atom(
                hetero=row.get("group_PDB") == "HETATM",
                element=row.get("type_symbol") or atom[:1],
                name=atom,
                residue=either("comp_id"),
                chain=either("asym_id"),
                number=either("seq_id") or ".",
                insertion=row.get("pdbx_PDB_ins_code", ""),
                position=(
                    row.get("Cartn_x", ""),
                    row.get("Cartn_y", ""),
                    row.get("Cartn_z", ""),
                ),
            ),
        )


def library() -> Library:
    """Say where the pages get 3Dmol.js from: this server where it has it, else a CDN."""
    if (_STATIC / "3Dmol-min.js").is_file() and st.get_option("server.enableStaticServing"):
        base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        return Library(f"{f'/{base}' if base else ''}/app/static/3Dmol-min.js", None, True)
    return Library(
        f"https://cdn.jsdelivr.net/npm/3dmol@{LIBRARY_VERSION}/build/3Dmol-min.js",
        LIBRARY_INTEGRITY,
        False,
    )


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
    css=(
        ".molecule { position: relative; width: 100%; overflow: hidden; }"
        ".view { position: absolute; inset: 0; }"
        ".message { position: absolute; inset: 40% 1rem auto; text-align: center;"
        " color: var(--st-text-color); font-family: var(--st-font); }"
        ".tools { position: absolute; right: 0; bottom: 0; display: flex; gap: 6px;"
        " align-items: center; font: 12px var(--st-font); color: var(--st-text-color);"
        " opacity: 0.8; z-index: 1; }"
        ".tools button { font: inherit; color: inherit; background: none; padding: 1px 6px;"
        " border: 1px solid rgba(128,128,128,0.5); border-radius: 4px; cursor: pointer; }"
        ".tools button:hover, .tools button:focus-visible { border-color:"
        " var(--st-primary-color); }"
        ".tools label { display: flex; gap: 3px; align-items: center; }"
    ),
    js=(_HERE / "molecule.js").read_text(encoding="utf-8"),
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
    """What is drawn over a structure; residues are those of one chain, from 0.

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
    file: str = "structure"


def _show_3dmol(view: View) -> None:
    structure = view.structure
    data: dict[str, Any] = {
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
        data["scene"] = asdict(view.scene)
        data["structure"]["id"] += view.scene.chain
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
    """
    name, complaint = choose_renderer()
    source = library()
    if complaint:
        st.warning(complaint)
    RENDERERS[name](View(structure, source, height, key, scene, clicked))
    drawer = f"3Dmol.js {LIBRARY_VERSION}" + (" through stmol" if name == "stmol" else "")
    if source.served_here:
        st.caption(f"Drawn by {drawer}, served by this dashboard.")
    else:
        st.caption(
            f"Drawn by {drawer}, loaded from cdn.jsdelivr.net, since this dashboard was "
            "installed without npm; without a network the view stays empty."
        )
