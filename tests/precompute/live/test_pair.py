"""Two proteins put together: names, contacts, structures beside each other, and what is taken."""

from __future__ import annotations

import io
import json
import re
import zipfile

import gemmi
import numpy as np
import pandas as pd
import pytest

from precompute.errors import AtlasError
from precompute.live.arcs import Rule, choose_arcs, known_features
from precompute.live.getting.beside import APART
from precompute.live.getting.files import open_upload, upload_chain
from precompute.live.getting.inputs import open_source
from precompute.live.getting.pair import ProteinPair, pair_proteins
from precompute.live.getting.protein import Protein, bare_protein
from precompute.live.getting.structures import Structure
from precompute.live.programs.arc_frame import Export, arcs_frame
from precompute.live.programs.formats import FORMATS
from precompute.live.programs.lines import draw_lines
from precompute.live.residue_list import parse_residues
from precompute.live.running.attention import HeadArcs
from tests.precompute.live.snippets import Atom, helix, numbered, pdb


def complex_() -> tuple[Protein, Protein, ProteinPair]:
    """A domain and the peptide that it binds."""
    first, second = (open_source("example:1JYR", chain) for chain in "AL")
    return first, second, pair_proteins(first, second)


def two_entries() -> tuple[Protein, Protein, ProteinPair]:
    first, second = open_source("example:1MVO"), open_source("example:1T8K")
    return first, second, pair_proteins(first, second)


def test_two_chains_lie_as_in_their_structure_with_contacts_between() -> None:
    first, second, pair = complex_()
    assert pair.tags == ("A", "L")
    assert pair.view is first.view
    assert pair.one_structure
    assert pair_proteins(first, second) is pair
    assert pair.chain is not None
    states = pair.chain.contact_states()
    assert states is not None
    n = len(first)
    chains = (first.chain, second.chain)
    found = 0
    for own, start in zip(chains, (0, n), strict=True):
        assert own is not None
        expected = own.contact_states()
        assert expected is not None
        size = len(own)
        np.testing.assert_array_equal(states[start : start + size, start : start + size], expected)
    one, other = chains
    assert one is not None
    assert other is not None
    assert one.alpha_carbons is not None
    assert one.resolved is not None
    assert other.alpha_carbons is not None
    assert other.resolved is not None
    for i in range(n):
        for j in range(len(second)):
            known = one.resolved[i] and other.resolved[j]
            near = np.linalg.norm(one.alpha_carbons[i] - other.alpha_carbons[j]) < 8
            expected_state = int(near) if known else -1
            assert states[i, n + j] == states[n + j, i] == expected_state
            found += expected_state == 1
    assert found > 10
    assert not [name for name in known_features(pair.chain) if name.startswith("offset:")]


def test_structures_of_two_entries_stand_beside_each_other() -> None:
    first, second, pair = two_entries()
    assert (pair.tags, pair.two_chains) == (("1MVO", "1T8K"), ("A", "B"))
    assert pair.view is not None
    places: dict[str, list[np.ndarray]] = {}
    alpha: dict[tuple[str, int], np.ndarray] = {}
    for line in pair.view.text.splitlines():
        if line.startswith(("ATOM", "HETATM")):
            *_, name, _, chain, number, x, y, z = line.split()
            place = np.array([float(x), float(y), float(z)])
            places.setdefault(chain, []).append(place)
            if name == '"CA"':
                alpha[chain, int(number)] = place
    assert list(places) == ["A", "B"]
    assert np.min(places["B"], 0)[0] - np.max(places["A"], 0)[0] == pytest.approx(APART, abs=1e-2)
    assert pair.chain is not None
    assert pair.chain.alpha_carbons is not None
    for place, key in enumerate(pair.residue_keys):
        if key is not None:
            there = alpha[key.chain, pair.view.numbers[key]]
            np.testing.assert_allclose(there, pair.chain.alpha_carbons[place], atol=2e-3)
    states = pair.chain.contact_states()
    assert states is not None
    assert (states[: len(first), len(first) :] == -1).all()
    # What was moved is the pair's alone.
    assert second.chain is not None
    assert second.chain.alpha_carbons is not None
    moved = pair.chain.alpha_carbons[len(first) :] - second.chain.alpha_carbons
    assert np.ptp(moved, axis=0).max() < 1e-6
    assert np.abs(moved).max() > 5


def test_residues_say_whose_they_are() -> None:
    first, second, pair = two_entries()
    n = len(first)
    assert pair.label(0) == f"1MVO:{first.label(0)}"
    assert pair.label(n) == f"1T8K:{second.label(0)}"
    assert pair.place(n + 2) == "residue 3 of 1T8K, chain A"
    number = second.numbers[4]
    assert parse_residues(f"1T8K:{number}", pair).tolist() == [n + 4]
    both = parse_residues(f"1MVO:{first.numbers[1]}, 1T8K:{number}-{second.numbers[6]}", pair)
    assert both.tolist() == [1, n + 4, n + 5, n + 6]
    with pytest.raises(AtlasError, match="does not say of which protein: write 1MVO:45-60"):
        parse_residues("45", pair)
    with pytest.raises(AtlasError, match="There is no residue 1T8K:999"):
        parse_residues("1T8K:999", pair)


