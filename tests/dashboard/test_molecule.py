"""Reading structure files, and what shows them."""

from __future__ import annotations

import gzip
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit import config

from dashboard.page import library as libraries
from dashboard.page.library import Library, molecule_library
from dashboard.structure import molecule
from dashboard.structure.atoms import read_structure
from dashboard.structure.molecule import choose_renderer
from precompute.errors import AtlasError

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

COLUMNS = (
    "group_PDB id type_symbol label_atom_id label_asym_id label_seq_id Cartn_x Cartn_y Cartn_z"
)


EXTRA = "auth_asym_id pdbx_PDB_model_num"


def mmcif(rows: list[str], extra: str = EXTRA) -> str:
    names = [f"_atom_site.{name}" for name in f"{COLUMNS} {extra}".split()]
    return "\n".join(["data_TEST", "#", "loop_", *names, *rows, "#", "loop_", "_other.a", "x"])


def mmcif_rows(chain: str = "BB") -> list[str]:
    return [
        *(f"ATOM {i} C CA A {i} {i * 1.5} 0.0 {i % 3} {chain} 1" for i in range(1, 6)),
        'HETATM 6 O "O5\'" C . 1.0 2.0 3.0 C 1',
        f"ATOM 7 C CA A 1 1.0 2.0 3.0 {chain} 2",
    ]


def helix(residues: int, chain: str) -> str:
    """C-alpha atoms of an ideal helix as an mmCIF file."""
    rows = []
    for i in range(residues):
        angle = math.radians(100 * i)
        x, y, z = 1.5 * i, 2.3 * math.cos(angle), 2.3 * math.sin(angle)
        rows.append(f"ATOM {i + 1} C CA A {i + 1} {x:.3f} {y:.3f} {z:.3f} {chain} 1 ALA")
    return mmcif(rows, f"{EXTRA} label_comp_id")


def test_pdb_first_model_and_chains_in_order() -> None:
    structure = read_structure("a.pdb", PDB.encode())
    assert structure.atoms == 12
    assert structure.chains == ("B", "A", "_")
    assert len(set(structure.colours.values())) == 3


def test_mmcif_by_content_not_by_name() -> None:
    structure = read_structure("a.pdb", mmcif(mmcif_rows()).encode())
    assert structure.atoms == 6
    assert structure.chains == ("BB", "C")


def test_mmcif_without_author_chains() -> None:
    rows = ["ATOM 1 C CA A 1 1.0 2.0 3.0", "ATOM 2 C CA 'B C' 1 1.0 2.0 3.0"]
    assert read_structure("a.cif", mmcif(rows, "").encode()).chains == ("A", "B_C")


def test_both_formats_give_the_same_table() -> None:
    one = read_structure("a.pdb", pdb_atom(1, 4, "A").encode())
    row = "ATOM 1 C CA A 4 6.0 0.0 1.1 A 1 GLY"
    two = read_structure("a.cif", mmcif([row], f"{EXTRA} label_comp_id").encode())
    assert one.text == two.text
    assert one.text.splitlines()[-1] == 'ATOM 1 C "CA" GLY A 4 6.000 0.000 1.100'


def test_first_alternate_location_only() -> None:
    rows = [pdb_atom(1, 4, "A"), pdb_atom(2, 4, "A").replace("6.000", "7.000")]
    structure = read_structure("a.pdb", "\n".join(rows).encode())
    assert structure.atoms == 1
    assert "6.000" in structure.text
    inserted = rows[1][:26] + "A" + rows[1][27:]
    assert read_structure("a.pdb", f"{rows[0]}\n{inserted}".encode()).atoms == 2


@pytest.mark.parametrize("field", [3, 4, 10])
def test_nothing_of_a_file_can_be_markup(field: int) -> None:
    values = mmcif_rows()[0].split()
    values[field] = ATTACK.replace(" ", "").replace("'", "")
    structure = read_structure("a.cif", f"{mmcif([' '.join(values)])}\n{ATTACK}".encode())
    assert re.fullmatch(r"""[A-Za-z0-9_.+*'" \n-]+""", structure.text)
    assert all(re.fullmatch(r"[A-Za-z0-9_.+*-]+", chain) for chain in structure.chains)


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
    atoms = [pdb_atom(i, i, "A", name) for i in range(1, 6) for name in names]
    assert read_structure("a.pdb", "\n".join(atoms).encode()).drawing == drawing


def test_colours_repeat_after_the_last() -> None:
    rows = [f"ATOM 1 C CA A 1 1.0 2.0 3.0 C{i} 1" for i in range(62)]
    colours = read_structure("a.cif", mmcif(rows).encode()).colours
    assert len(colours) == 62
    assert colours["C0"] == colours["C8"] != colours["C1"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "holds no atom", id="empty"),
        pytest.param(b"REMARK only\n", "holds no atom", id="no atom"),
        pytest.param(b">sp|P1\nMKV\n", "holds no atom", id="fasta"),
        pytest.param(b"\x89PNG\0\0", "not a text file", id="binary"),
        pytest.param(gzip.compress(b"ATOM"), "compressed with gzip", id="gzip"),
        pytest.param(b"A" * 20_000_001, "larger than 20 MB", id="large"),
        pytest.param(b"ATOM      1  CA\n", "line 1: the coordinates", id="cut"),
        pytest.param(
            PDB.replace("B   1", "B  1x").encode(), "line 3: the residue's number", id="number"
        ),
        pytest.param(
            PDB.replace("   1.500", "     nan", 1).encode(), "coordinates", id="not a number"
        ),
        pytest.param(mmcif(["ATOM 1 C CA"]).encode(), "4 values for 11 columns", id="short row"),
        pytest.param(mmcif([]).encode(), "holds no atom", id="empty loop"),
        pytest.param(
            mmcif(["ATOM 1 C CA A 1 ? ? ? A 1"]).encode(), "coordinates", id="unknown place"
        ),
    ],
)
def test_bad_files_are_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(AtlasError) as caught:
        read_structure("a.pdb", content)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda t: t.encode()))
def test_any_bytes_give_a_structure_or_a_sentence(content: bytes) -> None:
    try:
        structure = read_structure("a", content)
    except AtlasError:
        return
    assert structure.atoms > 0


@given(st.data())
def test_a_damaged_file_gives_a_structure_or_a_sentence(data: Any) -> None:
    whole = data.draw(st.sampled_from([PDB, mmcif(mmcif_rows())])).encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    junk = data.draw(st.binary(max_size=10))
    try:
        structure = read_structure("a", whole[:start] + junk + whole[end:])
    except AtlasError:
        return
    assert structure.chains


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
    structure = read_structure("a.pdb", "\n".join(rows).encode())
    assert structure.numbers == {
        ("A", "52", ""): 52,
        ("A", "52", "A"): 53,
        ("A", "53", ""): 54,
        ("A", "60", ""): 61,
        ("B", "52", ""): 52,
    }
    written = [row.split()[6] for row in structure.text.splitlines() if row.startswith("ATOM")]
    assert written == ["52", "53", "54", "61", "52"]
