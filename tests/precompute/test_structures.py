"""Structures as chains: every trap of the two formats, against loops written here."""

from __future__ import annotations

import contextlib
import gzip
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precompute.datasets import dssp, structure_file
from precompute.datasets.ligands import ADDITIVES, NOT_MODIFICATIONS
from precompute.datasets.lmdb_file import LmdbChains
from precompute.datasets.proteinnet import read_chain as read_proteinnet
from precompute.datasets.secondary_structure import read_chain as read_secondary_structure
from precompute.datasets.structures import StructureChains
from precompute.errors import AtlasError


class Atom(NamedTuple):
    name: str
    residue: str
    chain: str
    number: int
    xyz: tuple[float, float, float]
    insertion: str = " "
    alternative: str = " "
    occupancy: float = 1.0
    hetero: bool = False
    element: str = ""


def pdb_line(atom: Atom, serial: int) -> str:
    element = atom.element or atom.name[0]
    name = atom.name.ljust(4) if len(element) == 2 else f" {atom.name:<3}"
    x, y, z = atom.xyz
    return (
        f"{'HETATM' if atom.hetero else 'ATOM':<6}{serial:5d} {name}{atom.alternative}"
        f"{atom.residue:>3} {atom.chain}{atom.number:4d}{atom.insertion}   "
        f"{x:8.3f}{y:8.3f}{z:8.3f}{atom.occupancy:6.2f}{10.0:6.2f}          {element:>2}"
    )


def pdb(atoms: Sequence[Atom], *, before: str = "", models: int = 0) -> str:
    lines = [pdb_line(atom, serial) for serial, atom in enumerate(atoms, 1)]
    if not models:
        return "\n".join([*([before] if before else []), *lines, "END", ""])
    text = before
    for model in range(1, models + 1):
        shifted = [
            pdb_line(a._replace(xyz=(a.xyz[0] + 50 * (model - 1), *a.xyz[1:])), i)
            for i, a in enumerate(atoms, 1)
        ]
        text += "\n".join([f"MODEL     {model:4d}", *shifted, "ENDMDL", ""])
    return text + "END\n"


HELIX = [
    # N, CA and C of an ideal helix's residue: radius, angle and rise, in Å and degrees.
    ("N", 1.55, -27.7, -0.87),
    ("CA", 2.29, 0.0, 0.0),
    ("C", 1.68, 26.7, 1.10),
    ("O", 2.00, 20.3, 2.29),
]


def helix(
    names: Sequence[str],
    chain: str = "A",
    first: int = 1,
    offset: float = 0.0,
    skip: Sequence[int] = (),
    hetero: Sequence[str] = ("MSE", "SEP"),
) -> list[Atom]:
    """Backbone of an ideal alpha helix, optionally without some of its residues."""
    atoms = []
    for place, residue in enumerate(names):
        if place in skip:
            continue
        for name, radius, angle, rise in HELIX:
            turn = math.radians(100 * place + angle)
            xyz = (radius * math.cos(turn) + offset, radius * math.sin(turn), 1.5 * place + rise)
            atoms.append(Atom(name, residue, chain, first + place, xyz, hetero=residue in hetero))
    return atoms


def write(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        file = folder / name.replace("__", ".")
        file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)
    return folder


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., StructureChains]:
    def read(text: str | bytes, name: str = "x__pdb") -> StructureChains:
        return StructureChains(write(tmp_path / "structures", **{name: text}))

    return read


def ids(chains: StructureChains) -> list[str]:
    return [chains[i].identifier for i in range(len(chains))]


def test_a_helix(read: Callable[..., StructureChains]) -> None:
    names = ["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS", "LEU", "VAL", "ILE", "MET", "TYR"]
    chain = read(pdb(helix(names)))[0]
    assert chain.identifier == "x.A"
    assert chain.sequence == "AGSTWDKLVIMY"
    assert chain.resolved is not None
    assert chain.resolved.all()
    assert chain.secondary_structure is not None
    assert (chain.secondary_structure[2:-2] == 0).all()
    assert not chain.binding_site.any()
    assert not chain.modification.any()