def test_names_that_mean_something_are_no_tags() -> None:
    bad = bare_protein("<b>x</b>", "AGSTWDKLVI")
    pair = pair_proteins(bad, bare_protein("mine", "MKVLATTAGH"))
    assert pair.tags == ("1", "2")
    assert pair.view is None
    assert pair.private
    with_one = pair_proteins(bad, open_source("example:1T8K"))
    assert with_one.view is not None
    assert with_one.private
    assert with_one.residue_keys[:10] == (None,) * 10
    assert with_one.chain is not None
    states = with_one.chain.contact_states()
    assert states is not None
    assert (states[:10] == -1).all()
    assert (states == 1).any()


def test_a_chain_with_itself_is_no_pair() -> None:
    first, _, _ = complex_()
    with pytest.raises(AtlasError, match="Both are chain A of 1JYR: choose another chain"):
        pair_proteins(first, open_source("example:1JYR", "A"))


def uploaded(shift: float, chain: str) -> Protein:
    """A chain of a file of two that is called as programs call all of theirs."""
    names = numbered(["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS", "LEU", "VAL", "ILE"])
    atoms = [*helix(names, "A"), *helix(names, "B", shift)]
    structure = open_upload(pdb(atoms), "model.pdb")
    assert isinstance(structure, Structure)
    return upload_chain(structure, chain)


@pytest.mark.parametrize("chains", ["AA", "AB", "BA"])
def test_files_of_one_name_are_two_structures(chains: str) -> None:
    first, second = uploaded(6.0, chains[0]), uploaded(6.5, chains[1])
    pair = pair_proteins(first, second)
    assert not pair.one_structure
    assert len(set(pair.tags)) == 2
    assert pair.chain is not None
    states = pair.chain.contact_states()
    assert states is not None
    assert (states[:10, 10:] == -1).all(), "nobody knows how they lie to each other"
    frame = arcs_frame(pair, [0, 12], [13, 1], [0.5, 0.4])
    lines = draw_lines(Export(pair, frame, "x", 0.3))
    found = gemmi.read_pdb_string(pair.structure or "")[0]
    for line in lines:
        for key, place in ((line.first, line.start), (line.second, line.end)):
            atom = found[key.chain][key.text][0].find_atom("CA", "*")
            assert atom is not None
            assert atom.pos.tolist() == pytest.approx(place, abs=2e-3)
    assert np.abs(np.subtract(lines[0].start, lines[0].end))[0] > APART


def test_a_file_given_twice_is_one_structure() -> None:
    assert pair_proteins(uploaded(6.0, "A"), uploaded(6.0, "B")).one_structure
    with pytest.raises(AtlasError, match=r"Both are chain A of model\.pdb"):
        pair_proteins(uploaded(6.0, "A"), uploaded(6.0, "A"))


