"""Any folder of PDB or mmCIF files: every label of the atlas, from coordinates alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.datasets.beta_carbons import beta_carbons
from precompute.datasets.chains import ONE_STRUCTURE, TWO_STRUCTURES, Chains
from precompute.datasets.dssp import (
    choose_method,
    describe_method,
    dssp_codes,
    eight_classes,
    four_classes,
)
from precompute.datasets.ligands import BINDING_DISTANCE, binding_sites, modifications
from precompute.datasets.polymer import ProteinChain
from precompute.datasets.structure_file import (
    MAXIMUM_BYTES,
    parse_structure,
    structure_stem,
    structure_suffix,
    unpack,
)
from precompute.datasets.structure_model import Model
from precompute.errors import AtlasError, printable

_FILES_KEPT = 4
"""Files whose chains are kept once read: the chains of one file are often asked for in turn."""


_MOST_NAMED = 20
"""Names that a remark lists; of more it says how many."""


class _Place(NamedTuple):
    file: Path
    number: int
    identifier: str
    sequence_sha256: bytes


class StructureChains(Chains):
    """Every protein chain of every structure in a folder.

    Files end in ``.pdb``, ``.ent``, ``.cif`` or ``.mmcif``, or those with ``.gz``, or in
    ``.pdb1`` and so on, as biological assemblies do; what they are the content tells. They
    stand in the folder or in a folder in it, and are taken in the order of their names.
    Other files are no concern of this. All files are read once to list their chains, and
    one again when a chain of it is asked for; their atoms are never in memory together.

    A chain is called after its file and the author's name of it: ``1a8q.A``. Only the
    first model counts, and of each atom the most occupied location. A residue that was not
    resolved keeps its place in the sequence where SEQRES records or the mmCIF entity give
    the sequence. Where they do not, nothing is made up: a gap in the numbering says that
    residues are missing, but neither which they are nor, after insertions or deletions, how
    many, so that residues on its two sides are neighbours in the sequence.

    A file that cannot be used is skipped; `skipped` counts reasons, `skipped_files` names
    the files with a sentence each.

    Parameters
    ----------
    path
        The folder, or one file.
    dssp
        ``mdtraj`` or ``mkdssp``; by default what the environment variable ``ATLAS_DSSP``
        says, else mdtraj, so that labels do not depend on what a machine has.

    Attributes
    ----------
    skipped
        How many files and chains were left out, by reason.
    skipped_files
        Why a file was left out, by its path in the folder.
    notes
        How labels were made, for the `runs` table.
    remarks
        Residues under other names than the PDB's, names that nobody knows, chains parted.

    Raises
    ------
    AtlasError
        When there is no structure with a protein chain.
    """

    related = (ONE_STRUCTURE, TWO_STRUCTURES)

    def __init__(self, path: Path, dssp: str | None = None) -> None:
        self._root = path
        self._method = choose_method(dssp)
        self.skipped: dict[str, int] = {}
        self.skipped_files: dict[str, str] = {}
        self.notes = {
            "secondary structure": describe_method(self._method),
            "binding site": f"heavy atoms within {BINDING_DISTANCE:g} Å of a ligand's",
        }
        self.remarks: dict[str, str] = {}
        self._chains_of = lru_cache(_FILES_KEPT)(self._read_chains)
        self._places: list[_Place] = []
        self._sha256 = ""
        self._list()

    def _list(self) -> None:
        files = find_structures(self._root)
        stems = Counter(structure_stem(file) for file in files)
        digest = hashlib.sha256()
        skipped: Counter[str] = Counter()
        renamed: Counter[str] = Counter()
        unknown: Counter[str] = Counter()
        parted: list[str] = []
        for file in files:
            name = self._name(file)
            try:
                data = _read_bytes(file)
                digest.update(f"{name}\0{len(data)}\0".encode())
                digest.update(data)
                model = parse_structure(unpack(data, name), name)
            except AtlasError as error:
                skipped["files that could not be read"] += 1
                self.skipped_files[name] = str(error)
                continue
            skipped.update(model.skipped)
            if model.models > 1:
                skipped["models after the first of their file"] += model.models - 1
            renamed.update(
                {f"{given} as {name}": count for (given, name), count in model.renamed.items()}
            )
            unknown.update(model.unknown)
            parted += [name] if model.parted else []
            if not model.chains:
                skipped["files without a protein chain"] += 1
                self.skipped_files[name] = f"{name} has no protein chain with C-alpha atoms."
            stem = structure_stem(file)
            # Two files of one stem, such as 1abc.pdb and 1abc.cif, are told apart by their paths.
            prefix = printable(stem) if stems[stem] == 1 else name
            for number, chain in enumerate(model.chains):
                identifier = f"{prefix}.{chain.name.strip() or '_'}"
                own = hashlib.sha256(chain.sequence.encode()).digest()
                self._places.append(_Place(file, number, identifier, own))
        self.skipped = dict(skipped)
        remarks = {
            "residue names of other programs": _list_counts(renamed),
            "residues of names that nobody knows, read as X": _list_counts(unknown),
            "files with chains that are parted and named here": list_names(parted),
        }
        self.remarks = {what: found for what, found in remarks.items() if found}
        self._sha256 = digest.hexdigest()
        if not self._places:
            reason = next(iter(self.skipped_files.values()), "")
            if len(files) > 1:
                reason = (
                    f"None of the {len(files)} structures in {self._root} can be used: {reason}"
                )
            raise AtlasError(reason)

    def _name(self, file: Path) -> str:
        named = file.name if file == self._root else file.relative_to(self._root).as_posix()
        return printable(named)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, number: int) -> Chain:
        place = self._places[number]
        chains = self._chains_of(place.file)
        if place.number < len(chains):
            chain = chains[place.number]
            if hashlib.sha256(chain.sequence.encode()).digest() == place.sequence_sha256:
                return chain
        raise AtlasError(f"{place.file} changed while it was read; start again.")

    def identifiers(self) -> list[str]:
        """List what the chains are called; see `Chains.identifiers`."""
        return [place.identifier for place in self._places]

    def group(self, number: int) -> str:
        """Name a chain's file; see `Chains.group`."""
        return self._name(self._places[number].file)

    def _read_chains(self, file: Path) -> tuple[Chain, ...]:
        name = self._name(file)
        model = parse_structure(unpack(_read_bytes(file), name), name)
        identifiers = [place.identifier for place in self._places if place.file == file]
        try:
            return label_chains(model, identifiers, self._method)
        except AtlasError as error:
            raise AtlasError(f"{file}: {error}") from error

    def sha256(self) -> str:
        """SHA-256 over names and bytes of the files as they stand, in order."""
        return self._sha256

    def close(self) -> None:
        """Forget what was read."""
        self._chains_of.cache_clear()


