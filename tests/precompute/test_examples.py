"""The example proteins: chemistry, published facts, other programs' readings, their entries."""

from __future__ import annotations

import gzip
import io
import math
import re
import subprocess
import sys
from pathlib import Path

import gemmi
import mdtraj
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from Bio.PDB import PDBParser
from hypothesis import given
from hypothesis import strategies as st

from precompute.command_line import main
from precompute.datasets.dssp import eight_classes
from precompute.datasets.ligands import ADDITIVES
from precompute.datasets.structure_file import parse_structure
from precompute.datasets.structures import StructureChains
from precompute.demo.families import GAP_TOKEN, NAMES, TOKENS, read_family
from precompute.errors import AtlasError
from precompute.examples import (
    BACKBONE_ATOMS,
    Example,
    ExampleChain,
    list_examples,
    load_example,
)
from precompute.examples.build import build_examples, describe_changes
from precompute.examples.chosen import CHOICES, Choice
from precompute.examples.residues import SMALLEST_COPY, Residue, complete_copies
from precompute.examples.schema import (
    EXAMPLE_ARCS,
    EXAMPLE_ATOMS,
    EXAMPLE_PROTEINS,
    EXAMPLE_RESIDUES,
    EXAMPLE_TABLES,
    TABLES_FOLDER,
)
from precompute.features import SECONDARY_STRUCTURES
from precompute.tables import check_frame, read_table

ENTRIES = [entry.name for entry in list_examples()]
N, CA, C, CARBONYL, CB = range(5)

every_example = pytest.mark.parametrize("name", ENTRIES)


def distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.linalg.norm(one.astype(float) - other.astype(float), axis=-1)


def all_chains() -> list[tuple[str, ExampleChain]]:
    return [(name, chain) for name in ENTRIES for chain in load_example(name).chains]


def test_twelve_different_proteins() -> None:
    assert len(set(ENTRIES)) == len(ENTRIES) == 12
    assert all(re.fullmatch(r"[1-9][A-Z0-9]{3}", name) for name in ENTRIES)
    longest = [load_example(name).longest.sequence for name in ENTRIES]
    assert len(set(longest)) == 12


def test_every_family_of_the_demo_model_has_its_solved_chain() -> None:
    assert {entry.family for entry in list_examples() if entry.family} == set(NAMES)


def test_folds_by_secondary_structure_content() -> None:
    folds = {}
    for entry in list_examples():
        letters = "".join(c.three_states for c in load_example(entry.name).chains).replace("?", "")
        helix, strand = letters.count("H") / len(letters), letters.count("E") / len(letters)
        assert entry.helix == pytest.approx(helix, abs=1e-6)
        assert entry.strand == pytest.approx(strand, abs=1e-6)
        folds.setdefault(entry.fold, []).append((helix, strand))
    assert set(folds) == {"all-alpha", "all-beta", "alpha and beta"}
    assert all(helix > 0.5 and strand < 0.05 for helix, strand in folds["all-alpha"])
    assert all(helix < 0.05 and strand > 0.4 for helix, strand in folds["all-beta"])


def test_there_is_something_for_every_page() -> None:
    entries = list_examples()
    assert min(entry.residues for entry in entries) < 80
    assert max(entry.residues for entry in entries) > 400
    assert any(entry.ligands for entry in entries)
    assert any(entry.modified for entry in entries)
    assert any(entry.chains > 1 for entry in entries)
    assert any(entry.unresolved for entry in entries)
    gaps = [int(chain.missing_before.sum()) for _, chain in all_chains()]
    assert any(gaps)


@every_example
def test_bond_lengths_are_those_of_proteins(name: str) -> None:
    """Ideal lengths of Engh and Huber (Acta Cryst. A47, 392, 1991), in Å.

    Peptides and inhibitors are less well refined than domains.
    """
    for chain in load_example(name).chains:
        xyz, most = chain.backbone, 0.12 if len(chain) > 20 else 0.3
        known = ~np.isnan(xyz).any(axis=-1)
        for one, other, length in (
            (N, CA, 1.46),
            (CA, C, 1.525),
            (C, CARBONYL, 1.23),
            (CA, CB, 1.53),
        ):
            both = known[:, one] & known[:, other]
            assert both.any()
            found = distance(xyz[both, one], xyz[both, other])
            assert np.abs(found - length).max() < most
            assert len(chain) < 5 or np.median(found) == pytest.approx(length, abs=0.03)
        both = known[:-1, C] & known[1:, N]
        bond = distance(xyz[:-1][both, C], xyz[1:][both, N])
        broken = chain.missing_before[1:][both] > 0
        assert np.abs(bond[~broken] - 1.33).max() < most
        assert len(chain) < 5 or np.median(bond) == pytest.approx(1.33, abs=0.02)
        assert (bond[broken] > 2.5).all()