def test_insertion_codes_are_residues_in_order(read: Callable[..., StructureChains]) -> None:
    atoms = helix(["ALA", "GLY", "SER", "THR", "LYS"])
    numbers = {1: (10, " "), 2: (10, "A"), 3: (10, "B"), 4: (9, " "), 5: (11, " ")}
    atoms = [a._replace(number=numbers[a.number][0], insertion=numbers[a.number][1]) for a in atoms]
    chain = read(pdb(atoms))[0]
    assert chain.sequence == "AGSTK"
    assert np.allclose(chain.alpha_carbons, [a.xyz for a in atoms if a.name == "CA"], atol=1e-3)


@pytest.mark.parametrize(("occupancies", "chosen"), [((0.4, 0.6), 1), ((0.5, 0.5), 0)])
def test_the_most_occupied_location_counts(
    read: Callable[..., StructureChains], occupancies: tuple[float, float], chosen: int
) -> None:
    atoms = []
    for atom in helix(["ALA", "GLY", "SER"]):
        if atom.number != 2:
            atoms.append(atom)
            continue
        for label, occupancy, shift in zip("AB", occupancies, (0.0, 0.7), strict=True):
            x, y, z = atom.xyz
            atoms.append(
                atom._replace(xyz=(x + shift, y, z), alternative=label, occupancy=occupancy)
            )
    chain = read(pdb(atoms))[0]
    assert chain.sequence == "AGS"
    alternatives = [a for a in atoms if a.number == 2 and a.name == "CA"]
    assert np.allclose(chain.alpha_carbons[1], alternatives[chosen].xyz, atol=1e-3)


@pytest.mark.parametrize(("occupancies", "sequence"), [((0.3, 0.7), "ATK"), ((0.5, 0.5), "ASK")])
def test_two_components_at_one_place_are_one_residue(
    read: Callable[..., StructureChains], occupancies: tuple[float, float], sequence: str
) -> None:
    atoms = []
    for atom in helix(["ALA", "SER", "LYS"]):
        if atom.number != 2:
            atoms.append(atom)
            continue
        for name, label, occupancy in zip(("SER", "THR"), "AB", occupancies, strict=True):
            atoms.append(atom._replace(residue=name, alternative=label, occupancy=occupancy))
    assert read(pdb(atoms))[0].sequence == sequence


def test_only_the_first_model_counts(read: Callable[..., StructureChains]) -> None:
    atoms = helix(["ALA", "GLY", "SER"])
    chains = read(pdb(atoms, models=3))
    assert ids(chains) == ["x.A"]
    assert np.allclose(chains[0].alpha_carbons, [a.xyz for a in atoms if a.name == "CA"], atol=1e-3)


def test_chains_in_the_order_of_the_file(read: Callable[..., StructureChains]) -> None:
    atoms = helix(["ALA", "GLY"], "B") + helix(["SER", "THR", "LYS"], "A", offset=30)
    water = Atom("O", "HOH", "B", 301, (9.0, 9.0, 9.0), hetero=True)
    chains = read(pdb([*atoms, water]))
    assert ids(chains) == ["x.B", "x.A"]
    assert [chain.sequence for chain in chains] == ["AG", "STK"]


def test_62_chains(read: Callable[..., StructureChains]) -> None:
    names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    atoms = [a for i, name in enumerate(names) for a in helix(["ALA"] * 4, name, offset=20.0 * i)]
    chains = read(pdb(atoms))
    assert ids(chains) == [f"x.{name}" for name in names]
    assert all(len(chains[i]) == 4 for i in range(62))


def test_a_gap_that_seqres_fills(read: Callable[..., StructureChains]) -> None:
    names = ["ALA", "GLY", "SER", "THR", "TRP", "PRO", "LYS", "LEU"]
    seqres = "SEQRES   1 A   10  GLU " + " ".join(names) + " MSE"
    chain = read(pdb(helix(names, skip=[3, 4]), before=seqres))[0]
    assert chain.sequence == "EAGSTWPKLM"
    assert chain.resolved.tolist() == [False, *[True] * 3, False, False, *[True] * 3, False]
    assert chain.secondary_structure[~chain.resolved].tolist() == [-1] * 4
    states = chain.contact_states()
    assert (states[4] == -1).all()
    assert states[1, 8] >= 0


def test_a_gap_without_seqres_invents_nothing(read: Callable[..., StructureChains]) -> None:
    names = ["ALA", "GLY", "SER", "THR", "TRP", "PRO"]
    chain = read(pdb(helix(names, skip=[2, 3])))[0]
    assert chain.sequence == "AGWP"
    assert chain.resolved.all()


