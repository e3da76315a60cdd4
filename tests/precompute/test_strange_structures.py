"""Structure files as people have them: each is what its clean twin is.

The twins are shipped examples (PDB entries, CC0) and every kind of what programs make of such
files: names of force fields, numbers that do not fit their columns, coordinates that are no places.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from precompute.datasets.components import MEMBRANE_LIPIDS
from precompute.errors import AtlasError
from tests.precompute.strange import (
    add,
    change,
    columns,
    example,
    facts,
    near,
    put,
    read,
    renamed,
    same,
    text_of,
    with_ligand,
)

MONOMER, DIMER, WITH_HISTIDINE = "1T8K", "2D1L", "2ZXJ"


AMINO_ACIDS = {
    "HIS": "HSD HSE HSP HID HIE HIP HISA HISB HISD HISE HISH HIS1 NHID CHIE NHIS CHIS hsd His",
    "ASP": "ASH ASPH ASPP NASP CASP",
    "GLU": "GLH GLUH GLUP NGLU",
    "LYS": "LYN LYP LYSH CLYS",
    "CYS": "CYX CYM CYS2 CYSH CCYX",
    "ARG": "ARN ARGN",
    "TYR": "TYM NTYR",
    "GLN": "QLN",
    "ALA": "NALA CALA ZALA",
}


@pytest.mark.parametrize(
    ("name", "variant"),
    [(name, variant) for name, variants in AMINO_ACIDS.items() for variant in variants.split()],
)
def test_a_force_fields_amino_acid_is_what_it_stands_for(
    tmp_path: Path, name: str, variant: str
) -> None:
    text = example(WITH_HISTIDINE if name == "HIS" else DIMER)
    same(tmp_path, renamed(text, {name: [variant]}), text)
    given = read(tmp_path / "said", renamed(text, {name: [variant]}))
    assert f"{variant} as {name}" in given.remarks["residue names of other programs"]


def test_names_that_are_components_of_their_own_stay_what_they_are(tmp_path: Path) -> None:
    # HSE is homoserine in the PDB and HIP a histidine with a phosphate.
    text = example(WITH_HISTIDINE)
    place = next(one for one in text.splitlines() if one[17:20] == "HIS")
    number, (x, y, z) = int(place[22:26]), (float(place[a : a + 8]) for a in (30, 38, 46))
    hip = renamed(text, {"HIS": ["HIP"]}).splitlines()
    last = max(i for i, line in enumerate(hip) if line[22:26] == f"{number:4d}")
    phosphorus = put(put(hip[last], 13, " P  "), 31, f"{x + 4:8.3f}{y + 4:8.3f}{z:8.3f}")
    modified = facts(
        read(tmp_path / "a", "\n".join([*hip[: last + 1], phosphorus, *hip[last + 1 :]]))
    )
    assert modified["background"]["modification"][0] == 1


def test_an_unknown_name_is_no_modification_and_is_said(tmp_path: Path) -> None:
    text = example(WITH_HISTIDINE)
    chains = read(tmp_path, renamed(text, {"HIS": ["QQQ"]}))
    expected = read(tmp_path, renamed(text, {"HIS": ["UNK"]}))
    assert facts(chains) == facts(expected)
    count = text.count(" CA  HIS")
    assert count > 0
    said = chains.remarks["residues of names that nobody knows, read as X"]
    assert said == f"QQQ ({count})"


WATERS = [
    ("SOL", (" OW ", " HW1", " HW2")),
    ("SOL", (" OW ", " HW1", " HW2", " MW ")),
    ("TIP3", (" OH2", " H1 ", " H2 ")),
    ("TIP3", ("OH2 ", "H1  ", "H2  ")),
    ("T4P", (" O  ", " H1 ", " H2 ", " EPW")),
    ("TP3", (" O  ", " H1 ", " H2 ")),
    ("SPC", (" OW ",)),
    ("WAT", (" O  ",)),
    ("W", (" OW ",)),
    ("XYZ", (" O  ",)),
]
IONS = [
    *(("SOD", "SOD "), ("SOD", " SOD"), ("CLA", "CLA "), ("POT", "POT "), ("CES", "CES ")),
    *(("NA+", "NA+ "), ("Na+", "Na+ "), ("CL-", "CL- "), ("Cl-", " Cl-"), ("K+", " K+ ")),
    *(("NA", " NA "), ("CL", "CL  "), ("LI+", "LI  "), ("LIT", "LIT "), ("RUB", "RUB ")),
    *(("ION", " NA "), ("ION", "CL  "), ("ION", " K+ "), ("ION", "CLA ")),
    *(("BR-", "BR  "), ("I-", " I  "), ("CIO", " CIO"), ("CHL", " CL "), ("Rb+", "Rb+ ")),
]


@pytest.mark.parametrize("record", ["ATOM", "HETATM"])
@pytest.mark.parametrize(("name", "atoms"), [*WATERS, *((n, (a,)) for n, a in IONS)])
def test_waters_and_salt_bind_nowhere(
    tmp_path: Path, record: str, name: str, atoms: tuple[str, ...]
) -> None:
    text = example(MONOMER)
    x, y, z = near(text)
    given = [(record, atom, name, "W", 500, (x + i / 2, y, z)) for i, atom in enumerate(atoms)]
    same(tmp_path, add(text, given), text)


@pytest.mark.parametrize("record", ["ATOM", "HETATM"])
@pytest.mark.parametrize("name", MEMBRANE_LIPIDS)
@pytest.mark.parametrize("chain", ["M", "A", " "])
def test_a_simulations_membrane_binds_nowhere(
    tmp_path: Path, record: str, name: str, chain: str
) -> None:
    text = example(MONOMER)
    same(tmp_path, with_ligand(text, record, name, chain), text)


@pytest.mark.parametrize("record", ["ATOM", "HETATM"])
@pytest.mark.parametrize("name", ["UNL", "UNK", "MOL", "DRG", "INH", "001"])
@pytest.mark.parametrize("chain", ["X", "A", " "])
def test_a_docked_ligand_binds_whatever_it_is_called(
    tmp_path: Path, record: str, name: str, chain: str
) -> None:
    text = example(MONOMER)
    twin = with_ligand(text)
    assert facts(read(tmp_path, twin))["background"]["binding_site"][0] > 0
    same(tmp_path, with_ligand(text, record, name, chain), twin)


@pytest.mark.parametrize(
    ("name", "atom"),
    [
        ("ZN2", "ZN  "),
        ("MG2", "MG  "),
        ("CAL", "CAL "),
        ("CA", "CA  "),
        ("CA", " CA "),
        ("C0", " C0 "),
    ],
)
def test_metals_bind_under_every_name(tmp_path: Path, name: str, atom: str) -> None:
    text = example(MONOMER)
    zinc, given = (
        add(text, [("HETATM", field, own, "X", 501, near(text))])
        for field, own in (("ZN  ", "ZN"), (atom, name))
    )
    assert facts(read(tmp_path, zinc))["background"]["binding_site"][0] > 0
    same(tmp_path, given, zinc)


def test_chlorophyll_is_no_chloride(tmp_path: Path) -> None:
    text = example(MONOMER)
    x, y, z = near(text)
    atoms = ["MG  ", " CHA", " CHB", " NA ", " C1A"]
    given = [("HETATM", a, "CLA", "X", 501, (x + 1.4 * i, y, z)) for i, a in enumerate(atoms)]
    assert facts(read(tmp_path, add(text, given)))["background"]["binding_site"][0] > 0


@pytest.mark.parametrize(
    "names", ["DG5 DC DA3", "RG5 RC RA3", "GUA CYT ADE", "G5 C A3", "DGN DCN DAN"]
)
@pytest.mark.parametrize("primes", ["'", "*"])
def test_a_strand_is_no_ligand(tmp_path: Path, names: str, primes: str) -> None:
    text = example(MONOMER)
    x, y, z = near(text)
    places = {
        " P  ": 0.0,
        " O5'": 1.2,
        " C5'": 2.4,
        " C4'": 3.2,
        " C3'": 4.0,
        " O3'": 4.9,
        " C1'": 3.6,
    }
    atoms = [
        (
            "ATOM",
            atom.replace("'", primes),
            name,
            "D",
            number,
            (x + 6.5 * (number - 1) + step, y, z),
        )
        for number, name in enumerate(names.split(), 1)
        for atom, step in places.items()
    ]
    chains = read(tmp_path / "strand", add(text, atoms))
    assert chains.skipped == {"nucleic acid chains": 1}
    assert facts(chains)["background"] == facts(read(tmp_path / "twin", text))["background"]


def hybrid_36(number: int) -> str:
    if number < 10_000:
        return f"{number:4d} "
    value, text = number - 10_000 + 10 * 36**3, ""
    while value:
        value, digit = divmod(value, 36)
        text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + text
    return f"{text} "


NUMBERS: dict[str, Callable[[int], str]] = {
    "hexadecimal, VMD": lambda n: f"{n:4d} " if n < 10_000 else f"{n:4x} ",
    "hexadecimal, OpenMM": lambda n: f"{n:4d} " if n < 10_000 else f"{n - 10_000 + 0xA000:4X} ",
    "hybrid-36": hybrid_36,
    "stars": lambda n: f"{n:4d} " if n < 10_000 else "**** ",
    "anew at 0": lambda n: f"{n % 10_000:4d} ",
    "anew at 1": lambda n: f"{n:4d} " if n < 10_000 else f"{n - 9_999:4d} ",
    "five digits": lambda n: f"{n:4d} " if n < 10_000 else f"{n:5d}",
    "cut off": lambda n: f"{n:4d} " if n < 10_000 else f"{str(n)[:4]} ",
    "none": lambda _: "     ",
    "all 0": lambda _: "   0 ",
    "negative": lambda n: f"{n - 10_000:4d} ",
}


@pytest.mark.parametrize("style", NUMBERS)
@pytest.mark.parametrize("first", [9_960, 9_999, 10_005])
def test_residue_numbers_beyond_four_digits(tmp_path: Path, style: str, first: int) -> None:
    text = example(MONOMER)
    seen: dict[str, int] = {}

    def edit(line: str, _: int) -> str:
        number = seen.setdefault(line[21:27], len(seen) + first)
        return put(line, 23, NUMBERS[style](number))

    same(tmp_path, change(text, edit), text)


SERIALS = {"stars": "*****", "hexadecimal": "186a0", "none": "     "}


@pytest.mark.parametrize("serial", SERIALS.values(), ids=list(SERIALS))
def test_serial_numbers_say_nothing(tmp_path: Path, serial: str) -> None:
    same(tmp_path, columns(lambda line: put(line, 7, serial))(example(MONOMER)), example(MONOMER))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda line: line[:6] + "100000" + line[11:], "more than five digits"),
        (lambda line: "HETATM" + "1000001" + line[11:], "more than five digits"),
        (lambda line: f"{line[:20]}    {line[20:]}", "shifts the columns"),
        (lambda line: put(line, 31, "  x12.00"), "no numbers"),
        (lambda line: line[:44], "ends before its coordinates"),
    ],
)
def test_shifted_columns_are_refused(
    tmp_path: Path, damage: Callable[[str], str], said: str
) -> None:
    text = change(example(MONOMER), lambda line, number: damage(line) if number > 99 else line)
    with pytest.raises(AtlasError, match=said) as refused:
        read(tmp_path, text)
    assert str(refused.value).startswith("x.pdb")


COLUMNS: dict[str, Callable[[str], str]] = {
    "names to the left": columns(lambda line: put(line, 13, f"{line[12:16].strip():<4}")),
    "no elements": columns(lambda line: line[:66].ljust(80)),
    "names to the left, no elements": columns(
        lambda line: put(line, 13, f"{line[12:16].strip():<4}")[:66].ljust(80)
    ),
    "the name's letters for elements": columns(
        lambda line: put(line, 77, f"{line[12:16].strip()[:2]:>2}")
    ),
    "residue names one column on": columns(lambda line: put(line, 18, f"{line[17:20].strip():>4}")),
    "short lines": columns(lambda line: line[:54]),
    "two decimals": columns(
        lambda line: put(line, 31, "".join(f"{float(line[i : i + 8]):8.2f}" for i in (30, 38, 46)))
    ),
    "small letters": lambda text: text.replace("ATOM  ", "atom  "),
}


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if kind != "two decimals"])
def test_columns_as_programs_fill_them(tmp_path: Path, kind: str) -> None:
    text = with_ligand(example(MONOMER))
    same(tmp_path, COLUMNS[kind](text), text)


def test_a_c_alpha_is_no_calcium_and_a_calcium_no_c_alpha(tmp_path: Path) -> None:
    text = example(MONOMER)
    calcium = add(text, [("HETATM", "CA  ", "CA", "A", 501, near(text))])
    left = COLUMNS["names to the left, no elements"](calcium)
    same(tmp_path, left, calcium)
    chain = read(tmp_path / "given", left)[0]
    assert chain.resolved is not None
    assert chain.resolved.all()
    assert facts(read(tmp_path / "given", left))["background"]["binding_site"][0] > 0


BYTES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "carriage returns": ("x.pdb", lambda text: text.replace("\n", "\r\n").encode()),
    "byte-order mark": ("x.pdb", lambda text: codecs.BOM_UTF8 + text.encode()),
    "UTF-16": ("x.pdb", lambda text: text.encode("utf-16")),
    "gzip under a plain name": ("x.pdb", lambda text: gzip.compress(text.encode())),
    "plain under a name of gzip": ("x.pdb.gz", str.encode),
    "assembly": ("x.pdb1", str.encode),
    "packed assembly": ("x.pdb12.gz", lambda text: gzip.compress(text.encode())),
    "PDB under a name of mmCIF": ("x.cif", str.encode),
    "Latin-1 in a title": ("x.pdb", lambda text: b"TITLE     5 \xc5\n" + text.encode()),
}


@pytest.mark.parametrize("kind", BYTES)
def test_bytes_and_names_of_files(tmp_path: Path, kind: str) -> None:
    name, write = BYTES[kind]
    same(tmp_path, write(example(DIMER)), example(DIMER), name)


NO_PLACES = {
    "stars": "********" * 3,
    "one of three": "   1.000********   2.000",
    "zeros": "   0.000" * 3,
    "nan": "     nan" * 3,
    "9999": "9999.000" * 3,
    "−999": "-999.000" * 3,
    "blank": "        " * 3,
    "one point": "  12.345  -3.210  40.000",
}


@pytest.mark.parametrize("kind", NO_PLACES)
@pytest.mark.parametrize("residues", [range(15, 30), range(15, 16)])
def test_what_is_no_place_is_unresolved(tmp_path: Path, kind: str, residues: range) -> None:
    text = example(MONOMER)
    first = int(next(line for line in text.splitlines())[22:26])

    def edit(line: str, _: int) -> str:
        return put(line, 31, NO_PLACES[kind]) if int(line[22:26]) - first in residues else line

    clean = read(tmp_path / "clean", text)[0]
    chains = read(tmp_path / "given", change(text, edit))
    chain = chains[0]
    assert chain.sequence == clean.sequence
    assert chain.resolved is not None
    assert [i for i in range(len(chain)) if not chain.resolved[i]] == list(residues)
    assert chains.skipped["atoms without a place"] >= 4 * len(residues)
    states, before = chain.contact_states(), clean.contact_states()
    assert states is not None
    assert before is not None
    seen = chain.resolved[:, None] & chain.resolved
    assert (states[seen] == before[seen]).all()
    assert (states[~seen] == -1).all()


@pytest.mark.parametrize("trace", [False, True])
def test_one_atom_at_the_origin_is_not_there(tmp_path: Path, trace: bool) -> None:
    text = example(MONOMER)
    if trace:
        text = text_of([line for line in text.splitlines() if line[12:16] == " CA "])
    chosen = next(line for line in text.splitlines()[60:] if line[12:16] == " CA ")
    zero, stars = (text.replace(chosen, put(chosen, 31, one * 3)) for one in ("   0.000", "*" * 8))
    same(tmp_path, zero, stars)


@pytest.mark.parametrize(
    ("factor", "unit"), [(0.1, "nanometres"), (10, "tenths"), (100, "hundredths")]
)
def test_another_unit_is_refused(tmp_path: Path, factor: float, unit: str) -> None:
    def scaled(line: str, _: int) -> str:
        places = [float(line[i : i + 8]) * factor for i in (30, 38, 46)]
        return put(line, 31, "".join(f"{place:8.3f}"[:8] for place in places))

    with pytest.raises(AtlasError, match=unit):
        read(tmp_path, change(example(MONOMER), scaled))


def test_caps_and_lone_pairs_within_a_force_fields_residue(tmp_path: Path) -> None:
    # CHARMM's ACE and CT3 are patches: their atoms are the first and the last residue's.
    text = example(WITH_HISTIDINE)
    patched = []
    for line in renamed(text, {"HIS": ["HSD"]}).splitlines():
        patched.append(line)
        if line[12:20] == " CB  HSD":
            x, y, z = (float(line[i : i + 8]) for i in (30, 38, 46))
            for number, atom in enumerate((" CAY", " CY ", " OY ", " NT ", " LPA", " MCB"), 1):
                place = f"{x + number:8.3f}{y:8.3f}{z:8.3f}"
                patched.append(put(put(put(line, 13, atom), 31, place), 77, "  "))
    assert len(patched) > len(text.splitlines())
    same(tmp_path, text_of(patched), text)


@pytest.mark.parametrize("sugar", ["NAG", "4YB", "BGLN", "0YB"])
@pytest.mark.parametrize("protein", ["ASN", "NLN"])
def test_a_glycan_under_a_force_fields_name(tmp_path: Path, sugar: str, protein: str) -> None:
    # The examples have no atoms beyond C-beta: one of them is ND2 here.
    first = next(one for one in example(MONOMER).splitlines() if one[12:20] == " CB  ASN")
    text = example(MONOMER).replace(first, put(put(first, 13, " ND2"), 77, " N"))
    x, y, z = (float(first[i : i + 8]) for i in (30, 38, 46))
    atoms = {" C1 ": 1.4, " C2 ": 2.9, " C3 ": 4.4, " C4 ": 5.9, " C5 ": 7.4, " O5 ": 8.8}

    def with_glycan(name: str) -> str:
        return add(
            text,
            [("ATOM", atom, name, "G", 1, (x + away, y, z)) for atom, away in atoms.items()],
        )

    clean = facts(read(tmp_path, with_glycan("NAG")))
    assert clean["background"]["modification"][0] == 1
    same(tmp_path, renamed(with_glycan(sugar), {"ASN": [protein]}), with_glycan("NAG"))