@every_example
def test_neighbours_are_a_peptide_apart(name: str) -> None:
    for chain in load_example(name).chains:
        alphas = chain.backbone[:, CA]
        apart = distance(alphas[:-1], alphas[1:])
        joined = chain.resolved[:-1] & chain.resolved[1:] & (chain.missing_before[1:] == 0)
        # trans 3.8 Å, cis 2.9 Å
        assert apart[joined].min() > 2.7
        assert apart[joined].max() < 4.2


def test_glycine_alone_has_no_beta_carbon() -> None:
    for _, chain in all_chains():
        without = np.isnan(chain.backbone[:, CB, 0]) & chain.resolved
        glycine = np.array([letter == "G" for letter in chain.sequence])
        assert (without == (glycine & chain.resolved)).all()


def test_residues_are_left_handed_but_for_d_amino_acids() -> None:
    for name, chain in all_chains():
        n, ca, c, cb = (chain.backbone[:, atom].astype(float) for atom in (N, CA, C, CB))
        volume = np.einsum("ij,ij->i", np.cross(n - ca, c - ca), cb - ca)
        known = np.isfinite(volume)
        right = {chain.components[i] for i in np.flatnonzero(known & (volume < 0))}
        assert right <= {"DAR"}, name
        assert ("DAR" in chain.components) == ("DAR" in right)


@pytest.mark.parametrize(
    ("name", "chain", "number", "letter"),
    [
        ("1MVO", "A", "53", "D"),  # phosphorylated by PhoR
        ("1T8K", "A", "36", "S"),  # bears phosphopantetheine
        ("2O37", "A", "34", "H"),  # the motif HPD of J-domains
        ("2O37", "A", "35", "P"),
        ("2O37", "A", "36", "D"),
        ("1GN0", "A", "65", "C"),  # the active cysteine of GlpE
        ("1MHW", "A", "25", "C"),  # cathepsin L's catalytic cysteine and histidine
        ("1MHW", "A", "163", "H"),
        ("2FP7", "B", "51", "H"),  # the catalytic triad of the NS3 protease
        ("2FP7", "B", "75", "D"),
        ("2FP7", "B", "135", "S"),
    ],
)
def test_author_numbers_find_known_residues(
    name: str, chain: str, number: str, letter: str
) -> None:
    found = load_example(name).find_chain(chain)
    assert found.sequence[found.numbers.index(number)] == letter


def test_inhibitors_touch_the_active_sites() -> None:
    for name, chain, numbers in (("1MHW", "A", ("25", "163")), ("2FP7", "B", ("51", "135"))):
        found = load_example(name).find_chain(chain)
        for number in numbers:
            assert found.binding_site[found.numbers.index(number)], (name, number)


def test_modified_residues_and_their_parents() -> None:
    parents = {"PTR": "Y", "CSD": "C"}  # phosphotyrosine; cysteine sulfinic acid
    seen = set()
    for _, chain in all_chains():
        for i in np.flatnonzero(chain.modification):
            assert chain.sequence[i] == parents[chain.components[i]]
            seen.add(chain.components[i])
    assert seen == set(parents)
    peptide = load_example("1JYR").find_chain("L")
    # Grb2's SH2 domain wants asparagine two behind the phosphotyrosine (pYxN).
    assert peptide.sequence[int(np.flatnonzero(peptide.modification)[0]) :].startswith("YVN")


def test_the_sequence_with_biotin() -> None:
    assert "EAMKME" in load_example("2EVB").longest.sequence


@every_example
def test_contacts_are_symmetric_and_count_as_a_loop_does(name: str) -> None:
    chain = load_example(name).engine_chain()
    states = chain.contact_states()
    assert states is not None
    assert (states == states.T).all()
    assert chain.alpha_carbons is not None
    assert chain.resolved is not None
    xyz, there = chain.alpha_carbons.tolist(), chain.resolved.tolist()
    for i in range(0, len(chain), 7):
        for j in range(len(chain)):
            if abs(i - j) < 6 or not (there[i] and there[j]):
                assert states[i, j] == -1
            else:
                assert states[i, j] == (math.dist(xyz[i], xyz[j]) < 8.0)
    # Contacts a residue: few in a bundle of long helices, many in a sheet.
    assert 0.5 < (states == 1).sum() / 2 / len(chain) < 5.0