def test_seqres_of_something_else_is_not_believed(read: Callable[..., StructureChains]) -> None:
    seqres = "SEQRES   1 A    4  TRP TRP TRP TRP"
    assert read(pdb(helix(["ALA", "GLY", "SER"]), before=seqres))[0].sequence == "AGS"


def test_modified_and_unknown_residues(read: Callable[..., StructureChains]) -> None:
    atoms = helix(["MSE", "ALA", "SEP", "UNK", "GLY", "MSE"], hetero=("MSE", "SEP"))
    chain = read(pdb(atoms))[0]
    assert chain.sequence == "MASXGM"
    assert chain.modification.tolist() == [False, False, True, False, False, False]


def test_a_parent_that_only_the_file_knows(read: Callable[..., StructureChains]) -> None:
    atoms = helix(["ALA", "Q9Q", "GLY"], hetero=("Q9Q",))
    assert read(pdb(atoms))[0].sequence == "AXG"
    modres = "MODRES 1XYZ Q9Q A    2  LYS  A LYSINE"
    chain = read(pdb(atoms, before=modres))[0]
    assert chain.sequence == "AKG"
    assert chain.modification.tolist() == [False, True, False]


def test_free_amino_acids_caps_and_calcium_are_no_residues(
    read: Callable[..., StructureChains],
) -> None:
    free = helix(["GLU"], first=400, offset=40, hetero=("GLU",))
    cap = Atom("C", "ACE", "A", 0, (2.0, -1.0, -2.0), hetero=True)
    calcium = Atom("CA", "CA", "A", 401, (60.0, 0.0, 0.0), hetero=True, element="CA")
    chains = read(pdb([cap, *helix(["ALA", "GLY", "SER"]), *free, calcium]))
    assert len(chains) == 1
    assert chains[0].sequence == "AGS"


def test_nucleic_acids_and_chains_without_c_alpha_are_skipped(
    read: Callable[..., StructureChains],
) -> None:
    dna = [
        Atom(name, "DA", "C", number, (number * 6.0, place * 1.4, 30.0))
        for number in (1, 2)
        for place, name in enumerate(("P", "C1'", "O3'", "N9"))
    ]
    bare = [a for a in helix(["ALA", "GLY"], "B", offset=20) if a.name != "CA"]
    chains = read(pdb([*helix(["ALA", "GLY"]), *bare, *dna]))
    assert ids(chains) == ["x.A"]
    assert chains.skipped == {"chains without a C-alpha atom": 1, "nucleic acid chains": 1}
    assert not chains[0].binding_site.any()


def test_one_residue_and_c_alphas_alone(read: Callable[..., StructureChains]) -> None:
    chain = read(pdb(helix(["TRP"])))[0]
    assert chain.sequence == "W"
    assert chain.contact_states().tolist() == [[-1]]
    atoms = [a for a in helix(["ALA"] * 9) if a.name == "CA"]
    chain = read(pdb(atoms))[0]
    assert len(chain) == 9
    assert (chain.secondary_structure == -1).all(), "no backbone, hence no DSSP"
    naive = [[math.dist(a.xyz, b.xyz) < 8 for b in atoms] for a in atoms]
    states = chain.contact_states()
    for i in range(9):
        for j in range(9):
            assert states[i, j] == (-1 if abs(i - j) < 6 else naive[i][j])


def naive_binding(atoms: Sequence[Atom], ligands: set[str]) -> list[bool]:
    residues = dict.fromkeys((a.chain, a.number) for a in atoms if not a.hetero)
    return [
        any(
            math.dist(a.xyz, b.xyz) <= 4.5
            for a in atoms
            if (a.chain, a.number) == residue and a.name[0] != "H" and not a.hetero
            for b in atoms
            if b.residue in ligands and b.name[0] != "H"
        )
        for residue in residues
    ]


