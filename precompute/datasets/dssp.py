"""Secondary structure by DSSP: mdtraj's, or the program mkdssp.

mdtraj's is the default: it is a translation of DSSP 2 that comes with the other packages,
so that a label does not depend on what a machine has, and it takes a tenth of the time.
Measured on the 29,723 residues of 193 chains without modified residues (PDB entries better
than 2 Å) against DSSP classes that were made elsewhere from the same files: mdtraj 1.11.1
agrees on 99.97 % of residues in the four classes used here, mkdssp 4.2.2 on 99.99 %; the
two agree with each other on 99.98 %. mkdssp's polyproline helix (P, new in DSSP 4) is blank
here, as it was when the paper was written.

Both see the backbones of all chains of a model, since strands pair across chains.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.polymer import ProteinChain
from precompute.datasets.structure_model import BACKBONE, Model
from precompute.errors import AtlasError
from precompute.features import DSSP_CLASSES, SECONDARY_STRUCTURES

METHODS = ("mdtraj", "mkdssp")
METHOD_VARIABLE = "ATLAS_DSSP"

LARGEST_PEPTIDE_BOND = 2.5
"""Å from C to N beyond which DSSP sees a break in a chain."""

_REACH = 12.0
"""Å between C-alpha atoms; hydrogen bonds of DSSP, and so its strands, end at 9."""

_PROGRAM_SECONDS = 600

_SCHEME = (
    *("asym_id", "entity_id", "seq_id", "mon_id", "ndb_seq_num", "pdb_seq_num"),
    *("auth_seq_num", "pdb_mon_id", "auth_mon_id", "pdb_strand_id", "pdb_ins_code", "hetero"),
)

_BLANK = (" ", "C", "P")
"""P is the polyproline helix of DSSP 4, which older versions, and the paper, leave blank."""

_CLASS_OF = {
    **dict.fromkeys("GHI", "helix"),
    **dict.fromkeys("BE", "strand"),
    **dict.fromkeys("ST", "turn_bend"),
    "C": "blank",
}


def choose_method(name: str | None = None) -> str:
    """Resolve the method: as named, else as ``ATLAS_DSSP`` says, else mdtraj.

    Raises
    ------
    AtlasError
        When there is no such method, or it is not installed.
    """
    name = name or os.environ.get(METHOD_VARIABLE) or METHODS[0]
    if name not in METHODS:
        raise AtlasError(f"There is no DSSP called {name}; choose {' or '.join(METHODS)}.")
    if name == "mkdssp" and shutil.which("mkdssp") is None:
        raise AtlasError("The program mkdssp is not here; install it (Debian: dssp) or use mdtraj.")
    if name == "mdtraj":
        try:
            import mdtraj  # noqa: F401
        except ImportError as error:
            raise AtlasError(
                "The package mdtraj is not here; install the extra `models`."
            ) from error
    return name


def describe_method(name: str) -> str:
    """Name a method with its version, for the `runs` table."""
    if name == "mdtraj":
        from importlib.metadata import version

        return f"DSSP of mdtraj {version('mdtraj')}"
    run = subprocess.run(
        ["mkdssp", "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    return f"DSSP of {(run.stdout.strip() or 'mkdssp').splitlines()[0]}"


def eight_classes(model: Model, method: str, chain: int | None = None) -> NDArray[np.str_]:
    """Give DSSP's own class of every residue.

    Parameters
    ----------
    model
        The structure.
    method
        One of `METHODS`.
    chain
        Place in `Model.chains` of the one whose classes are wanted; others are looked at where
        they reach it, and their classes may lack what is further off. All by default.

    Returns
    -------
    numpy.ndarray
        One of GHIBESTC, C being the blank; an empty text where a residue is of no protein
        chain or lacks one of N, CA, C and O; shape (residues of the model,).
    """
    letters = np.full(len(model.residue_names), "", dtype="<U1")
    segments = _segments(model, model.chains if chain is None else _reaching(model, chain))
    if segments:
        found = {"mdtraj": _by_mdtraj, "mkdssp": _by_mkdssp}[method](model, segments)
        letters[np.concatenate(segments)] = ["C" if one in _BLANK else one for one in found]
    return letters


def four_classes(letters: NDArray[np.str_]) -> NDArray[np.int8]:
    """Turn DSSP's classes into the paper's four, −1 where there is none."""
    index = {letter: SECONDARY_STRUCTURES.index(name) for letter, name in _CLASS_OF.items()}
    return np.array([index.get(str(letter), -1) for letter in letters], dtype=np.int8)


def dssp_codes(letters: NDArray[np.str_]) -> NDArray[np.int8]:
    """Turn DSSP's classes into places in `DSSP_CLASSES`, −1 where there is none."""
    return np.array([DSSP_CLASSES.index(one) if one else -1 for one in letters], dtype=np.int8)


