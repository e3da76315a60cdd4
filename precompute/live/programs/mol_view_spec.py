"""A MolViewSpec archive, which Mol* opens: the structure and each arc as a tube."""

from __future__ import annotations

import importlib
import io
import zipfile
from typing import Any

from precompute.errors import AtlasError
from precompute.live.getting.protein import ResidueKey
from precompute.live.programs.arc_frame import Export
from precompute.live.programs.lines import CHAIN_COLOUR, OTHER_CHAINS, about, draw_lines


def write_mvsx(export: Export) -> bytes:
    """Write a zip of ``index.mvsj`` and the structure it names.

    Ends of arcs are selected by the authors' chain, number and insertion code.

    Raises
    ------
    AtlasError
        When the protein has no structure, or the package molviewspec is not here.
    """
    lines = draw_lines(export)
    try:
        mvs = importlib.import_module("molviewspec")
    except ImportError as error:
        raise AtlasError(
            "The package molviewspec is not here; install the extra `models`."
        ) from error
    protein = export.protein
    name = f"structure.{protein.structure_format}"
    builder = mvs.create_builder()
    file = builder.download(url=name)
    parsed = file.parse(format="pdb" if protein.structure_format == "pdb" else "mmcif")
    structure = parsed.model_structure()
    polymer = structure.component(selector="polymer").representation(type="cartoon")
    polymer.color(color=OTHER_CHAINS)
    own = [mvs.ComponentExpression(auth_asym_id=chain) for chain in protein.shown_chains]
    polymer.color(color=CHAIN_COLOUR, selector=own if len(own) > 1 else own[0])
    structure.component(selector="ligand").representation(type="ball_and_stick").color(
        color="#808080"
    )
    arcs = structure.primitives(opacity=1)
    for line in lines:
        arcs.tube(
            start=_atom(line.first, mvs.ComponentExpression),
            end=_atom(line.second, mvs.ComponentExpression),
            radius=line.radius,
            color=line.colour,
            tooltip=line.label,
        )
    state = builder.get_state(
        title=export.title,
        description="\n\n".join(about(export, lines)[1:]),
        description_format="plaintext",
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.mvsj", state.dumps(indent=1))
        archive.writestr(name, protein.structure or "")
    return packed.getvalue()


def _atom(key: ResidueKey, expression: Any) -> Any:
    return expression(
        auth_asym_id=key.chain,
        auth_seq_id=key.number,
        pdbx_PDB_ins_code=key.insertion,
        auth_atom_id="CA",
    )
