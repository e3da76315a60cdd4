"""What a visitor takes along, read by the programs it is for where they are here."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gemmi
import numpy as np
import pandas as pd
import pytest

from precompute.errors import AtlasError
from precompute.live.getting.files import open_upload, upload_chain
from precompute.live.getting.inputs import open_source
from precompute.live.getting.protein import Protein, bare_protein
from precompute.live.getting.structures import Structure
from precompute.live.programs.arc_frame import ARC_COLUMNS, Export, arcs_frame
from precompute.live.programs.formats import FORMATS
from precompute.live.programs.lines import draw_lines
from precompute.live.programs.stand_alone import write_html
from tests.precompute.live.snippets import Atom, helix, mmcif, numbered, pdb

NAMES = ["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS", "LEU", "VAL", "ILE"]
NUMBERED = [
    *((name, number, "") for name, number in zip(NAMES[:5], range(-2, 3), strict=True)),
    ("ASP", 2, "A"),
    ("LYS", 2, "B"),
    ("LEU", 3, ""),
    ("VAL", 4, ""),
    ("ILE", 5, ""),
]
ROWS, COLUMNS, WEIGHTS = [0, 5, 6, 9, 3, 4], [9, 0, 1, 2, 3, 6], [0.9, 0.5, 0.4, 0.3, 0.8, 0.7]
PAYLOAD = "</script><script>document.title='broken'</script> ; quit \\ @TITLE@ -->"


def protein(content: bytes, name: str = "x.pdb", chain: str | None = None) -> Protein:
    found = open_upload(content, name)
    assert isinstance(found, Structure)
    return upload_chain(found, chain)


def export(given: Protein | None = None) -> Export:
    given = protein(pdb(helix(NUMBERED, "H"))) if given is None else given
    return Export(given, arcs_frame(given, ROWS, COLUMNS, WEIGHTS), "Demo, head 3-2", 0.3)


def written(ending: str, taken: Export | None = None) -> bytes:
    kind = next(kind for kind in FORMATS if kind.ending == ending)
    return kind.write(export() if taken is None else taken)


def unzip(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_frame_says_what_each_arc_is() -> None:
    taken = export()
    frame = taken.arcs
    assert tuple(frame.columns) == ARC_COLUMNS
    assert frame["weight"].is_monotonic_decreasing
    first = frame.iloc[0]
    assert (first["i"], first["j"], first["number_i"], first["number_j"]) == (1, 10, "-2", "5")
    assert (first["residue_i"], first["residue_j"], first["separation"]) == ("A", "I", 9)
    chain = taken.protein.chain
    assert chain is not None
    assert chain.alpha_carbons is not None
    for row in frame.itertuples():
        distance = np.linalg.norm(chain.alpha_carbons[row.i - 1] - chain.alpha_carbons[row.j - 1])
        if row.separation < 6:
            assert pd.isna(row.contact)
        else:
            assert row.contact == (distance < 8)


def test_the_table_has_every_arc() -> None:
    taken = export()
    read = pd.read_csv(io.BytesIO(written("csv", taken)), dtype={"number_i": str, "number_j": str})
    assert list(read.columns) == list(ARC_COLUMNS)
    np.testing.assert_allclose(read["weight"], taken.arcs["weight"], atol=1e-5)
    for name in ("i", "j", "number_i", "number_j", "separation"):
        assert read[name].tolist() == taken.arcs[name].tolist()


def test_a_bare_sequence_has_a_table_and_no_scene() -> None:
    taken = export(bare_protein("mine", "AGSTWDKLVI"))
    assert written("csv", taken).count(b"\n") == 7
    for kind in FORMATS:
        if kind.structure:
            with pytest.raises(AtlasError, match="has no structure"):
                kind.write(taken)


def test_lines_start_and_end_at_c_alpha_atoms() -> None:
    lines = draw_lines(export())
    # The arc from a residue to itself cannot be drawn.
    assert len(lines) == 5
    atoms = {
        (number, insertion): (round(x, 3), round(y, 3), round(z, 3))
        for name, _, _, number, (x, y, z), insertion, *_ in helix(NUMBERED, "H")
        if name == "CA"
    }
    for line in lines:
        assert line.start == pytest.approx(atoms[line.first[1:]], abs=1e-3)
        assert line.end == pytest.approx(atoms[line.second[1:]], abs=1e-3)
    assert [line.radius for line in lines] == sorted((x.radius for x in lines), reverse=True)


def test_unresolved_ends_are_left_out_and_said() -> None:
    kept = [0, 1, 2, 6, 7, 8, 9]
    atoms = helix([(NAMES[i], 1 + i, "") for i in kept], places=[i + 1 for i in kept])
    taken = export(protein(mmcif(atoms, sequence=NAMES), "x.cif"))
    assert len(draw_lines(taken)) == 3
    assert b"3 arcs are left out" in written("pml", taken)


def test_colours_of_the_page_are_kept_and_others_refused() -> None:
    taken = export()
    coloured = replace(taken, arcs=taken.arcs.assign(colour="#123456"), key=(("#123456", "mine"),))
    assert {line.colour for line in draw_lines(coloured)} == {"#123456"}
    assert b"#123456: mine" in written("pml", coloured)
    with pytest.raises(ValueError, match="is no colour"):
        draw_lines(replace(taken, arcs=taken.arcs.assign(colour="red; quit")))


def hostile() -> Export:
    """Chain names, an identifier and a head label that try to leave their place."""
    atoms = [atom._replace(chain="A'];q") for atom in helix(numbered(NAMES), "A")]
    atoms.append(Atom('C"\\', "ATP", "B", 302, (4.0, 1.0, 9.0), hetero=True))
    text = mmcif(atoms, sequence=NAMES).decode()
    content = text.replace("A'];q", '"A\'];q"').replace('C"\\', "'C\"\\'").encode()
    given = replace(protein(content, "x.cif"), identifier=PAYLOAD)
    return replace(export(given), head=PAYLOAD)


def test_nothing_of_a_visitors_file_leaves_its_place() -> None:
    taken = hostile()
    assert re.fullmatch(r"\w+", taken.protein.chain_name or "")
    page = written("html", taken).decode()
    assert page.count("</script>") == 3
    assert "<script>document.title" not in page
    script = written("pml", taken).decode()
    comments = [line for line in script.splitlines() if "document.title" in line]
    assert all(line.startswith("#") for line in comments)
    assert not any(sign in line for line in comments for sign in ";\\")
    compile(script.split("\npython\n")[1].split("\npython end\n")[0], "script", "exec")
    for name, text in unzip(written("chimerax.zip", taken)).items():
        if name != "structure.cif":
            quoting = [line for line in text.splitlines() if "document.title" in line]
            assert quoting
            assert all(line[0] in "#;" and ";" not in line[1:] for line in quoting)


def test_the_chimerax_scene_names_atoms_of_its_structure() -> None:
    files = unzip(written("chimerax.zip"))
    assert set(files) == {"structure.pdb", "arcs.pb", "view.cxc"}
    structure = gemmi.read_pdb_string(files["structure.pdb"])
    there = {f"/{chain.name}:{residue.seqid}@CA" for chain in structure[0] for residue in chain}
    bonds = [line for line in files["arcs.pb"].splitlines() if line and line[0] != ";"]
    assert len(bonds) == 5
    for bond in bonds:
        first, second, colour = bond.split(" ")
        assert {first, second} <= there
        assert re.fullmatch("#[0-9a-f]{6}", colour)
    assert "/H:2A@CA" in files["arcs.pb"]
    radii = re.findall(r"; radius = ([0-9.]+)", files["arcs.pb"])
    assert [float(radius) for radius in radii] == sorted(
        line.radius for line in draw_lines(export())
    )
    opened = re.findall(r"^open (\S+)$", files["view.cxc"], re.MULTILINE)
    assert set(opened) == {"structure.pdb", "arcs.pb"}


def test_the_mol_view_spec_is_one_by_its_own_library() -> None:
    molviewspec = pytest.importorskip("molviewspec")
    files = unzip(written("mvsx"))
    assert set(files) == {"index.mvsj", "structure.pdb"}
    molviewspec.validate_state_tree(files["index.mvsj"])
    tree = json.loads(files["index.mvsj"])
    tubes: list[dict[str, object]] = []

    def walk(node: dict[str, object]) -> None:
        if node["kind"] == "primitive":
            tubes.append(node["params"])  # type: ignore[arg-type]
        for child in node.get("children") or []:  # type: ignore[attr-defined]
            walk(child)

    walk(tree["root"])
    lines = draw_lines(export())
    assert len(tubes) == len(lines)
    for tube, line in zip(tubes, lines, strict=True):
        for end, key in (("start", line.first), ("end", line.second)):
            # Mol* takes a field that is not there for any: residue 2 would be 2, 2A and 2B.
            assert tube[end] == {
                "auth_asym_id": key.chain,
                "auth_seq_id": key.number,
                "pdbx_PDB_ins_code": key.insertion,
                "auth_atom_id": "CA",
            }
        assert tube["radius"] == line.radius


CALCIUM = Atom("CA", "CA", "H", 2, (30.0, 30.0, 30.0), hetero=True, element="CA")
LIGAND = [
    Atom(name, "LIG", "H", 2, (30.0, y, 30.0), "A", hetero=True, element="C")
    for name, y in (("CA", 30.0), ("C1", 31.5))
]


@pytest.mark.parametrize("write", [pdb, mmcif])
@pytest.mark.parametrize("others", [[CALCIUM], LIGAND, [CALCIUM, *LIGAND]])
@pytest.mark.parametrize("first", [True, False])
def test_what_has_a_residues_number_is_told_apart_from_it(
    write: Callable[[list[Atom]], bytes], others: list[Atom], first: bool
) -> None:
    atoms = helix(NUMBERED, "H")
    taken = export(protein(write([*others, *atoms] if first else [*atoms, *others])))
    whole = taken.protein
    assert whole.numbers == tuple(f"{number}{code}" for _, number, code in NUMBERED)
    text = whole.structure or ""
    found = gemmi.read_structure_string(text, format=gemmi.CoorFormat.Detect)[0]
    places: dict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
    for chain in found:
        for residue in chain:
            for atom in residue:
                if atom.name == "CA":
                    places[chain.name, str(residue.seqid)].append(tuple(atom.pos.tolist()))
    lines = draw_lines(taken)
    assert {"2", "2A"} <= {key.text for line in lines for key in (line.first, line.second)}
    for line in lines:
        assert places[line.first.chain, line.first.text] == [pytest.approx(line.start, abs=1e-3)]
        assert places[line.second.chain, line.second.text] == [pytest.approx(line.end, abs=1e-3)]
    components = {atom.residue for atom in others}
    assert sum(residue.name in components for chain in found for residue in chain) == len(
        components
    )
    said = " ".join(whole.notes)
    assert all(f"{name} 2 as " in said for name in components)


def test_residues_of_one_number_are_told_apart() -> None:
    taken = export(protein(pdb(helix([(name, 5, "") for name in NAMES], "H"))))
    assert taken.protein.numbers == ("5",) * len(NAMES)
    assert len(set(taken.protein.residue_keys)) == len(NAMES)
    assert taken.protein.view is not None
    assert len(set(taken.protein.view.numbers.values())) == len(NAMES)


@pytest.fixture
def pymol() -> list[str]:
    """PyMOL as Debian installs it, found in the system's own path."""
    program = shutil.which("pymol", path=os.defpath)
    if program is None:
        pytest.skip("no PyMOL on this machine (Debian: apt-get install pymol)")
    return [program, "-ckq"]


