"""What residue names stand for, pinned to the tables of libraries that know some of them."""

from __future__ import annotations

import gemmi
import pytest
from Bio.Data import PDBData
from mdtraj.core import residue_names
from mdtraj.formats.pdb.pdbfile import PDBTrajectoryFile

from precompute.datasets.components import (
    WATER,
    ion_element,
    is_documented,
    is_known,
    is_standard,
    residue_letter,
    stands_for,
)

SUGAR = frozenset({"P", "O5'", "C5'", "C4'", "O4'", "C3'", "O3'", "C1'", "N9"})
BACKBONE = frozenset({"N", "CA", "C", "O", "CB"})


def test_mdtrajs_names_of_amino_acids_waters_and_nucleotides_are_ours() -> None:
    PDBTrajectoryFile._loadNameReplacementTables()
    replaced = PDBTrajectoryFile._residueNameReplacements
    amino = {name: own for name, own in replaced.items() if is_standard(own)}
    assert len(amino) > 25
    for name, own in amino.items():
        assert stands_for(name, BACKBONE, frozenset({6, 7, 8})) == own, name
    for name in residue_names._WATER_RESIDUES:
        assert stands_for(name, frozenset({"O"}), frozenset({8})) == WATER, name
    for own, names in residue_names._AMBER_VARIANTS.items():
        for name in names:
            assert stands_for(name, SUGAR, frozenset({6, 7, 8, 15})) == own, name


def test_the_twenty_are_gemmis() -> None:
    names = [gemmi.expand_one_letter(x, gemmi.ResidueKind.AA) for x in "ACDEFGHIKLMNPQRSTVWY"]
    assert all(is_standard(name) for name in names)
    assert [residue_letter(name, {}) for name in names] == list("ACDEFGHIKLMNPQRSTVWY")


def test_letters_are_biopythons_where_gemmi_has_none() -> None:
    names = [name.strip() for name in PDBData.protein_letters_3to1_extended]
    unknown = [name for name in names if not gemmi.find_tabulated_residue(name).found()]
    assert len(unknown) > 500
    for name in unknown:
        letter = PDBData.protein_letters_3to1_extended[f"{name:<3}"]
        assert residue_letter(name, {}) == letter, name
        assert is_documented(name), name


@pytest.mark.parametrize(
    ("name", "atoms", "component"),
    [
        ("HSE", {"N", "CA", "C", "O", "CB", "CG", "OD"}, "HSE"),  # homoserine
        ("HSE", {"N", "CA", "C", "O", "CB", "CG", "ND1"}, "HIS"),
        ("CLA", {"MG", "CHA", "CHB"}, "CLA"),  # chlorophyll
        ("DGN", {"N", "CA", "C", "O", "CB", "CG"}, "DGN"),  # D-glutamine
        ("DGN", SUGAR, "DG"),
        ("A", {"C1", "C2"}, "A"),  # anybody's ligand
        ("NHE", {"N"}, "NH2"),
        ("NHE", {"C1", "C2", "N", "S", "O1"}, "NHE"),  # a buffer
        ("NALA", {"N", "CA", "C", "O", "CB", "OXT"}, "ALA"),
        ("XYZ", {"N", "CA", "C", "O"}, "XYZ"),
    ],
)
def test_a_name_counts_where_the_atoms_are_its(name: str, atoms: set[str], component: str) -> None:
    assert stands_for(name, frozenset(atoms), frozenset({6, 7, 8})) == component


def test_ions_by_name() -> None:
    assert [ion_element(name) for name in ("SOD", "Cl-", "K+", "ZN2", "CAL", "IOD")] == [
        *(11, 17, 19, 30, 20, 53)
    ]
    assert ion_element("NAG") == ion_element("LIG") == 0
    assert not is_known("QQQ")