@pytest.mark.parametrize(("distance", "bound"), [(4.4, True), (4.5, True), (4.6, False)])
def test_a_ligand_binds_within_four_and_a_half(
    read: Callable[..., StructureChains], distance: float, bound: bool
) -> None:
    atoms = [Atom("CA", "ALA", "A", 1, (0.0, 0.0, 0.0)), Atom("CA", "GLY", "A", 2, (-3.8, 0, 0))]
    hydrogen = Atom("H1", "HEM", "B", 300, (distance - 1, 0.0, 0.0), hetero=True)
    ligand = Atom("C1", "HEM", "B", 300, (distance, 0.0, 0.0), hetero=True)
    chain = read(pdb([*atoms, hydrogen, ligand]))[0]
    assert chain.binding_site.tolist() == [bound, False]


def test_binding_sites_equal_a_loop_over_atoms(read: Callable[..., StructureChains]) -> None:
    random = np.random.default_rng(5)
    atoms = helix(["ALA"] * 20) + helix(["GLY"] * 20, "B", offset=15)
    for number, residue in enumerate(["ATP", "ZN", "HOH", "SO4", "GOL", "HEM", "NA", "CA"] * 4):
        xyz = tuple(float(v) for v in random.uniform((-8, -8, 0), (23, 8, 30)).round(3))
        element = residue if residue in ("ZN", "NA", "CA") else "C"
        atoms.append(
            Atom(
                element if len(element) == 2 else "C1",
                *(residue, "AB"[number % 2], 300 + number, xyz),
                hetero=True,
                element=element,
            )
        )
    chains = read(pdb(atoms))
    labels = [label for chain in chains for label in chain.binding_site.tolist()]
    expected = naive_binding(atoms, {"ATP", "ZN", "HEM", "CA"})
    assert labels == expected
    assert any(expected)
    assert not all(expected)


def test_what_counts_as_a_ligand() -> None:
    assert not {"ZN", "FE", "MG", "MN", "CA", "CU", "NI", "CO", "HEM", "ATP"} & set(ADDITIVES)
    # Buffers, precipitants, cryoprotectants, reducing agents and salt.
    for name in ("SO4", "PO4", "GOL", "EDO", "PEG", "ACT", "FMT", "DMS", "MPD", "TRS", "MES"):
        assert ADDITIVES[name]
    for name in ("EPE", "BME", "IMD", "CIT", "NH4", "NA", "CL", "K"):
        assert ADDITIVES[name]
    assert NOT_MODIFICATIONS["MSE"]


@pytest.mark.parametrize(("distance", "bonded"), [(1.45, True), (3.0, False)])
def test_a_sugar_on_asparagine_is_a_modification(
    read: Callable[..., StructureChains], distance: float, bonded: bool
) -> None:
    atoms = helix(["ALA", "ASN", "GLY"])
    atoms.append(Atom("ND2", "ASN", "A", 2, (-20.0, 0.0, 0.0)))
    x = -20 - distance
    atoms.append(Atom("C1", "NAG", "A", 301, (x, 0.0, 0.0), hetero=True))
    atoms.append(Atom("O4", "NAG", "A", 301, (x - 1.4, 0.0, 0.0), hetero=True))
    atoms.append(Atom("C1", "NAG", "A", 302, (x - 2.8, 0.0, 0.0), hetero=True))
    chain = read(pdb(sorted(atoms, key=lambda a: a.number)))[0]
    assert chain.modification.tolist() == [False, bonded, False]
    # Bonded it belongs to the protein; loose it is a ligand.
    assert chain.binding_site.tolist() == [False, not bonded, False]


MMCIF = """data_{name}
loop_
_entity.id
_entity.type
1 polymer
2 non-polymer
3 water
loop_
_entity_poly.entity_id
_entity_poly.type
1 'polypeptide(L)'
loop_
_entity_poly_seq.entity_id
_entity_poly_seq.num
_entity_poly_seq.mon_id
{sequence}
loop_
_chem_comp.id
_chem_comp.type
_chem_comp.mon_nstd_parent_comp_id
Q9Q 'L-peptide linking' LYS
loop_
_atom_site.group_PDB
_atom_site.id
_atom_site.type_symbol
_atom_site.label_atom_id
_atom_site.label_alt_id
_atom_site.label_comp_id
_atom_site.label_asym_id
_atom_site.label_entity_id
_atom_site.label_seq_id
_atom_site.pdbx_PDB_ins_code
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
_atom_site.occupancy
_atom_site.B_iso_or_equiv
_atom_site.auth_seq_id
_atom_site.auth_asym_id
_atom_site.pdbx_PDB_model_num
{atoms}
"""