def _reaching(model: Model, chosen: int) -> list[ProteinChain]:
    """List a chain and those with which it may have hydrogen bonds, in the order of the model."""
    from scipy.spatial import KDTree

    alphas = []
    for chain in model.chains:
        atoms = model.backbone[chain.residues[chain.residues >= 0], 1]
        alphas.append(atoms[atoms >= 0])
    tree = KDTree(model.positions[alphas[chosen]])
    atoms = np.concatenate(alphas)
    gaps, _ = tree.query(model.positions[atoms], distance_upper_bound=_REACH)
    owners = np.repeat(np.arange(len(alphas)), [len(one) for one in alphas])
    return [model.chains[one] for one in np.unique(owners[np.isfinite(gaps)]).tolist()]


def _segments(model: Model, chains: Sequence[ProteinChain]) -> list[NDArray[np.int64]]:
    """Cut chains at breaks; leave out residues without a whole backbone."""
    segments = []
    for chain in chains:
        rows = chain.residues[chain.residues >= 0]
        rows = rows[(model.backbone[rows] >= 0).all(axis=1)]
        if not len(rows):
            continue
        ends = model.positions[model.backbone[rows[:-1], 2]]
        starts = model.positions[model.backbone[rows[1:], 0]]
        breaks = np.linalg.norm(ends - starts, axis=1) > LARGEST_PEPTIDE_BOND
        segments += np.split(rows, np.flatnonzero(breaks) + 1)
    return segments


def _by_mdtraj(model: Model, segments: list[NDArray[np.int64]]) -> list[str]:
    import mdtraj

    topology = mdtraj.Topology()
    elements = [mdtraj.element.get_by_symbol(symbol) for symbol in "NCCO"]
    for segment in segments:
        # mdtraj knows no breaks within a chain: each unbroken piece is a chain of its own.
        chain = topology.add_chain()
        for row in segment:
            name = "PRO" if model.residue_names[row] == "PRO" else "ALA"
            residue = topology.add_residue(name, chain)
            for atom, element in zip(BACKBONE, elements, strict=True):
                topology.add_atom(atom, element, residue)
    rows = np.concatenate(segments)
    nanometres = model.positions[model.backbone[rows]].reshape(1, -1, 3) / 10
    trajectory = mdtraj.Trajectory(nanometres.astype(np.float32), topology)
    return [str(letter) for letter in mdtraj.compute_dssp(trajectory, simplified=False)[0]]


def _by_mkdssp(model: Model, segments: list[NDArray[np.int64]]) -> list[str]:
    """Run the program on the backbones alone, its residues numbered through.

    All are put in one chain A: the classic table has room for one letter, and the program
    finds breaks by the length of bonds, as DSSP does.
    """
    rows = np.concatenate(segments)
    with tempfile.TemporaryDirectory(prefix="atlas-dssp-") as folder:
        given, written = Path(folder) / "in.cif", Path(folder) / "out.dssp"
        _write_backbones(model, rows, given)
        try:
            run = subprocess.run(
                ["mkdssp", "--output-format", "dssp", str(given), str(written)],
                capture_output=True,
                text=True,
                timeout=_PROGRAM_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AtlasError(f"mkdssp did not answer ({error}).") from error
        if run.returncode or not written.is_file():
            said = " ".join((run.stderr or run.stdout).split())[-200:]
            raise AtlasError(f"mkdssp could not read a structure ({said}).")
        found = _read_classes(written.read_text())
    return [found.get(number, "") for number in range(1, len(rows) + 1)]


def _write_backbones(model: Model, rows: NDArray[np.int64], path: Path) -> None:
    import gemmi

    structure = gemmi.Structure()
    structure.name = "atlas"
    chain = gemmi.Chain("A")
    for number, row in enumerate(rows, 1):
        residue = gemmi.Residue()
        residue.name = "PRO" if model.residue_names[row] == "PRO" else "ALA"
        residue.seqid = gemmi.SeqId(number, " ")
        residue.label_seq = number
        residue.subchain = "A"
        residue.entity_type = gemmi.EntityType.Polymer
        residue.entity_id = "1"
        residue.het_flag = "A"
        for name, own in zip(BACKBONE, model.backbone[row], strict=True):
            atom = gemmi.Atom()
            atom.name = name
            atom.element = gemmi.Element(name[0])
            atom.pos = gemmi.Position(*model.positions[own])
            residue.add_atom(atom)
        chain.add_residue(residue)
    entity = gemmi.Entity("1")
    entity.entity_type = gemmi.EntityType.Polymer
    entity.polymer_type = gemmi.PolymerType.PeptideL
    entity.subchains = ["A"]
    entity.full_sequence = [residue.name for residue in chain]
    structure.entities.append(entity)
    structure.add_model(gemmi.Model(1))
    structure[0].add_chain(chain)
    structure.assign_serial_numbers()
    document = structure.make_mmcif_document()
    # mkdssp finds residues through this category alone, and gives an empty table without it.
    loop = document[0].init_loop("_pdbx_poly_seq_scheme.", list(_SCHEME))
    for residue in chain:
        place, name = str(residue.label_seq), residue.name
        loop.add_row(["A", "1", place, name, *[place] * 3, name, name, "A", ".", "n"])
    document.write_file(str(path))


def _read_classes(text: str) -> dict[int, str]:
    """Read the classic output: residue number to class."""
    _, _, table = text.partition("\n  #  RESIDUE")
    return {
        int(line[5:10]): line[16]
        for line in table.splitlines()[1:]
        if len(line) > 16 and line[13] != "!"
    }