def _list_counts(counts: Mapping[str, int]) -> str:
    """Write names with how often each one is there, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return list_names([f"{name} ({count:,})" for name, count in ordered])


def list_names(names: Sequence[str]) -> str:
    """Write names in a remark, of many the first and how many more."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def find_structures(path: Path) -> list[Path]:
    """List the structure files of a folder and the folders in it, by name.

    Raises
    ------
    AtlasError
        When there are none.
    """
    if path.is_file():
        if structure_suffix(path) is None:
            raise AtlasError(
                f"{path} is no structure: its name ends neither in .pdb, .ent, .cif nor .mmcif "
                "(.gz may follow)."
            )
        return [path]
    if not path.is_dir():
        raise AtlasError(f"There is nothing at {path}; name a folder of PDB or mmCIF files.")
    found = [
        file
        for pattern in ("*", "*/*")
        for file in path.glob(pattern)
        if structure_suffix(file) and not file.name.startswith(".") and file.is_file()
    ]
    if not found:
        raise AtlasError(
            f"{path} holds no structures: no file ends in .pdb, .ent, .cif or .mmcif "
            "(.gz may follow)."
        )
    return sorted(found, key=lambda file: file.relative_to(path).as_posix())


def label_chains(model: Model, identifiers: list[str], method: str) -> tuple[Chain, ...]:
    """Give the chains of a model with all their labels.

    Parameters
    ----------
    model
        The structure.
    identifiers
        What to call its chains.
    method
        Which DSSP: ``mdtraj`` or ``mkdssp``.
    """
    sites = binding_sites(model), modifications(model)
    betas = beta_carbons(model)
    classes = eight_classes(model, method)
    return tuple(
        _label(identifier, model, chain, betas, classes, *sites)
        for identifier, chain in zip(identifiers, model.chains, strict=False)
    )


def label_chain(model: Model, place: int, identifier: str, method: str) -> Chain:
    """Give one chain of a model with the labels that `label_chains` gives it.

    Parameters
    ----------
    model
        The structure.
    place
        Of the chain in `Model.chains`.
    identifier
        What to call it.
    method
        As for `label_chains`.
    """
    classes = eight_classes(model, method, place)
    sites = binding_sites(model), modifications(model)
    return _label(identifier, model, model.chains[place], beta_carbons(model), classes, *sites)


def _label(
    identifier: str,
    model: Model,
    chain: ProteinChain,
    betas: NDArray[np.float64],
    classes: NDArray[np.str_],
    binding: NDArray[np.bool_],
    modified: NDArray[np.bool_],
) -> Chain:
    """Put a chain together from what is known of the model's residues."""
    rows = chain.residues
    there = rows >= 0
    atoms = np.where(there, model.backbone[rows, 1], -1)
    resolved = atoms >= 0
    own = np.where(resolved, classes[rows], "")
    return Chain(
        identifier,
        chain.sequence,
        alpha_carbons=np.where(resolved[:, None], model.positions[atoms], 0.0),
        resolved=resolved,
        beta_carbons=np.where(there[:, None], betas[rows], np.nan),
        secondary_structure=four_classes(own),
        dssp=dssp_codes(own),
        binding_site=there & binding[rows],
        modification=there & modified[rows],
        numbers=chain.numbers,
    )


def _read_bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAXIMUM_BYTES:
            raise AtlasError(f"{file} has more than {MAXIMUM_BYTES // 1024**2} MB.")
        return file.read_bytes()
    except OSError as error:
        raise AtlasError(f"{file} cannot be read ({error.strerror or error}).") from error
