"""mmCIF files with columns, categories and blocks as other programs write them."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import gemmi
import pytest

from precompute.errors import AtlasError
from tests.precompute.strange import add, change, example, near, put, read, same, with_ligand

PDB = example("2D1L")


@lru_cache(maxsize=4)
def mmcif(text: str = PDB) -> str:
    structure = gemmi.read_pdb_string(text)
    structure.setup_entities()
    structure.assign_serial_numbers()
    for entity in structure.entities:
        if entity.entity_type == gemmi.EntityType.Polymer:
            residues = structure[0].get_subchain(entity.subchains[0])
            entity.full_sequence = residues.extract_sequence()
    structure.assign_label_seq_id(True)
    return str(structure.make_mmcif_document().as_string())


def edited(edit: Callable[[gemmi.cif.Block], object], text: str | None = None) -> str:
    document = gemmi.cif.read_string(text or mmcif())
    edit(document[0])
    return str(document.as_string())


def put_column(
    tag: str, value: Callable[[str, str, int], str]
) -> Callable[[gemmi.cif.Block], None]:
    """Rewrite a column of the atoms; `value` is given the old one, the chain and the row."""

    def edit(block: gemmi.cif.Block) -> None:
        column = block.find_values(f"_atom_site.{tag}")
        chains = list(block.find_values("_atom_site.auth_asym_id"))
        for row, chain in enumerate(chains):
            column[row] = value(column[row], chain, row)

    return edit


def without_column(tag: str) -> Callable[[gemmi.cif.Block], None]:
    def edit(block: gemmi.cif.Block) -> None:
        category = block.find_mmcif_category("_atom_site.")
        kept = [name for name in category.tags if name != f"_atom_site.{tag}"]
        columns = [list(block.find_values(name)) for name in kept]
        category.erase()
        loop = block.init_loop("_atom_site.", [name.split(".")[1] for name in kept])
        loop.set_all_values(columns)

    return edit


def both(*edits: Callable[[gemmi.cif.Block], None]) -> Callable[[gemmi.cif.Block], None]:
    def edit(block: gemmi.cif.Block) -> None:
        for one in edits:
            one(block)

    return edit


def unsaid(sign: str, chains: str = "AB") -> Callable[[str, str, int], str]:
    return lambda value, chain, _: sign if chain in chains else value


EDITS: dict[str, Callable[[gemmi.cif.Block], object]] = {
    "label_seq_id for the first chain only": put_column("label_seq_id", unsaid(".", "B")),
    "label_seq_id for the second chain only": put_column("label_seq_id", unsaid("?", "A")),
    "label_seq_id for none": put_column("label_seq_id", unsaid(".")),
    "entity for the first chain only": put_column("label_entity_id", unsaid(".", "B")),
    "neither for the second": both(
        put_column("label_entity_id", unsaid(".", "B")),
        put_column("label_seq_id", unsaid(".", "B")),
    ),
    "one author's chain": put_column("auth_asym_id", unsaid("A")),
    "one author's chain, no label_seq_id": both(
        put_column("auth_asym_id", unsaid("A")), put_column("label_seq_id", unsaid("."))
    ),
    "one chain in both columns": both(
        put_column("auth_asym_id", unsaid("A")),
        put_column("label_asym_id", unsaid("A")),
        put_column("label_seq_id", unsaid(".")),
    ),
    "no author's chain": put_column("auth_asym_id", unsaid(".")),
    "standard deviations": put_column("Cartn_x", lambda value, *_: f"{value}(3)"),
    "numbers with a point": put_column("auth_seq_id", lambda value, *_: f"{value}.0"),
    "numbers above 9,999": put_column("auth_seq_id", lambda value, *_: str(int(value) + 20_000)),
    "first model is 2": put_column("pdbx_PDB_model_num", unsaid("2")),
    **{
        f"without {tag}": without_column(tag)
        for tag in (
            *("auth_asym_id", "label_asym_id", "label_entity_id", "label_seq_id", "auth_seq_id"),
            *("auth_comp_id", "auth_atom_id", "group_PDB", "type_symbol", "occupancy"),
            *("pdbx_PDB_model_num", "label_alt_id", "pdbx_PDB_ins_code", "id"),
        )
        if tag in mmcif()
    },
    **{
        f"without {name}": lambda block, name=name: block.find_mmcif_category(name).erase()
        for name in ("_entity.", "_entity_poly.", "_entity_poly_seq.", "_struct_asym.")
    },
}


@pytest.mark.parametrize("kind", EDITS)
def test_columns_that_say_less(tmp_path: Path, kind: str) -> None:
    same(tmp_path, edited(EDITS[kind]), PDB, "x.cif")


def numbered_alike(block: gemmi.cif.Block) -> None:
    """Number ligands like residues, as programs do that tell no entities apart."""
    for ours, theirs in (("label_seq_id", "auth_seq_id"), ("label_asym_id", "auth_asym_id")):
        for row, value in enumerate(block.find_values(f"_atom_site.{theirs}")):
            block.find_values(f"_atom_site.{ours}")[row] = value
    for name in ("_entity.", "_entity_poly.", "_entity_poly_seq.", "_struct_asym."):
        if category := block.find_mmcif_category(name):
            category.erase()


def with_entities(**tags: str) -> Callable[[gemmi.cif.Block], None]:
    def edit(block: gemmi.cif.Block) -> None:
        numbered_alike(block)
        entities = sorted(set(block.find_values("_atom_site.label_entity_id")))
        rows = [entities, *([value] * len(entities) for value in tags.values())]
        block.init_loop("_entity.", ["id", *tags]).set_all_values(rows)

    return edit


def free_amino_acid(text: str) -> str:
    """Add a glutamate that is bound and no residue of the chain whose name it bears."""
    x, y, z = near(text)
    atoms = [
        ("N", 0.0, 0.0),
        ("CA", 1.46, 0.0),
        ("C", 2.0, 1.4),
        ("O", 1.2, 2.3),
        ("CB", 2.0, -1.4),
    ]
    return add(
        text,
        [("HETATM", f" {one:<3}", "GLU", "A", 501, (x + a, y + b, z)) for one, a, b in atoms],
    )


TYPELESS: dict[str, Callable[[gemmi.cif.Block], None]] = {
    "no entities": numbered_alike,
    "no entity of an atom": both(numbered_alike, without_column("label_entity_id")),
    "entities without types": with_entities(pdbx_description="'a molecule'"),
    "types not said": with_entities(type="?"),
}
LIKE_A_RESIDUE: dict[str, Callable[[str], str]] = {
    "a ligand of a chain": lambda text: with_ligand(text, name="HEM", chain="A"),
    "a ligand apart": lambda text: with_ligand(text, name="HEM"),
    "a free amino acid": free_amino_acid,
    "numbers from below 0": lambda text: change(
        text, lambda line, _: put(line, 23, f"{int(line[22:26]) - 103:4d}")
    ),
}


@pytest.mark.parametrize("writes", TYPELESS)
@pytest.mark.parametrize("kind", LIKE_A_RESIDUE)
def test_a_place_is_believed_of_polymers_alone(tmp_path: Path, kind: str, writes: str) -> None:
    twin = LIKE_A_RESIDUE[kind](PDB)
    same(tmp_path, edited(TYPELESS[writes], mmcif(twin)), twin, "x.cif")


NONSENSE = """
loop_
_pdbx_sifts_xref_db.asym_id
_pdbx_sifts_xref_db.seq_id
_pdbx_sifts_xref_db.unp_num
A 9999 x
_symmetry.space_group_name_H-M 'nonsense'
_symmetry.space_group_name_H-M 'twice'
loop_
_struct_conn.id
_struct_conn.conn_type_id
covale1 ?
loop_
_pdbx_struct_mod_residue.id
_pdbx_struct_mod_residue.auth_seq_id
1 x
"""


def test_a_fault_in_another_category_refuses_nothing(tmp_path: Path) -> None:
    same(tmp_path, mmcif() + NONSENSE, PDB, "x.cif")


def test_every_block_with_atoms_is_read(tmp_path: Path) -> None:
    lines = PDB.splitlines()
    parts = [
        mmcif("\n".join(line for line in lines if line[21:22] == chain and line[:3] != "TER"))
        for chain in "AB"
    ]
    same(tmp_path / "partners", "".join(parts), PDB, "x.cif")
    chemistry = "data_comp_ALA\n_chem_comp.id ALA\n"
    same(tmp_path / "chemistry", chemistry + mmcif(), PDB, "x.cif")
    # The same structure once more is another model, not another pair of chains.
    same(tmp_path / "copy", mmcif() + mmcif(), PDB, "x.cif")
    assert read(tmp_path / "said", mmcif() + mmcif(), "x.cif").skipped == {
        "models after the first of their file": 1
    }


def test_two_tables_of_atoms_in_one_block_are_refused(tmp_path: Path) -> None:
    table = mmcif()[mmcif().index("loop_\n_atom_site.") :]
    with pytest.raises(AtlasError, match="2 tables of atoms"):
        read(tmp_path, f"{mmcif()}\n{table}", "x.cif")


@pytest.mark.parametrize("sign", ["?", ".", "nan", "********", "inf"])
def test_no_coordinate_is_no_place(tmp_path: Path, sign: str) -> None:
    given = edited(put_column("Cartn_x", lambda v, _, row: sign if row < 60 else v))
    stars = change(PDB, lambda line, row: put(line, 31, "********") if row < 60 else line)
    same(tmp_path, given, stars, "x.cif")
    assert not read(tmp_path / "given", given, "x.cif")[0].resolved[:10].any()


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("x.pdb", str.encode),
        ("1abc-assembly1.cif.gz", lambda text: gzip.compress(text.encode())),
        ("x.cif", lambda text: gzip.compress(text.encode())),
        ("x.cif", lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode()),
        ("x.cif", lambda text: text.encode("utf-16")),
    ],
)
def test_the_content_tells_the_format(
    tmp_path: Path, name: str, write: Callable[[str], bytes]
) -> None:
    same(tmp_path, write(mmcif()), PDB, name)


@pytest.mark.parametrize(
    ("tag", "value"),
    [("pdbx_PDB_ins_code", "AB"), ("auth_seq_id", "2147483648"), ("auth_seq_id", "-1e30")],
)
def test_numbers_that_no_program_holds_are_refused(tmp_path: Path, tag: str, value: str) -> None:
    text = edited(put_column(tag, lambda old, _, row: value if row == 3 else old))
    with pytest.raises(AtlasError, match="numbers its residues as no other file does"):
        read(tmp_path, text, "x.cif")
