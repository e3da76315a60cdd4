"""A PyMOL script that needs no other file: the structure stands in it."""

from __future__ import annotations

import json

from precompute.live.programs.arc_frame import Export
from precompute.live.programs.lines import CHAIN_COLOUR, OTHER_CHAINS, Line, about, draw_lines

_DRAW = """\
from pymol import cgo, cmd
cmd.load_raw("\\n".join([*atlas_lines, ""]), atlas_format, "atlas")
atlas_places = {}
cmd.iterate_state(1, "atlas and name CA", "atlas_places[chain, resi] = (x, y, z)",
                  space={"atlas_places": atlas_places})
atlas_groups = {}
for chain, first, other, second, radius, colour in atlas_arcs:
    start, end = atlas_places[chain, first], atlas_places[other, second]
    atlas_groups.setdefault(tuple(colour), []).extend(
        [cgo.CYLINDER, *start, *end, radius, *colour, *colour])
for number, colour in enumerate(sorted(atlas_groups), 1):
    cmd.load_cgo(atlas_groups[colour], "arcs_%d" % number)
atlas_ends = {}
for arc in atlas_arcs:
    for chain, end in (arc[0:2], arc[2:4]):
        atlas_ends.setdefault(chain, set()).add(end.replace("-", "\\\\-"))
if atlas_ends:
    cmd.select("attending", "atlas and (%s)" % " or ".join(
        ["chain %s and resi %s" % (chain, "+".join(sorted(ends)))
         for chain, ends in sorted(atlas_ends.items())]))
    cmd.deselect()
cmd.hide("everything", "atlas")
cmd.show("cartoon", "atlas")
cmd.show("sticks", "atlas and not polymer")
cmd.color("0x@OTHERS@", "atlas")
cmd.color("0x@CHAIN@", "atlas and polymer and chain " + atlas_chain)
cmd.orient("atlas and chain " + atlas_chain)
"""


def write_pymol(export: Export) -> bytes:
    """Write a script that loads the structure and draws each arc as a cylinder.

    Arcs of one colour are one object (``arcs_1`` and on); the residues at their ends are
    the selection ``attending``. Ends are found by chain, author's number and insertion code.

    Raises
    ------
    AtlasError
        When the protein has no structure.
    """
    lines = draw_lines(export)
    protein = export.protein
    parts = [
        *(f"# {line}" for line in about(export, lines)),
        "python",
        f"atlas_format = {json.dumps(protein.structure_format)}",
        f"atlas_chain = {json.dumps('+'.join(protein.shown_chains))}",
        "# Chain and residue that attends, chain and residue attended to, radius, colour.",
        "atlas_arcs = [",
        *(f"    {_arc(line)}," for line in lines),
        "]",
        "atlas_lines = [",
        # JSON's texts are Python's too: no sign of a file can end one.
        *(f"    {json.dumps(line)}," for line in (protein.structure or "").splitlines()),
        "]",
        _DRAW.rstrip("\n")
        .replace("@OTHERS@", OTHER_CHAINS.removeprefix("#"))
        .replace("@CHAIN@", CHAIN_COLOUR.removeprefix("#")),
        "python end",
        "",
    ]
    return "\n".join(parts).encode()


def _arc(line: Line) -> str:
    ends = [line.first.chain, line.first.text, line.second.chain, line.second.text]
    return json.dumps([*ends, line.radius, list(line.rgb)])