def mmcif(
    sequence: Sequence[str], atoms: Sequence[Atom], first: int = 1, *, plain: bool = False
) -> str:
    """Write mmCIF; `first` is the author's number of the sequence's first residue."""
    rows = []
    for serial, a in enumerate(atoms, 1):
        polymer = a.number < 300
        label = str(a.number - first + 1) if polymer and not plain else "."
        entity = "." if plain else "1" if polymer else "2"
        x, y, z = a.xyz
        rows.append(
            f"{'HETATM' if a.hetero else 'ATOM'} {serial} {a.element or a.name[0]} {a.name} . "
            f"{a.residue} {'A' if polymer else 'B'} {entity} {label} ? "
            f"{x:.3f} {y:.3f} {z:.3f} 1.0 10.0 {a.number} {a.chain} 1"
        )
    listed = "\n".join(f"1 {n} {name}" for n, name in enumerate(sequence, 1))
    return MMCIF.format(name="TEST", sequence=listed, atoms="\n".join(rows))


def test_mmcif_says_what_is_not_resolved(read: Callable[..., StructureChains]) -> None:
    names = ["ACE", "MSE", "ALA", "GLY", "Q9Q", "SER", "LYS", "TRP", "NH2"]
    atoms = [
        a
        for a in helix(names, "H", first=101, skip=[3, 5], hetero=("MSE", "Q9Q"))
        if a.residue not in ("ACE", "NH2") or a.name == "C"
    ]
    free = helix(["GLU"], "H", first=400, offset=3, hetero=("GLU",))
    chains = read(mmcif(names, [*atoms, *free], first=101), "4xyz__cif__gz")
    assert ids(chains) == ["4xyz.H"]
    chain = chains[0]
    assert chain.sequence == "MAGKSKW"
    assert chain.resolved.tolist() == [True, True, False, True, False, True, True]
    assert chain.modification.tolist() == [False] * 3 + [True] + [False] * 3
    assert chain.binding_site.tolist()[0], "free glutamate is a ligand"
    alpha = {a.number: a.xyz for a in atoms if a.name == "CA"}
    assert np.allclose(
        chain.alpha_carbons[chain.resolved], [alpha[n] for n in sorted(alpha)], atol=1e-3
    )


def test_mmcif_without_entities_reads_as_pdb_does(read: Callable[..., StructureChains]) -> None:
    names = ["MSE", "ALA", "GLY", "SEP", "LYS"]
    chains = read(mmcif([], helix(names), plain=True).replace("\n\n", "\n"), "x__mmcif")
    assert chains[0].sequence == "MAGSK"


def test_files_are_found_in_order_one_folder_deep(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "all",
        b__pdb=pdb(helix(["ALA"] * 3)),
        a__ent__gz=pdb(helix(["GLY"] * 3)),
        notes__txt="nothing",
        table__csv="1,2",
    )
    write(
        folder / "more", c__cif=mmcif(["SER"] * 3, helix(["SER"] * 3)), b__pdb=pdb(helix(["TRP"]))
    )
    write(folder / "more" / "deep", d__pdb=pdb(helix(["TYR"])))
    chains = StructureChains(folder)
    assert ids(chains) == ["a.A", "b.pdb.A", "more/b.pdb.A", "c.A"]
    assert [c.sequence for c in chains] == ["GGG", "AAA", "W", "SSS"]
    assert chains.skipped == {}
    assert "mdtraj" in chains.notes["secondary structure"]

    before = chains.sha256()
    assert before == StructureChains(folder).sha256()
    (folder / "b.pdb").rename(folder / "e.pdb")
    assert StructureChains(folder).sha256() != before
    with pytest.raises(AtlasError, match="cannot be read"):
        StructureChains.__getitem__(chains, 1) if not chains.close() else None


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    folder = write(tmp_path / "all", a__pdb=pdb(helix(["ALA"] * 3)))
    chains = StructureChains(folder)
    write(folder, a__pdb=pdb(helix(["GLY"] * 3)))
    with pytest.raises(AtlasError, match="changed"):
        chains[0]


