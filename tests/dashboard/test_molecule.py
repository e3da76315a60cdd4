"""What the 3D view gets of a structure, and what shows it."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import gemmi
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit import config

from dashboard.page import library as libraries
from dashboard.page.library import Library, molecule_library
from dashboard.structure import molecule
from dashboard.structure.molecule import choose_renderer
from precompute.examples import load_example
from precompute.live.getting.files import open_upload, upload_chain
from precompute.live.getting.structures import Structure as ReadStructure
from precompute.live.writing import Structure, view_atoms

ATTACK = "</script><script>document.title='broken'</script>"


def pdb_atom(number: int, residue: int, chain: str, name: str = "CA", record: str = "ATOM") -> str:
    x, y, z = residue * 1.5, (residue % 4) * 1.2, (residue % 3) * 1.1
    return (
        f"{record:<6}{number:>5}  {name:<3} GLY {chain}{residue:>4}    "
        f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00 10.00           C  "
    )


PDB = "\n".join(
    [
        "HEADER    TEST",
        "MODEL        1",
        *(pdb_atom(i, i, "B") for i in range(1, 9)),
        *(pdb_atom(i, i, "A") for i in range(9, 12)),
        pdb_atom(12, 30, " ", "ZN", "HETATM"),
        "ENDMDL",
        "MODEL        2",
        pdb_atom(1, 1, "C"),
        "ENDMDL",
        "END",
    ]
)


def helix(residues: int, chain: str) -> Structure:
    """C-alpha atoms of an ideal helix, as the 3D view takes them."""
    own = gemmi.Chain(chain)
    for i in range(residues):
        angle = math.radians(100 * i)
        own.add_residue(
            residue(i + 1, [("CA", (1.5 * i, 2.3 * math.cos(angle), 2.3 * math.sin(angle)))])
        )
    model = gemmi.Model(1)
    model.add_chain(own)
    return view_atoms(model)


def residue(
    number: int, atoms: list[tuple[str, tuple[float, float, float]]], name: str = "ALA"
) -> gemmi.Residue:
    made = gemmi.Residue()
    made.name, made.seqid, made.het_flag = name, gemmi.SeqId(number, " "), "A"
    for atom_name, place in atoms:
        atom = gemmi.Atom()
        atom.name, atom.element, atom.pos = atom_name, gemmi.Element("C"), gemmi.Position(*place)
        made.add_atom(atom)
    return made


def view(*lines: str) -> Structure:
    """What the 3D view gets of the first model of a PDB file."""
    return view_atoms(gemmi.read_pdb_string("\n".join(lines))[0])


def atoms(structure: Structure) -> list[list[str]]:
    """The rows of its table."""
    rows = structure.text.splitlines()
    return [row.split() for row in rows if row.startswith(("ATOM", "HETATM"))]


def test_the_view_has_the_chains_in_order_and_a_colour_for_each() -> None:
    structure = view(PDB)
    assert len(atoms(structure)) == 12
    assert structure.chains == ("B", "A", "_")
    assert len(set(structure.colours.values())) == 3
    assert [row[0] for row in atoms(structure)] == ["ATOM"] * 11 + ["HETATM"]


def test_a_row_says_what_the_atom_is() -> None:
    (row,) = atoms(view(pdb_atom(1, 4, "A")))
    assert row == ["ATOM", "1", "C", '"CA"', "GLY", "A", "4", "6.000", "0.000", "1.100"]


@given(st.lists(st.text(max_size=30), min_size=3, max_size=3))
@example([ATTACK, ATTACK, ATTACK])
@example(["'", '"', "a b"])
def test_no_name_of_a_file_can_be_markup_or_more_than_a_word(names: list[str]) -> None:
    whole = "".join(names).encode(errors="replace").decode()
    chain, component, name = names if whole == "".join(names) else ["x"] * 3
    own = gemmi.Chain(chain)
    own.add_residue(residue(1, [(name, (1.0, 2.0, 3.0))], component))
    model = gemmi.Model(1)
    model.add_chain(own)
    structure = view_atoms(model)
    assert re.fullmatch(r"""[A-Za-z0-9_.+*'" \n-]+""", structure.text)
    assert all(re.fullmatch(r"[A-Za-z0-9_.+*-]+", one) for one in structure.chains)
    (row,) = atoms(structure)
    assert len(row) == 10


def test_what_else_a_file_holds_does_not_reach_the_view() -> None:
    entry = load_example("1T8K").structure_text
    content = "\n".join([f"TITLE     {ATTACK}", f"REMARK   1 {ATTACK}", entry, ATTACK])
    found = open_upload(content.encode(), "a.pdb")
    assert isinstance(found, ReadStructure)
    protein = upload_chain(found)
    assert protein.view is not None
    for text in (protein.view.text, protein.structure or ""):
        assert not re.search("script|title|TITLE|broken", text)


@pytest.mark.parametrize(
    ("names", "drawing"),
    [
        (["CA", "O"], "cartoon"),
        (["P", "O3'"], "cartoon"),
        (["CA", "CB"], "trace"),
        (["C1", "C2"], "stick"),
    ],
)
def test_the_drawing_is_one_the_atoms_allow(names: list[str], drawing: str) -> None:
    assert view(*(pdb_atom(i, i, "A", name) for i in range(1, 6) for name in names)).drawing == (
        drawing
    )


def test_colours_repeat_after_the_last() -> None:
    colours = Structure("", tuple(f"C{i}" for i in range(62))).colours
    assert len(colours) == 62
    assert colours["C0"] == colours["C8"] != colours["C1"]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A static folder, served."""
    monkeypatch.setattr(libraries, "STATIC", tmp_path)
    old = {
        name: config.get_option(name)
        for name in ("server.enableStaticServing", "server.baseUrlPath")
    }
    config.set_option("server.enableStaticServing", True)
    yield tmp_path
    for name, value in old.items():
        config.set_option(name, value)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("", "/app/static/3Dmol-min.js"),
        ("atlas", "/atlas/app/static/3Dmol-min.js"),
        ("/lab/atlas/", "/lab/atlas/app/static/3Dmol-min.js"),
    ],
)
def test_the_library_comes_from_this_server(served: Path, base: str, url: str) -> None:
    (served / "3Dmol-min.js").touch()
    config.set_option("server.baseUrlPath", base)
    assert molecule_library() == Library(url, None, True)


def test_the_library_comes_from_a_cdn_where_it_is_missing(served: Path) -> None:
    source = molecule_library()
    assert source.url == "https://cdn.jsdelivr.net/npm/3dmol@2.5.5/build/3Dmol-min.js"
    assert source.integrity == libraries.MOLECULE_INTEGRITY
    assert not source.served_here


def test_the_library_comes_from_a_cdn_where_nothing_is_served(served: Path) -> None:
    (served / "3Dmol-min.js").touch()
    config.set_option("server.enableStaticServing", False)
    assert not molecule_library().served_here


def test_renderers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(molecule.VIEWER_VARIABLE, raising=False)
    assert choose_renderer() == ("3dmol", None)
    monkeypatch.setenv(molecule.VIEWER_VARIABLE, "rasmol")
    name, sentence = choose_renderer()
    assert name == "3dmol"
    assert "3dmol, stmol" in str(sentence)


def test_stmol_that_does_not_import_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "stmol.py").write_text("import ipython_genutils_that_is_missing")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "stmol", raising=False)
    monkeypatch.setenv(molecule.VIEWER_VARIABLE, "stmol")
    name, sentence = choose_renderer()
    assert name == "3dmol"
    assert "No module named 'ipython_genutils_that_is_missing'" in str(sentence)


def test_residues_with_insertion_codes_have_numbers_of_their_own() -> None:
    rows = [
        pdb_atom(1, 52, "A"),
        pdb_atom(2, 52, "A").replace("A  52 ", "A  52A"),
        pdb_atom(3, 53, "A"),
        pdb_atom(4, 60, "A"),
        pdb_atom(5, 52, "B"),
    ]
    structure = view(*rows)
    assert structure.numbers == {
        ("A", 52, ""): 52,
        ("A", 52, "A"): 53,
        ("A", 53, ""): 54,
        ("A", 60, ""): 61,
        ("B", 52, ""): 52,
    }
    assert [row[6] for row in atoms(structure)] == ["52", "53", "54", "61", "52"]
