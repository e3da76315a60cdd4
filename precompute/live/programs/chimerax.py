"""A ChimeraX scene: structure, arcs as pseudobonds, and the script that opens both."""

from __future__ import annotations

import io
import zipfile

from precompute.live.getting.protein import ResidueKey
from precompute.live.programs.arc_frame import Export
from precompute.live.programs.lines import Line, about, draw_lines


def write_chimerax(export: Export) -> bytes:
    """Write a zip of the structure, ``arcs.pb`` and ``view.cxc``, which is the one to open.

    The pseudobond format is ChimeraX's own (its user guide, "Pseudobonds"): two atoms and a
    colour a line; a radius in a comment holds for the lines after it.

    Raises
    ------
    AtlasError
        When the protein has no structure.
    """
    lines = draw_lines(export)
    structure = f"structure.{export.protein.structure_format}"
    chain = ",".join(export.protein.shown_chains)
    said = about(export, lines)
    script = [
        *(f"# {line}" for line in said),
        "# Unzip the three files into one folder and open this one in a new session.",
        f"open {structure}",
        "hide atoms",
        "show cartoons",
        "show ligand atoms",
        # Names, since a # begins a model's number too.
        "color gainsboro target c",
        f"color /{chain} silver target c",
        "open arcs.pb",
        f"view /{chain}",
    ]
    bonds = [*(f"; {line}" for line in said), "; halfbond = false", "; dashes = 0"]
    for line in sorted(lines, key=lambda line: (line.radius, line.first, line.second)):
        bonds += [f"; radius = {line.radius}", _bond(line)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(structure, export.protein.structure or "")
        archive.writestr("arcs.pb", "\n".join([*bonds, ""]))
        archive.writestr("view.cxc", "\n".join([*script, ""]))
    return packed.getvalue()


def _bond(line: Line) -> str:
    return f"{_atom(line.first)} {_atom(line.second)} {line.colour}"


def _atom(key: ResidueKey) -> str:
    """Name a C-alpha atom in ChimeraX's words: chain, number with insertion code, atom."""
    return f"/{key.chain}:{key.text}@CA"
