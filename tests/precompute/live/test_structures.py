"""Structures as proteins to look at: numbers, chains, notes, and what the viewer gets."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import gemmi
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precompute.errors import AtlasError
from precompute.live.getting.files import matching_chain, open_upload, upload_chain
from precompute.live.getting.inputs import fold
from precompute.live.getting.protein import Protein, ResidueKey, plain
from precompute.live.getting.sequences import Records
from precompute.live.getting.structures import Structure, choose_chain, read_structure
from precompute.live.writing import safe_names
from tests.precompute.live.snippets import Atom, helix, mmcif, numbered, pdb

SHARED = Path(os.environ.get("ATLAS_SHARED") or Path(__file__).parents[4] / "shared")
STRUCTURES = SHARED / "data" / "structures"
NAMES = ["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS", "LEU", "VAL", "ILE"]
LETTERS = "AGSTWDKLVI"


def read(content: bytes, name: str = "x.pdb", chain: str | None = None) -> Protein:
    found = open_upload(content, name)
    assert isinstance(found, Structure)
    return upload_chain(found, chain)


def viewer_atoms(protein: Protein) -> list[tuple[str, int, str, str]]:
    """Chain, number, insertion code and name of every atom that the viewer gets."""
    assert protein.structure is not None
    if protein.structure_format == "pdb":
        structure = gemmi.read_pdb_string(protein.structure)
    else:
        block = gemmi.cif.read_string(protein.structure)[0]
        structure = gemmi.make_structure_from_block(block)
    return [
        (chain.name, residue.seqid.num, residue.seqid.icode.strip(), atom.name)
        for chain in structure[0]
        for residue in chain
        for atom in residue
    ]


def test_numbers_are_the_authors_with_insertion_codes() -> None:
    given = [("ALA", 51, ""), ("GLY", 52, ""), ("SER", 52, "A"), ("THR", 52, "B"), ("TRP", 53, "")]
    protein = read(pdb(helix(given, chain="H")))
    assert protein.sequence == "AGSTW"
    assert protein.numbers == ("51", "52", "52A", "52B", "53")
    assert protein.residue_keys[2] == ResidueKey("H", 52, "A")
    assert protein.label(2) == "S52A"
    assert ("H", 52, "B", "CA") in viewer_atoms(protein)
    assert protein.parameters == {}
    assert protein.private


@pytest.mark.parametrize("first", [-3, 0, 998])
def test_numbers_below_zero_and_large_ones(first: int) -> None:
    protein = read(pdb(helix(numbered(NAMES, first))))
    assert protein.numbers == tuple(str(first + i) for i in range(10))
    assert {number for _, number, _, _ in viewer_atoms(protein)} == set(range(first, first + 10))


def test_unresolved_residues_keep_their_place_and_number_in_mmcif() -> None:
    kept = [0, 1, 2, 6, 7, 8]
    atoms = helix([(NAMES[i], 100 + i, "") for i in kept], places=[i + 1 for i in kept])
    scheme = [(i + 1, 100 + i, "") for i in range(10)]
    protein = read(mmcif(atoms, sequence=NAMES, scheme=scheme), "x.cif")
    assert protein.sequence == LETTERS
    assert protein.numbers == tuple(str(100 + i) for i in range(10))
    assert [key is not None for key in protein.residue_keys] == [i in kept for i in range(10)]
    assert protein.chain is not None
    assert protein.chain.resolved is not None
    assert protein.chain.resolved.tolist() == [i in kept for i in range(10)]
    assert any("4 of 10 residues are not resolved" in note for note in protein.notes)


def seqres(chain: str = "A") -> str:
    return f"SEQRES   1 {chain}   10  {' '.join(NAMES)}"


def test_unresolved_residues_keep_their_number_by_remark_465() -> None:
    kept = [2, 3, 4, 5, 6, 7]
    atoms = helix([(NAMES[i], 10 + i, "") for i in kept], places=[i + 1 for i in kept])
    remarks = ["REMARK 465   M RES C SSSEQI"] + [
        f"REMARK 465     {NAMES[i]} A  {10 + i:4d}" for i in (0, 1, 8, 9)
    ]
    protein = read(pdb(atoms, before=[*remarks, seqres()]))
    assert protein.sequence == LETTERS
    assert protein.numbers == tuple(str(10 + i) for i in range(10))


def test_numbers_that_no_file_gives_are_not_made_up() -> None:
    kept = [2, 3, 4, 7, 8]
    atoms = helix([(NAMES[i], 10 + i, "") for i in kept], places=[i + 1 for i in kept])
    protein = read(pdb(atoms, before=[seqres()]))
    # Two residues fit between 14 and 17; before 12 and after 18 any number would be a guess.
    assert protein.numbers == ("", "", "12", "13", "14", "15", "16", "17", "18", "")
    assert protein.label(0) == "A#1"


def test_a_gap_without_a_sequence_is_said() -> None:
    atoms = helix(numbered(NAMES[:4])) + helix(numbered(NAMES[4:], 20), places=range(20, 26))
    protein = read(pdb(atoms))
    assert len(protein) == 10
    assert any("numbering jumps at one place" in note for note in protein.notes)


def test_of_alternate_locations_the_most_occupied_is_shown() -> None:
    atoms = helix(numbered(NAMES))
    low = [a._replace(alternative="A", occupancy=0.3) for a in atoms[:4]]
    high = [
        a._replace(alternative="B", occupancy=0.7, xyz=(a.xyz[0] + 9, *a.xyz[1:]))
        for a in atoms[:4]
    ]
    protein = read(pdb([*low, *high, *atoms[4:]]))
    assert protein.chain is not None
    assert protein.chain.alpha_carbons is not None
    assert protein.chain.alpha_carbons[0] == pytest.approx(high[1].xyz, abs=1e-3)
    assert len(viewer_atoms(protein)) == 40
    assert any("4 atoms have alternate locations" in note for note in protein.notes)


def test_the_first_of_several_models() -> None:
    atoms = helix(numbered(NAMES))
    protein = read(pdb(atoms, models=20))
    assert protein.chain is not None
    assert protein.chain.alpha_carbons is not None
    assert protein.chain.alpha_carbons[3] == pytest.approx(atoms[13].xyz, abs=1e-3)
    assert any("20 models; this is the first" in note for note in protein.notes)


def test_selenomethionine_is_methionine_and_said() -> None:
    protein = read(pdb(helix(numbered(["ALA", "MSE", "GLY", "MSE", "SEP", "LYS"]))))
    assert protein.sequence == "AMGMSK"
    note = next(note for note in protein.notes if "MSE" in note)
    assert "MSE as M (2)" in note
    assert "SEP as S" in note


def test_water_is_not_shown_and_ligands_are() -> None:
    others = [
        Atom("O", "HOH", "A", 301, (5.0, 5.0, 5.0), hetero=True),
        Atom("C1", "ATP", "A", 302, (4.0, 1.0, 9.0), hetero=True),
    ]
    protein = read(pdb([*helix(numbered(NAMES)), *others]))
    names = {number for _, number, _, _ in viewer_atoms(protein)}
    assert 302 in names
    assert 301 not in names
    assert protein.sequence == LETTERS
    assert protein.chain is not None
    assert protein.chain.binding_site is not None
    assert protein.chain.binding_site.any()


def test_sixty_two_chains() -> None:
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    atoms = [a for i, c in enumerate(signs) for a in helix(numbered(NAMES), c, shift=20 * i)]
    protein = read(pdb(atoms), chain="z")
    assert protein.chains == tuple(signs)
    assert protein.chain_name == "z"
    assert {chain for chain, *_ in viewer_atoms(protein)} == set(signs)


def test_a_chain_that_is_not_there() -> None:
    with pytest.raises(AtlasError, match="no chain B that can be shown; it has A"):
        read(pdb(helix(numbered(NAMES))), chain="B")


def test_chain_names_are_safe_for_scripts() -> None:
    names = safe_names(["A", "A;quit", "A quit", "", " ", "_", "é", "A"])
    assert names["A"] == "A"
    assert names["_"] == "_"
    assert len(set(names.values())) == len(names)
    assert all(name.isascii() and name.replace("_", "a").isalnum() for name in names.values())


@pytest.mark.parametrize(
    "name", ["_A", "__", "loop_", "data_x", "SAVE_", "stop_", "global_", "$(t)"]
)
def test_a_chain_called_as_a_word_of_mmcif(name: str) -> None:
    """Such a name unquoted is no name to a reader of mmCIF, be it 3Dmol.js or PyMOL."""
    safe = safe_names([name, f"{name}'", "A"])
    assert len(set(safe.values())) == 3
    assert not [
        one for one in safe.values() if re.match("(?i)_.|(data|loop|save|stop|global)_", one)
    ]


@pytest.mark.parametrize("name", ["Heavychain1", "A-2", "A B", "_x", "loop_", "A;"])
def test_a_chain_that_is_renamed_is_named_in_the_note(name: str) -> None:
    protein = read(mmcif(helix(numbered(NAMES), f"'{name}'") + helix(numbered(NAMES), "B", 30)))
    note = f"Names of chains that not every program takes, written anew: “{name}” as "
    assert protein.chain_name != name
    assert f"{note}{protein.chain_name}." in protein.notes


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (
            "A",
            "uses names of chains twice: they were parted at the ends it marks and where "
            "numbers come again, and the further ones are called A_2.",
        ),
        (
            " ",
            "does not name its chains: they were parted at the ends it marks and where "
            "numbers come again, and are called A, B.",
        ),
    ],
)
def test_chains_that_are_parted_are_named_as_they_are_called(label: str, said: str) -> None:
    protein = read(pdb(helix(numbered(NAMES), label) + helix(numbered(NAMES), label, 30)))
    assert [note for note in protein.notes if "chains" in note] == [f"x.pdb {said}"]
    assert all(name in said for name in protein.chains)


def test_a_chain_without_a_name() -> None:
    protein = read(pdb(helix(numbered(NAMES), chain=" ")))
    assert protein.chain_name == "_"
    assert {chain for chain, *_ in viewer_atoms(protein)} == {"_"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x.pdb is empty"),
        (pdb([a for a in helix(numbered(NAMES)) if a.name != "CA"]), "no protein chain"),
        (pdb(helix(numbered(NAMES[:1]))), "two residues or more"),
        (
            pdb(
                [
                    Atom(name, "DA", "B", i, (4.0 * i, y, 0.0))
                    for i in range(1, 9)
                    for name, y in (("P", 0.0), ("O3'", 1.5), ("C1'", 3.0))
                ]
            ),
            "1 nucleic acid chain\\)",
        ),
        (mmcif(helix(numbered(NAMES)), sequence=NAMES)[:-60] + b"'broken", "not a readable mmCIF"),
        (b"data_x\nloop_\n_atom_site.id\n_atom_site.Cartn_x\n1 2 3\n", "not a readable mmCIF"),
        (gzip.compress(pdb(helix(numbered(NAMES))))[:-30], "truncated"),
        (b"\x1f\x8b" + b"nonsense", "damaged gzip"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(AtlasError, match=said) as caught:
        read(content)
    assert "\n" not in str(caught.value)


def test_a_chain_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_MAX_RESIDUES", "8")
    long, short = helix(numbered(NAMES)), helix(numbered(NAMES[:6]), "B", shift=30)
    with pytest.raises(AtlasError, match="more than the 8 residues"):
        read(pdb(long))
    protein = read(pdb(long + short))
    assert protein.chains == ("B",)
    assert any(
        "Left out for their length" in note and note.endswith("A.") for note in protein.notes
    )


def test_a_file_that_is_too_large_packed_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_MAX_UPLOAD", "1")
    content = pdb(helix(numbered(NAMES))) + b"REMARK\n" * 300_000
    with pytest.raises(AtlasError, match="this dashboard takes 1"):
        read(content)
    with pytest.raises(AtlasError, match="more than 1 MB"):
        read(gzip.compress(content), "x.pdb.gz")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
@pytest.mark.parametrize("packed", [False, True])
def test_sequences_are_told_by_the_content(encoding: str, packed: bool) -> None:
    data = ">x Häm\nMKVLL\n".encode(encoding)
    for name in ("x.fasta", "x.pdb", "x.fasta.gz"):
        found = open_upload(gzip.compress(data) if packed else data, name)
        assert isinstance(found, Records)
        assert found.records[0].protein().sequence == "MKVLL"
        assert found.records[0].title == "Häm"


def test_an_archive_is_named() -> None:
    with pytest.raises(AtlasError, match=r"x\.pdb is a zip archive"):
        open_upload(b"PK\x03\x04" + b"\0" * 99, "x.pdb")


def test_the_format_is_told_by_the_content() -> None:
    protein = read(mmcif(helix(numbered(NAMES)), sequence=NAMES, title="A & <b>"), "x.pdb")
    assert protein.sequence == LETTERS
    assert protein.title == "A & <b>"
    packed = gzip.compress(pdb(helix(numbered(NAMES))))
    assert read(packed, "no ending").sequence == LETTERS


def test_a_file_of_sequences_is_no_structure() -> None:
    found = open_upload(b">a\nMKV\n>b\nMKL\n", "x.fasta")
    assert isinstance(found, Records)
    assert [record.name for record in found.records] == ["a", "b"]


def test_names_and_titles_are_plain_text() -> None:
    assert plain("a\u202eb\x00c\nd") == "a b c d"
    assert len(plain("x" * 1000)) == 160


def test_a_structure_of_another_sequence_is_said() -> None:
    structure = read_structure(pdb(helix(numbered(NAMES))), "x.pdb")
    assert matching_chain(structure, LETTERS) == "A"
    with pytest.raises(AtlasError, match="is the same at 90%"):
        matching_chain(structure, LETTERS[:-1] + "W")


def test_more_atoms_than_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("precompute.live.writing.MOST_ATOMS", 60)
    near = Atom("C1", "ATP", "B", 302, (4.0, 1.0, 9.0), hetero=True)
    far = near._replace(number=303, xyz=(400.0, 1.0, 9.0))
    atoms = [*helix(numbered(NAMES)), *helix(numbered(NAMES), "B", shift=30), near, far]
    protein = read(pdb(atoms))
    shown = viewer_atoms(protein)
    assert {(c, n) for c, n, *_ in shown} == {("A", n) for n in range(1, 11)} | {("B", 302)}
    assert any("chain A alone" in note for note in protein.notes)


def test_names_that_the_pdb_format_has_no_room_for() -> None:
    atoms = helix(numbered(NAMES), "AA") + helix(numbered(NAMES, 10_001), "B", shift=30)
    protein = read(mmcif(atoms, sequence=NAMES), "x.cif", "AA")
    assert protein.structure_format == "cif"
    assert protein.chains == ("AA", "B")
    assert protein.residue_keys[0] == ResidueKey("AA", 1)
    atoms_shown = viewer_atoms(protein)
    assert ("AA", 1, "", "CA") in atoms_shown
    assert ("B", 10_001, "", "CA") in atoms_shown


@pytest.mark.shared
@pytest.mark.skipif(not STRUCTURES.is_dir(), reason="the maintainers' data folder is not here")
@pytest.mark.parametrize(
    "path", sorted(STRUCTURES.glob("*.pdb.gz"))[::12], ids=lambda path: path.name[:4]
)
def test_real_entries_keep_every_atom_number_and_sequence(path: Path) -> None:
    content = path.read_bytes()
    raw = gemmi.read_pdb_string(gzip.decompress(content))
    found = open_upload(content, path.name)
    assert isinstance(found, Structure)
    for name in found.usable:
        protein = choose_chain(found, name, source="upload", identifier="x")
        lines = [residue for residue in raw[0][name] if residue.find_atom("CA", "*")]
        own = {(r.seqid.num, r.seqid.icode.strip()) for r in lines if r.het_flag == "A"}
        keys = {(key.number, key.insertion) for key in protein.residue_keys if key}
        assert own <= keys
        assert protein.chain is not None
        assert protein.chain.alpha_carbons is not None
        again = read_structure((protein.structure or "").encode(), "again.pdb")
        twin = choose_chain(again, name, source="upload", identifier="x")
        assert twin.chain is not None
        assert twin.sequence == protein.sequence
        assert twin.numbers == protein.numbers
        np.testing.assert_allclose(twin.chain.alpha_carbons, protein.chain.alpha_carbons, atol=1e-3)
        for label in ("secondary_structure", "binding_site", "modification"):
            np.testing.assert_array_equal(getattr(twin.chain, label), getattr(protein.chain, label))


def test_importing_brings_in_nothing_heavy() -> None:
    code = (
        "import sys, precompute.live.getting.inputs, precompute.live.programs.formats; "
        "print(sorted({'torch', 'scipy', 'Bio', 'gemmi', 'requests', 'mdtraj', 'streamlit', "
        "'molviewspec', 'matplotlib', 'transformers'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


DAMAGED = mmcif(helix(numbered(NAMES)), sequence=NAMES)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=60).map(lambda tail: b"\x1f\x8b\x08\x00" + tail),
        st.integers(0, len(DAMAGED)).map(lambda end: DAMAGED[:end]),
        st.tuples(st.integers(0, len(DAMAGED)), st.binary(min_size=1, max_size=8)).map(
            lambda cut: DAMAGED[: cut[0]] + cut[1] + DAMAGED[cut[0] :]
        ),
        st.text(max_size=200).map(lambda text: f"ATOM  {text}".encode()),
    ),
    st.sampled_from(["x.pdb", "x.cif", "x.cif.gz", "x", "../../x.fasta", "\u202e.ent"]),
)
def test_any_bytes_are_a_protein_or_one_sentence(content: bytes, name: str) -> None:
    said = "nothing"
    try:
        found = open_upload(content, name)
        if isinstance(found, Structure):
            protein = upload_chain(found)
            assert len(protein.residue_keys) == len(protein.numbers) == len(protein)
        else:
            for record in found.records:
                record.protein()
    except AtlasError as error:
        said = str(error)
    assert said
    assert "\n" not in said


def test_fold_is_refused_where_no_service_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATLAS_ESMFOLD_URL", raising=False)
    with pytest.raises(AtlasError, match="ATLAS_ESMFOLD_URL"):
        fold("MKVLL")
