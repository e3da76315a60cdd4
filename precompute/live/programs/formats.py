"""What a visitor can take along, for the page's menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from precompute.live.programs.arc_frame import Export, write_csv
from precompute.live.programs.chimerax import write_chimerax
from precompute.live.programs.mol_view_spec import write_mvsx
from precompute.live.programs.pymol import write_pymol
from precompute.live.programs.stand_alone import write_html


class Format(NamedTuple):
    """One kind of file.

    Attributes
    ----------
    label
        For a button.
    ending
        Of the file's name, without a dot.
    mime
        Its type.
    write
        Gives its content.
    structure
        Whether it needs a structure.
    """

    label: str
    ending: str
    mime: str
    write: Callable[[Export], bytes]
    structure: bool = True


FORMATS = (
    Format("Arcs, CSV", "csv", "text/csv", write_csv, structure=False),
    Format("PyMOL script", "pml", "text/plain", write_pymol),
    Format("ChimeraX, zip", "chimerax.zip", "application/zip", write_chimerax),
    Format("MolViewSpec (Mol*)", "mvsx", "application/zip", write_mvsx),
    Format("Web page, opens offline", "html", "text/html", write_html),
)