GOOD = pdb(helix(["ALA"] * 3))
BAD: dict[str, bytes] = {
    "empty.pdb": b"",
    "text.pdb": b"my marathon times\n",
    "page.cif": b"<!DOCTYPE html><html><body>404</body></html>",
    "water.pdb": pdb([Atom("O", "HOH", "A", 1, (0, 0, 0), hetero=True)]).encode(),
    "noca.pdb": pdb([a for a in helix(["ALA"] * 3) if a.name != "CA"]).encode(),
    "short.pdb.gz": gzip.compress(GOOD.encode() * 50)[:-20],
    "damaged.pdb.gz": b"\x1f\x8b" + GOOD.encode(),
    "loop.cif": mmcif(["ALA"], helix(["ALA"]))[:-30].encode(),
    "noblock.cif": b"loop_\n_atom_site.id\n1\n",
    "noatoms.cif": b"data_x\n_cell.length_a 10\n",
    "binary.ent": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_file_is_named_in_one_sentence(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "structures"
    folder.mkdir()
    (folder / name).write_bytes(BAD[name])
    with pytest.raises(AtlasError) as refused:
        StructureChains(folder)
    sentence = str(refused.value)
    assert name in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    with pytest.raises(AtlasError, match=name.replace(".", r"\.")):
        StructureChains(folder / name)


def test_bad_files_among_good_ones_are_counted(tmp_path: Path) -> None:
    folder = write(tmp_path / "structures", good__pdb=GOOD)
    for name, data in BAD.items():
        (folder / name).write_bytes(data)
    chains = StructureChains(folder)
    assert ids(chains) == ["good.A"]
    assert set(chains.skipped_files) == set(BAD)
    unread = chains.skipped["files that could not be read"]
    assert unread + chains.skipped["files without a protein chain"] == len(BAD)


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure_file, "MAXIMUM_BYTES", 1_000_000)
    folder = write(tmp_path / "structures", bomb__pdb__gz=b" " * 50_000_000)
    with pytest.raises(AtlasError, match="unpacks to more than"):
        StructureChains(folder)


def test_folders_without_structures(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="holds no structures"):
        StructureChains(tmp_path)
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(AtlasError, match="holds no structures"):
        StructureChains(tmp_path)
    with pytest.raises(AtlasError, match="is no structure"):
        StructureChains(tmp_path / "notes.txt")
    with pytest.raises(AtlasError, match="nothing at"):
        StructureChains(tmp_path / "nowhere")


WHOLE = (
    pdb(helix(["ALA", "MSE", "GLY", "SEP"] * 3), before="SEQRES   1 A   5  ALA GLY TRP LYS ALA"),
    mmcif(["ALA", "GLY", "SER"] * 3, helix(["ALA", "GLY", "SER"] * 3)),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_bytes_raise_anything_but_one_sentence(tmp_path: Path, data: st.DataObject) -> None:
    mmcif_file = data.draw(st.booleans())
    if data.draw(st.booleans()):
        content = data.draw(st.binary(max_size=400))
    else:
        content = WHOLE[mmcif_file].encode()
        for _ in range(data.draw(st.integers(1, 6))):
            at = data.draw(st.integers(0, len(content)))
            length = data.draw(st.integers(0, 40))
            content = content[:at] + data.draw(st.binary(max_size=12)) + content[at + length :]
    folder = tmp_path / "fuzz"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / ("f.cif" if mmcif_file else "f.pdb")).write_bytes(content)
    with contextlib.suppress(AtlasError):
        for chain in StructureChains(folder):
            assert len(chain.alpha_carbons) == len(chain)
            assert np.isfinite(chain.alpha_carbons).all()


def test_dssp_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert dssp.choose_method() == "mdtraj"
    monkeypatch.setenv(dssp.METHOD_VARIABLE, "stride")
    with pytest.raises(AtlasError, match="no DSSP called stride"):
        dssp.choose_method()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AtlasError, match="mkdssp is not here"):
        dssp.choose_method("mkdssp")


def test_a_program_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = write(tmp_path / "structures", a__pdb=pdb(helix(["ALA"] * 9)))
    program = tmp_path / "mkdssp"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] || { echo broken >&2; exit 3; }\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    chains = StructureChains(folder, dssp="mkdssp")
    with pytest.raises(AtlasError, match=r"a\.pdb.*broken"):
        chains[0]


