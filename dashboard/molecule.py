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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    """

    name: str
    text: str
    atoms: int
    chains: tuple[str, ...]
    drawing: Literal["cartoon", "trace", "stick"] = "cartoon"

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
    rows: list[str] = []
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
        x, y, z = _coordinates(name, place, atom.position)
        atom_name = _plain(atom.name, also="'")
        rows.append(
            f"{'HETATM' if atom.hetero else 'ATOM'} {len(rows) + 1} {_plain(atom.element)} "
            f'"{atom_name}" {_plain(atom.residue)} {chain} '
            f"{_residue_number(name, place, atom.number)} {x:.3f} {y:.3f} {z:.3f}"
        )
    if not rows:
        raise AtlasError(f"{name} holds no atom; a PDB or mmCIF file with coordinates is needed.")
    head = ["data_structure", "loop_", *(f"_atom_site.{column}" for column in _COLUMNS)]
    text = "\n".join([*head, *rows, ""])
    return Structure(name, text, len(rows), tuple(chains), _drawing(names))


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
    html='<div class="molecule" data-state="loading">'
    '<div class="view"></div><p class="message" role="alert" hidden></p></div>',
    css=(
        ".molecule { position: relative; width: 100%; }"
        ".view { position: absolute; inset: 0; }"
        ".message { position: absolute; inset: 40% 1rem auto; text-align: center;"
        " color: var(--st-text-color); font-family: var(--st-font); }"
    ),
    js=(_HERE / "molecule.js").read_text(encoding="utf-8"),
)


def _show_3dmol(structure: Structure, source: Library, height: int, key: str) -> None:
    data: dict[str, Any] = {
        "structure": {
            "id": hashlib.sha256(structure.text.encode()).hexdigest(),
            "text": structure.text,
            "drawing": structure.drawing,
        },
        "colours": structure.colours,
        "library": {"url": source.url, "integrity": source.integrity},
        "height": height,
    }
    _component(key=key, data=data, height=height)


_STMOL_STYLES: dict[str, tuple[str, dict[str, str]]] = {
    "cartoon": ("cartoon", {}),
    "trace": ("cartoon", {"style": "trace"}),
    "stick": ("stick", {}),
}


def _show_stmol(structure: Structure, source: Library, height: int, key: str) -> None:
    """Draw with stmol; it writes text and chains into a script: see `Structure` for their signs."""
    del key  # stmol's views have no identity
    py3dmol, stmol = (importlib.import_module(module) for module in ("py3Dmol", "stmol"))
    view = py3dmol.view(width=700, height=height, js=source.url)
    view.addModel(structure.text, "cif")
    kind, more = _STMOL_STYLES[structure.drawing]
    for chain, colour in structure.colours.items():
        view.setStyle({"chain": chain}, {kind: {"color": colour, **more}})
    view.zoomTo()
    stmol.showmol(view, height=height, width=700)


Renderer = Callable[[Structure, Library, int, str], None]
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


def show_structure(structure: Structure, *, key: str, height: int = 480) -> None:
    """Show a structure as a cartoon coloured by chain, with a line on what draws it.

    Parameters
    ----------
    structure
        What to show.
    key
        Identity of the view on the page; the camera stays while it does.
    height
        Pixels.
    """
    name, complaint = choose_renderer()
    source = library()
    if complaint:
        st.warning(complaint)
    RENDERERS[name](structure, source, height, key)
    drawer = f"3Dmol.js {LIBRARY_VERSION}" + (" through stmol" if name == "stmol" else "")
    if source.served_here:
        st.caption(f"Drawn by {drawer}, served by this dashboard.")
    else:
        st.caption(
            f"Drawn by {drawer}, loaded from cdn.jsdelivr.net, since this dashboard was "
            "installed without npm; without a network the view stays empty."
        )
