"""Strangers' bytes as text: encodings, compression, line ends, columns that stay."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import gemmi
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from precompute.datasets.text import clean_text, decode, is_mmcif, is_pdb, unpack
from precompute.errors import AtlasError

ATOM = "ATOM      1  CA  ALA A   1      11.000  12.000  13.000  1.00 10.00           C\n"
CIF = """data_x
_struct.title 'Häm, 5 Å'
loop_
_atom_site.group_PDB
_atom_site.id
_atom_site.type_symbol
_atom_site.label_atom_id
_atom_site.label_alt_id
_atom_site.label_comp_id
_atom_site.label_asym_id
_atom_site.label_seq_id
_atom_site.pdbx_PDB_ins_code
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
ATOM 1 C CA . ALA Å 1 ? 1.0 2.0 3.0
ATOM 2 C CA . ALA Ö 1 ? 4.0 5.0 6.0
"""
MOST = 1_000_000


def read_pdb(text: str, encoding: str = "utf-8") -> gemmi.Structure:
    return gemmi.read_pdb_string(clean_text(text.encode(encoding), columns=True))


def first_atom(structure: gemmi.Structure) -> tuple[str, str, str, list[float]]:
    chain = structure[0][0]
    return chain.name, chain[0].name, chain[0][0].name, chain[0][0].pos.tolist()


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" CA ", " CÅ "),
        ("ALA", "AÖA"),
        (" A ", " ß "),
        ("ATOM  ", "ATOM \xa0"),
        ("  1.00", "\xa01.00"),
    ],
)
def test_a_sign_stays_one_column(old: str, new: str, encoding: str) -> None:
    structure = read_pdb(ATOM.replace(old, new, 1), encoding)
    *names, place = first_atom(structure)
    assert place == [11.0, 12.0, 13.0]
    assert all(name.isascii() for name in names)
    assert [len(name) for name in names] == [1, 3, 2]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same(encoding: str, end: str) -> None:
    text = "TITLE     PLAIN\n" + ATOM * 3
    assert clean_text(text.replace("\n", end).encode(encoding), columns=True) == text.encode()
    cut = text.replace("\n", end).encode(encoding)[:-1]
    assert clean_text(cut, columns=True).startswith(text[:-1].encode())


def test_a_clean_file_is_not_touched() -> None:
    data = (ATOM * 3).encode()
    assert clean_text(data, columns=True) == data
    assert clean_text(data, columns=False) == data


def test_titles_are_legible() -> None:
    for encoding in ("latin-1", "utf-8"):
        info = dict(read_pdb("TITLE     HÄM, 5 Å, 3 µM\n" + ATOM, encoding).info.items())
        assert info["_struct.title"] == "HAM, 5 A, 3 uM"
    assert dict(read_pdb("TITLE     Β-LACTAMASE 蛋白\n" + ATOM).info.items()) == {
        "_struct.title": "?-LACTAMASE ??"
    }


def test_numbers_with_typographers_minus() -> None:
    assert first_atom(read_pdb(ATOM.replace(" 11.000", "−11.000")))[-1][0] == -11.0
    assert first_atom(read_pdb(ATOM.replace(" 11.000", "–11.000"), "cp1252"))[-1][0] == -11.0


def test_chains_of_other_letters_stay_apart() -> None:
    text = "".join(ATOM.replace(" A ", f" {name} ") for name in "AÅÖÄ`")
    for encoding in ("latin-1", "utf-8"):
        assert len({chain.name for chain in read_pdb(text, encoding)[0]}) == 5


def test_an_atom_between_zeros() -> None:
    data = (
        b"\0\0"
        + ATOM.encode()
        + b"\x1a"
        + ATOM.encode().replace(b"  1.00", b"\0\x001.00")
        + b"\0" * 99
    )
    structure = gemmi.read_pdb_string(clean_text(data, columns=True))
    assert structure[0].count_atom_sites() == 2


def test_marks_in_the_middle_take_no_column() -> None:
    structure = read_pdb(ATOM + "\ufeff" + ATOM + "\u200b" + ATOM)
    assert structure[0].count_atom_sites() == 3


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_mmcif_keeps_its_title_and_its_chains(encoding: str) -> None:
    data = clean_text(CIF.encode(encoding), columns=False)
    structure = gemmi.make_structure_from_block(gemmi.cif.read_string(data)[0])
    assert dict(structure.info.items())["_struct.title"] == "Häm, 5 Å"
    assert [len(chain) for chain in structure[0]] == [1, 1]


def test_text_fields_of_mmcif_stay() -> None:
    text = "data_x\n_struct.title\n;Häm\nist rot: ö\n;\n# für\n_a.b Öl\n"
    cleaned = clean_text(text.encode("latin-1"), columns=False).decode()
    assert cleaned.startswith(text[: text.index("_a.b")])
    value = gemmi.cif.read_string(cleaned)[0].find_value("_a.b")
    assert gemmi.cif.as_string(value) == "Öl"


def test_names_of_mmcif_keep_their_letters_and_numbers_their_worth() -> None:
    atoms = "".join(f"ATOM {name} −1.5 C’\n" for name in ("é", "A", "β1", "µ", "`"))
    text = f"data_é\nloop_\n_a.group\n_a.chain\n_a.x\n_a.name\n{atoms}"
    block = gemmi.cif.read_string(clean_text(text.encode(), columns=False).decode())[0]
    rows = [[gemmi.cif.as_string(one) for one in row] for row in block.find("_a.", ["chain", "x"])]
    assert rows == [[name, "-1.5"] for name in ("é", "A", "β1", "µ", "`")]


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_become_text(data: bytes, columns: bool) -> None:
    cleaned = clean_text(data, columns=columns).decode()
    assert not columns or cleaned.isascii()
    assert "\0" not in cleaned
    assert "\r" not in cleaned
    assert clean_text(cleaned.encode(), columns=columns).decode() == cleaned


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=80))
def test_places_in_a_line_stay(line: str) -> None:
    line = "ATOM  " + "".join(sign for sign in line if not 0x7F <= ord(sign) < 0xA0)
    assume(decode(line.encode("latin-1")) == line)  # else it is UTF-8 by chance
    assert len(clean_text(line.encode("latin-1"), columns=True)) == len(line)


def test_gzip_is_told_by_its_content() -> None:
    data = ATOM.encode()
    for name in ("x.pdb", "x.pdb.gz", "x"):
        assert unpack(data, name, MOST) == data
        assert unpack(gzip.compress(data), name, MOST) == data
        assert unpack(gzip.compress(gzip.compress(data)), name, MOST) == data
        assert unpack(gzip.compress(data) + gzip.compress(data), name, MOST) == 2 * data


def make_zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.pdb", data)
    return file.getvalue()


def make_tar(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("x.pdb")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize(
    ("packed", "what"),
    [
        (bz2.compress(ATOM.encode()), "bzip2"),
        (lzma.compress(ATOM.encode()), "xz"),
        (make_zip(ATOM.encode()), "zip"),
        (make_tar(ATOM.encode()), "tar archive"),
        (gzip.compress(make_tar(ATOM.encode())), "tar archive"),
        (gzip.compress(ATOM.encode() * 99)[:-20], "truncated"),
        (b"\x1f\x8b" + b"x" * 99, "damaged gzip"),
        (gzip.compress(b" " * (MOST + 1)), "more than"),
        (b"", "empty"),
        (b"\0" * 2000, "empty"),
        (gzip.compress(b" \n"), "empty"),
        (b"%PDF-1.7\n", "PDF document"),
        (b"{\\rtf1 ATOM", "RTF"),
    ],
)
def test_what_is_refused(packed: bytes, what: str) -> None:
    with pytest.raises(AtlasError, match=what) as caught:
        unpack(packed, "x.pdb", MOST)
    assert str(caught.value).startswith("x.pdb ")


def test_formats_are_told_by_their_lines() -> None:
    assert is_mmcif(b"\n\n \t_atom_site.id\n")
    assert not is_mmcif(b"TITLE  _atom_site.id\n")
    assert is_pdb(b"\nATOM  ")
    assert not is_pdb(b" ATOM  ")


def test_bytes_of_another_encoding_are_read_one_by_one() -> None:
    assert decode("β".encode() + b"\xe9\x81") == "βé\ufffd"