@every_example
def test_the_written_structure_is_read_as_the_tables_hold(name: str) -> None:
    example = load_example(name)
    model = parse_structure(example.structure_text.encode(), f"{name}.pdb")
    assert [chain.name for chain in model.chains] == [chain.name for chain in example.chains]
    letters = eight_classes(model, "mdtraj")
    for read, held in zip(model.chains, example.chains, strict=True):
        assert read.sequence == held.sequence
        assert read.numbers == held.numbers
        assert ((read.residues >= 0) == held.resolved).all()
        atoms = model.backbone[read.residues[held.resolved]]
        assert np.abs(model.positions[atoms] - held.backbone[held.resolved, :4]).max() < 1e-3
        known = [letters[row] if row >= 0 else "?" for row in read.residues]
        assert "".join(known) == held.dssp


@every_example
def test_biopython_reads_the_written_structure_as_the_tables_hold(name: str) -> None:
    example = load_example(name)
    parser = PDBParser(QUIET=True)
    model = parser.get_structure(name, io.StringIO(example.structure_text))[0]
    for held in example.chains:
        places = {number: i for i, number in enumerate(held.numbers)}
        ligands = set(example.entry.ligands)
        read = [residue for residue in model[held.name] if residue.resname not in ligands]
        assert len(read) == held.resolved.sum()
        for residue in read:
            _, number, insertion = residue.id
            place = places[f"{number}{insertion.strip()}"]
            assert residue.resname == held.components[place]
            for atom in residue:
                kept = held.backbone[place, BACKBONE_ATOMS.index(atom.id)]
                assert np.abs(atom.coord - kept).max() < 1e-3
    groups = {residue.resname for chain in model for residue in chain}
    assert set(example.entry.ligands) <= groups


@pytest.mark.parametrize("name", [entry.name for entry in list_examples() if entry.family])
def test_dssp_of_another_reading(tmp_path: Path, name: str) -> None:
    """mdtraj reads the file itself; unbroken chains, since it knows no breaks."""
    example = load_example(name)
    path = tmp_path / "example.pdb"
    path.write_text(example.structure_text)
    letters = mdtraj.compute_dssp(mdtraj.load_pdb(str(path)), simplified=False)[0]
    assert "".join(letters).replace(" ", "C") == example.longest.dssp


@every_example
def test_classes_agree_with_each_other(name: str) -> None:
    classes = dict(zip("GHIBESTC?", (0, 0, 0, 1, 1, 2, 2, 3, -1), strict=True))
    for chain in load_example(name).chains:
        assert [classes[letter] for letter in chain.dssp] == chain.secondary_structure.tolist()
        assert set(np.flatnonzero(chain.secondary_structure < 0)) >= set(
            np.flatnonzero(~chain.resolved)
        )
    assert SECONDARY_STRUCTURES == ("helix", "strand", "turn_bend", "blank")


@every_example
def test_binding_sites_lie_at_ligands(name: str) -> None:
    example = load_example(name)
    rows = example.atoms[example.atoms["ligand"] & ~example.atoms["component"].isin(ADDITIVES)]
    ligand = rows[["x", "y", "z"]].to_numpy()
    for chain in example.chains:
        if not len(ligand):
            assert not chain.binding_site.any()
            continue
        apart = distance(chain.backbone[:, :, None], ligand).min(axis=-1)
        # A backbone atom in reach makes a site, whatever the side chain does; none is
        # further than the longest side chain (arginine, 7.3 Å from C-alpha) allows.
        assert chain.binding_site[(apart <= 4.5).any(axis=1)].all()
        assert (apart[chain.binding_site, CA] <= 4.5 + 7.4).all()


def test_labels_belong_to_resolved_residues() -> None:
    for _, chain in all_chains():
        assert not (chain.binding_site & ~chain.resolved).any()
        assert not (chain.modification & ~chain.resolved).any()


def test_one_visitor_cannot_change_what_another_sees() -> None:
    chain = load_example("1T8K").longest
    with pytest.raises(ValueError):
        chain.backbone[0, 0, 0] = 0.0
    assert chain is load_example("1t8k").longest


def test_unknown_names_are_refused_with_those_that_are_there() -> None:
    with pytest.raises(AtlasError, match="no example 9XYZ; there are 1MVO"):
        load_example("9XYZ")
    with pytest.raises(AtlasError, match="1JYR has no chain Q; it has A, L"):
        load_example("1JYR").engine_chain("Q")