@pytest.mark.parametrize("kind", ["pdb", "mmcif", "calcium", "hostile", "example"])
def test_pymol_reads_the_script(pymol: list[str], kind: str, tmp_path: Path) -> None:
    if kind == "hostile":
        taken = hostile()
    elif kind == "example":
        taken = export(open_source("example:2FP7"))
    elif kind == "calcium":
        taken = export(protein(pdb([*helix(NUMBERED, "H"), CALCIUM])))
    else:
        atoms = helix(NUMBERED, "H" if kind == "pdb" else "HH")
        taken = export(protein(pdb(atoms) if kind == "pdb" else mmcif(atoms, sequence=NAMES)))
    assert taken.protein.structure_format == (
        "pdb" if kind in ("pdb", "calcium", "example") else "cif"
    )
    (tmp_path / "arcs.pml").write_bytes(written("pml", taken))
    lines = draw_lines(taken)
    (tmp_path / "ask.py").write_text(
        "import json\n"
        "from pymol import cmd\n"
        "cmd.load('arcs.pml')\n"
        "ends = []\n"
        "cmd.iterate('attending and name CA', 'ends.append((chain, resi))', space={'ends': ends})\n"
        "names = cmd.get_names('objects')\n"
        "box = [cmd.get_extent(n) for n in names if n.startswith('arcs_')]\n"
        "found = {'names': names, 'ends': ends, 'box': box, 'atoms': cmd.count_atoms('atlas')}\n"
        "open('found.json', 'w').write(json.dumps(found))\n"
    )
    run = subprocess.run(
        [*pymol, "ask.py"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (tmp_path / "found.json").is_file(), run.stdout + run.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert "Error" not in run.stdout
    assert found["names"][0] == "atlas"
    colours = {line.colour for line in lines}
    assert found["names"][1:] == [f"arcs_{i + 1}" for i in range(len(colours))]
    assert {tuple(end) for end in found["ends"]} == {
        (key.chain, key.text) for line in lines for key in (line.first, line.second)
    }
    low = np.array([box[0] for box in found["box"]]).min(axis=0)
    high = np.array([box[1] for box in found["box"]]).max(axis=0)
    points = np.array([point for line in lines for point in (line.start, line.end)])
    thickest = max(line.radius for line in lines)
    assert (low >= points.min(axis=0) - thickest - 0.01).all()
    assert (high <= points.max(axis=0) + thickest + 0.01).all()
    assert (low <= points.min(axis=0) + 0.01).all()
    assert (high >= points.max(axis=0) - 0.01).all()


def test_without_3dmol_the_page_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("precompute.live.programs.stand_alone._STATIC", tmp_path)
    with pytest.raises(AtlasError, match=r"3Dmol\.js is not installed"):
        write_html(export())