@pytest.mark.skipif(shutil.which("mkdssp") is None, reason="the program mkdssp is not here")
def test_the_program_sees_the_helix_too(tmp_path: Path) -> None:
    atoms = helix(["ALA"] * 12) + helix(["GLY"] * 12, "B", offset=25)
    folder = write(tmp_path / "structures", a__pdb=pdb(atoms))
    ours, theirs = StructureChains(folder), StructureChains(folder, dssp="mkdssp")
    assert "mkdssp" in theirs.notes["secondary structure"]
    for number in range(2):
        assert (theirs[number].secondary_structure[2:-2] == 0).all()
        assert (ours[number].secondary_structure == theirs[number].secondary_structure).all()


@pytest.mark.shared
def test_the_two_formats_say_the_same(shared: Path, tmp_path: Path) -> None:
    """Real entries as mmCIF, whose entities tell what belongs to a chain, and as PDB."""
    import gemmi

    files = sorted((shared / "data" / "structures").glob("*.pdb.gz"))[::12]
    one, other = tmp_path / "pdb", tmp_path / "mmcif"
    one.mkdir()
    other.mkdir()
    for file in files:
        data = gzip.decompress(file.read_bytes())
        structure = gemmi.read_pdb_string(data, ignore_ter=True)
        structure.setup_entities()
        name = file.name.split(".")[0]
        (one / f"{name}.pdb").write_bytes(data)
        structure.make_mmcif_document().write_file(str(other / f"{name}.cif"))
    chains, twins = StructureChains(one), StructureChains(other)
    assert ids(chains) == ids(twins)
    for number in range(len(chains)):
        chain, twin = chains[number], twins[number]
        assert chain.sequence == twin.sequence
        for name in ("resolved", "secondary_structure", "binding_site", "modification"):
            assert np.array_equal(getattr(chain, name), getattr(twin, name)), (chain, name)
        assert np.allclose(chain.alpha_carbons, twin.alpha_carbons, atol=2e-3)


@pytest.mark.shared
def test_agreement_with_tape_records_of_the_same_structures(shared: Path) -> None:
    """Sequences, coordinates and classes of 237 chains, made elsewhere from these files.

    Those records leave modified residues out and fill gaps in the numbering with X; the
    residues that they have are told by their coordinates.
    """
    chains = StructureChains(shared / "data" / "structures")
    assert len(chains) == 458
    assert chains.skipped == {}
    by_entry: dict[str, list] = {}
    for number in range(len(chains)):
        chain = chains[number]
        by_entry.setdefault(chain.identifier.split(".")[0], []).append(chain)
    tape = shared / "data" / "tape"
    contacts = LmdbChains(tape / "proteinnet_sample.lmdb", read_proteinnet)
    classes = LmdbChains(tape / "secondary_structure_sample.lmdb", read_secondary_structure)
    # Chains of unmodified residues, and chains that have modified ones too.
    same, classed = np.zeros(2, dtype=int), np.zeros(2, dtype=int)
    for number in range(len(contacts)):
        record, labels = contacts[number], classes[number]
        there = record.resolved
        wanted = record.alpha_carbons[there]

        def places(chain, wanted=wanted) -> np.ndarray:
            near = np.abs(chain.alpha_carbons[None] - wanted[:, None]).max(-1) < 1e-3
            return np.where(near.any(1), near.argmax(1), -1)

        found = [places(chain) for chain in by_entry[record.identifier]]
        best = max(range(len(found)), key=lambda i: (found[i] >= 0).sum())
        chain, at = by_entry[record.identifier][best], found[best]
        assert (at >= 0).all(), "every residue of theirs is one of ours"
        assert (np.diff(at) > 0).all()
        letters = np.array(list(record.sequence))[there]
        assert (np.array(list(chain.sequence))[at] == letters).all()
        mine, theirs = chain.secondary_structure[at], labels.secondary_structure[there]
        modified = int(len(at) < len(chain))
        classed[modified] += int((mine >= 0).sum())
        same[modified] += int((mine == theirs)[mine >= 0].sum())
    print("classes:", classed, "of which the same:", same / classed)
    assert classed.sum() > 36_000
    # Those records break the chain at a modified residue, and so lose bonds around it.
    assert same[0] > 0.999 * classed[0]
    assert same[1] > 0.9 * classed[1]