@pytest.mark.parametrize("chains", ["AB", "BA"])
@pytest.mark.parametrize("number", [1, 5, 501])
@pytest.mark.parametrize("of", ["A", "B"])
@pytest.mark.parametrize("away", [20.0, 100.0])
def test_two_chains_of_a_structure_that_is_shown_in_part(
    chains: str, number: int, of: str, away: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ligand of the second chain that is bound to the first is not the second chain."""
    monkeypatch.setattr("precompute.live.writing.MOST_CHAINS", 1)
    names = numbered(["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS", "LEU", "VAL", "ILE"])
    ligand = [
        Atom(f"C{atom}", "LIG", of, number, (x, 5.0, 1.5 * atom), hetero=True)
        for x in (0.0, away)
        for atom in range(1, 4)
    ]
    atoms = [*helix(names, "A"), *helix(names, "B", away), *ligand[:3]]
    atoms += [atom._replace(number=number + 1) for atom in ligand[3:]]
    structure = open_upload(pdb(atoms), "large.pdb")
    assert isinstance(structure, Structure)
    first, second = (upload_chain(structure, chain) for chain in chains)
    pair = pair_proteins(first, second)
    assert pair.one_structure
    assert pair.view is not None
    assert sorted(pair.view.chains) == ["A", "B"]
    assert {*pair.residue_keys} <= pair.view.numbers.keys()
    frame = arcs_frame(pair, [0, 2, 12], [1, 13, 19], [0.5, 0.4, 0.4])
    taken = Export(pair, frame, "x", 0.3)
    lines = draw_lines(taken)
    assert len(lines) == 3
    found = gemmi.read_pdb_string(pair.structure or "")[0]
    assert sorted(chain.name for chain in found) == ["A", "B"]
    for line in lines:
        for key, place in ((line.first, line.start), (line.second, line.end)):
            (residue,) = found[key.chain][key.text]
            assert residue["CA"][0].pos.tolist() == pytest.approx(place, abs=2e-3)
    assert [residue.name for chain in found for residue in chain].count("LIG") == 2
    script = next(form for form in FORMATS if form.ending == "pml").write(taken).decode()
    block = script.split("\npython\n")[1].split("\npython end\n")[0]
    run_as_pymol(block, {"ends": []})


def test_a_distance_in_the_sequence_is_asked_for_within_a_protein_alone() -> None:
    first, _, pair = two_entries()
    n = len(first)
    arcs = HeadArcs(
        np.array([3, n - 1, n + 2], dtype=np.int16),
        np.array([4, n, n + 40], dtype=np.int16),
        np.array([40_000, 30_000, 20_000], dtype=np.uint16),
    )
    drawn = choose_arcs(arcs, pair, Rule(0.3, separation=24))
    assert list(zip(drawn.frame["i"], drawn.frame["j"], strict=True)) == [
        (n, n + 1),
        (n + 3, n + 41),
    ]
    assert drawn.frame["between"].tolist() == [True, False]


@pytest.mark.parametrize("pair_of", [complex_, two_entries])
def test_what_is_taken_names_the_chain_of_both_ends(pair_of: type) -> None:
    first, second, pair = pair_of()
    n = len(first)
    known = [place for place, key in enumerate(pair.residue_keys) if key is not None]
    rows = [known[0], known[1], n + 1]
    columns = [known[2], n + 2, n + 3]
    assert pair.residue_keys[n + 1] is not None
    taken = Export(pair, arcs_frame(pair, rows, columns, [0.9, 0.5, 0.4]), "Model, head 1-1", 0.3)
    made = {form.ending: form.write(taken) for form in FORMATS if form.ending != "html"}

    table = pd.read_csv(io.BytesIO(made["csv"]), dtype=str, keep_default_na=False)
    assert table["chain_i"].tolist() == [pair.tags[0], pair.tags[0], pair.tags[1]]
    assert table["chain_j"].tolist() == [pair.tags[0], pair.tags[1], pair.tags[1]]
    assert table["between"].tolist() == ["False", "True", "False"]
    assert table["j"].tolist() == [str(known[2] + 1), "3", "4"]
    assert table["number_j"].tolist()[1:] == [second.numbers[2], second.numbers[3]]
    assert table["separation"].tolist()[1:] == ["", "2"]

    lines = draw_lines(taken)
    assert {(line.first.chain, line.second.chain) for line in lines} == {
        (pair.two_chains[0],) * 2,
        pair.two_chains,
        (pair.two_chains[1],) * 2,
    }
    script = made["pml"].decode()
    block = script.split("\npython\n")[1].split("\npython end\n")[0]
    drawn: dict[str, object] = {"ends": []}
    run_as_pymol(block, drawn)
    ends = {(key.chain, key.text) for line in lines for key in (line.first, line.second)}
    assert drawn["selected"] == ends

    with zipfile.ZipFile(io.BytesIO(made["chimerax.zip"])) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    structure = gemmi.read_pdb_string(files["structure.pdb"])
    atoms = {
        f"/{chain.name}:{residue.seqid}@CA": residue["CA"][0].pos.tolist()
        for chain in structure[0]
        for residue in chain
        if "CA" in residue
    }
    bonds = [row.split(" ") for row in files["arcs.pb"].splitlines() if row and row[0] != ";"]
    assert len(bonds) == 3
    placed = {(*line.start, *line.end) for line in lines}
    found = {tuple(round(value, 3) for end in bond[:2] for value in atoms[end]) for bond in bonds}
    np.testing.assert_allclose(sorted(found), sorted(placed), atol=2e-3)
    assert f"color /{','.join(pair.two_chains)} silver target c" in files["view.cxc"]
    with zipfile.ZipFile(io.BytesIO(made["mvsx"])) as archive:
        state = json.loads(archive.read("index.mvsj"))
    assert all(f'"auth_asym_id": "{chain}"' in json.dumps(state) for chain in pair.two_chains)


def run_as_pymol(block: str, drawn: dict[str, object]) -> None:
    """Run a script's Python with a stand-in that reads atoms as PyMOL's chain and resi."""
    import sys
    import types

    class Command:
        def load_raw(self, text: str, kind: str, _: str) -> None:
            assert kind == "pdb"
            self.model = gemmi.read_pdb_string(text)[0]

        def iterate_state(self, *_: object, space: dict[str, dict[object, object]]) -> None:
            for chain in self.model:
                for residue in chain:
                    if "CA" in residue:
                        place = tuple(residue["CA"][0].pos.tolist())
                        space["atlas_places"][chain.name, str(residue.seqid)] = place

        def select(self, _: str, what: str) -> None:
            drawn["selected"] = {
                (chain, number)
                for chain, numbers in re.findall(r"chain (\w+) and resi (\S+?)(?= or |\)$)", what)
                for number in numbers.replace("\\-", "-").split("+")
            }

        def __getattr__(self, _: str) -> object:
            return lambda *_, **__: None

    pymol = types.ModuleType("pymol")
    pymol.cmd = Command()  # type: ignore[attr-defined]
    pymol.cgo = types.SimpleNamespace(CYLINDER=9.0)  # type: ignore[attr-defined]
    sys.modules["pymol"] = pymol
    try:
        exec(compile(block, "script", "exec"), {})
    finally:
        del sys.modules["pymol"]