def test_the_tables_are_small_and_fit_their_schema() -> None:
    files = list(TABLES_FOLDER.glob("*.parquet"))
    assert sum(file.stat().st_size for file in files) < 600_000
    tables = (*EXAMPLE_TABLES, EXAMPLE_ARCS)
    assert {file.stem for file in files} == {table.name for table in tables}
    for table in tables:
        check_frame(read_table(TABLES_FOLDER, table), table)


def test_listing_and_loading_import_nothing_heavy() -> None:
    code = (
        "import sys; from precompute.examples import list_examples, load_example; "
        "[load_example(e.name) for e in list_examples()]; "
        "print(sorted({'torch', 'scipy', 'gemmi', 'mdtraj', 'Bio', 'matplotlib', 'transformers', "
        "'streamlit'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@st.composite
def copies(draw: st.DrawFn) -> tuple[list[Residue], set[int], set[int]]:
    """One molecule, and which of its residues each of two copies lacks."""
    length = draw(st.integers(SMALLEST_COPY + 10, 60))
    names = draw(st.lists(st.sampled_from(["ALA", "GLY", "SER"]), min_size=length, max_size=length))
    start = draw(st.integers(-5, 300))
    whole = [Residue(name, start + i, "", i) for i, name in enumerate(names)]
    lacking = st.sets(st.integers(0, length - 1), max_size=5)
    return whole, draw(lacking), draw(lacking)


@given(copies())
def test_copies_complete_each_other(drawn: tuple[list[Residue], set[int], set[int]]) -> None:
    whole, *lacks = drawn
    partial = [[r for i, r in enumerate(whole) if i not in lack] for lack in lacks]
    known = [r for i, r in enumerate(whole) if i not in lacks[0] & lacks[1]]
    for lack, chain in zip(lacks, complete_copies(partial), strict=True):
        assert [(r.component, r.key) for r in chain] == [(r.component, r.key) for r in known]
        unresolved = [r.number for r in chain if r.row < 0]
        assert unresolved == [r.number for r in known if whole.index(r) in lack]


@given(copies(), st.data())
def test_another_molecule_completes_nothing(
    drawn: tuple[list[Residue], set[int], set[int]], data: st.DataObject
) -> None:
    whole, lack, _ = drawn
    place = data.draw(st.sampled_from([i for i in range(len(whole)) if i not in lack]))
    other = [*whole]
    other[place] = other[place]._replace(component="TRP")
    chain = [r for i, r in enumerate(whole) if i not in lack]
    assert complete_copies([chain, other]) == [chain, other]
    # too few shared residues prove nothing either
    assert complete_copies([whole[: SMALLEST_COPY - 1], whole]) == [
        whole[: SMALLEST_COPY - 1],
        whole,
    ]


def test_changes_name_the_protein() -> None:
    frame = read_table(TABLES_FOLDER, EXAMPLE_RESIDUES)
    other = frame.copy()
    other.loc[other["name"] == "2FP7", "missing_before"] = 0
    assert describe_changes(EXAMPLE_RESIDUES, frame, frame) == []
    assert describe_changes(EXAMPLE_RESIDUES, frame, other) == ["example_residues: 2FP7 changed"]
    fewer = frame[frame["name"] != "1GN0"]
    assert describe_changes(EXAMPLE_RESIDUES, frame, fewer) == ["example_residues: 1GN0 is gone"]
    assert describe_changes(EXAMPLE_RESIDUES, fewer, frame) == ["example_residues: 1GN0 is new"]


def test_a_wrong_folder_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["examples", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "name the folder that holds families and structures" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.shared
def test_rebuilding_gives_what_ships(shared: Path, tmp_path: Path) -> None:
    build_examples(shared / "data", tmp_path / "a")
    assert build_examples(shared / "data", tmp_path / "a") == []
    build_examples(shared / "data", tmp_path / "b")
    for table in EXAMPLE_TABLES:
        name = f"{table.name}.parquet"
        data = (tmp_path / "a" / name).read_bytes()
        assert data == (tmp_path / "b" / name).read_bytes()
        shipped, built = read_table(TABLES_FOLDER, table), read_table(tmp_path / "a", table)
        pd.testing.assert_frame_equal(shipped, built)
        if pq.ParquetFile(TABLES_FOLDER / name).metadata.created_by.endswith(pa.__version__):
            assert data == (TABLES_FOLDER / name).read_bytes()


@pytest.fixture
def entry_chains(shared: Path, request: pytest.FixtureRequest) -> tuple[Example, StructureChains]:
    choice = next(one for one in CHOICES if one.name == request.param)
    return load_example(choice.name), StructureChains(shared / "data" / choice.source, "mdtraj")


@pytest.mark.shared
@pytest.mark.parametrize("entry_chains", ENTRIES, indirect=True)
def test_the_engine_sees_what_it_sees_in_the_entry(
    entry_chains: tuple[Example, StructureChains],
) -> None:
    example, chains = entry_chains
    assert len(chains) == len(example.chains)
    for number, held in enumerate(example.chains):
        whole, own = chains[number], example.engine_chain(held.name)
        assert own.resolved is not None
        there = own.resolved
        assert "".join(np.array(list(own.sequence))[there]) == whole.sequence
        for label in ("secondary_structure", "binding_site", "modification"):
            assert (getattr(own, label)[there] == getattr(whole, label)).all(), label
        assert np.abs(own.alpha_carbons[there] - whole.alpha_carbons).max() < 1e-3


@pytest.mark.shared
@pytest.mark.parametrize("choice", CHOICES, ids=ENTRIES)
def test_atoms_and_sites_against_a_loop_over_the_entry(shared: Path, choice: Choice) -> None:
    """gemmi's own model of the file, every pair of atoms, no table in between."""
    data = gzip.decompress((shared / "data" / choice.source).read_bytes())
    model = gemmi.read_pdb_string(data)[0]
    example = load_example(choice.name)
    in_chains = {
        (chain.name, component, number)
        for chain in example.chains
        for component, number in zip(chain.components, chain.numbers, strict=True)
    }
    best: dict[tuple[str, str, str, str], gemmi.Atom] = {}
    for chain in model:
        for residue in chain:
            for atom in residue:
                key = (chain.name, residue.name, str(residue.seqid), atom.name)
                if not residue.is_water() and (key not in best or atom.occ > best[key].occ):
                    best[key] = atom
    rows = example.atoms
    keys = list(
        zip(
            rows["chain"],
            rows["component"],
            rows["number"].astype(str) + rows["insertion"].fillna(""),
            rows["atom"],
            strict=True,
        )
    )
    for key, row in zip(keys, rows.to_dict("records"), strict=True):
        assert math.dist(best[key].pos.tolist(), (row["x"], row["y"], row["z"])) < 1e-3
        assert best[key].element.name == row["element"]
        assert (key[:3] in in_chains) == (not row["ligand"])
    # every heavy atom of a ligand is there, and of a residue those five
    wanted = {
        key
        for key, atom in best.items()
        if atom.element.name != "H" and (key[:3] not in in_chains or key[3] in BACKBONE_ATOMS)
    }
    assert wanted == set(keys)

    ligand = [atom for key, atom in best.items() if key[:3] not in in_chains]
    for chain in example.chains:
        for place, number in enumerate(chain.numbers):
            own = (
                [
                    atom
                    for key, atom in best.items()
                    if key[:3] == (chain.name, chain.components[place], number)
                ]
                if ligand
                else []
            )
            near = any(one.pos.dist(other.pos) <= 4.5 for one in own for other in ligand)
            assert chain.binding_site[place] == near


@pytest.mark.shared
def test_family_chains_belong_to_their_families(shared: Path) -> None:
    """Of all families' sequences a chain shares most words of four letters with its own."""
    chains = {e.family: load_example(e.name).longest.sequence for e in list_examples() if e.family}

    def words(sequence: str) -> set[str]:
        return {sequence[i : i + 4] for i in range(len(sequence) - 3)}

    shares: dict[str, dict[str, float]] = {accession: {} for accession in chains}
    for accession in chains:
        family = read_family(shared / "data" / "families" / f"{accession}.afa.gz")
        known: set[str] = set()
        for row in family.rows[:1500]:
            known |= words("".join(TOKENS[i] for i in row if i != GAP_TOKEN))
        for own, sequence in chains.items():
            shares[own][accession] = len(words(sequence) & known) / len(words(sequence))
    for own, found in shares.items():
        assert max(found, key=lambda accession: found[accession]) == own


def test_columns_state_their_units() -> None:
    units = {column.name: column.unit for column in EXAMPLE_ATOMS.columns}
    assert {units[axis] for axis in "xyz"} == {"Å"}
    assert EXAMPLE_PROTEINS.source.endswith("CC0 1.0")
