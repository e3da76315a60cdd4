"""A structure file as a protein to look at: one chain of its first model, with all labels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from precompute.chain import Chain
from precompute.datasets.dssp import choose_method
from precompute.datasets.polymer import CAPS, ProteinChain
from precompute.datasets.structure_file import parse_structure, unpack
from precompute.datasets.structure_model import Model
from precompute.datasets.structures import label_chain
from precompute.errors import AtlasError
from precompute.live.getting.protein import Protein, ResidueKey, parse_number, plain
from precompute.live.getting.sequences import SHORTEST
from precompute.live.settings import largest_file, longest_chain
from precompute.live.writing import Written, safe_names, write_model


class MissingChainError(AtlasError):
    """A chain that a structure has not got, which does not say that its file is damaged."""


_MOST_NAMED = 6
"""Chains or components that a note names; of more it says how many."""


@dataclass(frozen=True, eq=False)
class Structure:
    """A structure file that was read: its model, and which of its chains can be chosen.

    Attributes
    ----------
    name
        Of the file; plain text.
    model
        Its first model.
    """

    name: str
    model: Model
    _whole: list[Written] = field(default_factory=list, repr=False)

    def write(self, chain: str) -> Written:
        """Write it for viewers: whole and once, or where it is too large what is around a chain.

        Parameters
        ----------
        chain
            The author's name.
        """
        if self._whole:
            return self._whole[0]
        written = write_model(self.model, self.names, chain)
        if not written.cut:
            self._whole.append(written)
        return written

    @cached_property
    def atoms(self) -> str:
        """Digest of where its atoms lie and whose they are; see `Protein.atoms`."""
        digest = hashlib.sha256(self.model.positions.tobytes())
        digest.update(repr((self.model.residue_ids, self.model.residue_names)).encode())
        return digest.hexdigest()

    @cached_property
    def names(self) -> dict[str, str]:
        """Chain names for viewers and scripts by the authors' names."""
        return safe_names(key.chain for key in self.model.residue_ids)

    @cached_property
    def usable(self) -> dict[str, int]:
        """Chains that can be chosen, by safe name, as places in `Model.chains`."""
        most = longest_chain()
        return {
            self.names[chain.name]: place
            for place, chain in enumerate(self.model.chains)
            if SHORTEST <= len(chain.sequence) <= most
        }


def read_structure(content: bytes, name: str) -> Structure:
    """Read a PDB or mmCIF file, or its gzip.

    Parameters
    ----------
    content
        The file.
    name
        What it is called, for messages: the content tells the format.

    Raises
    ------
    AtlasError
        When it is too large, damaged, no structure, or has no protein chain of a length
        that can be shown.
    """
    most = largest_file() * 1024**2
    shown = plain(name, 60) or "the file"
    if len(content) > most:
        raise AtlasError(
            f"{shown} has {len(content) // 1024**2:,} MB and this dashboard takes "
            f"{largest_file():,}: give one with fewer models or chains."
        )
    structure = Structure(shown, parse_structure(unpack(content, shown, most), shown))
    _refuse_unusable(structure)
    return structure


def choose_chain(
    structure: Structure,
    chain: str | None,
    *,
    source: str,
    identifier: str,
    title: str = "",
    labels: Chain | None = None,
) -> Protein:
    """Give one chain of a structure as a protein.

    Parameters
    ----------
    structure
        What was read.
    chain
        Name of the chain (`Structure.usable`), the first by default.
    source, identifier, title
        Of `Protein`; the file's own title stands where none is given.
    labels
        Labels that are known better than the file's atoms tell.

    Raises
    ------
    MissingChainError
        When the structure has no such chain.
    """
    chosen = next(iter(structure.usable)) if chain is None else chain
    if chosen not in structure.usable:
        raise MissingChainError(
            f"{identifier} has no chain {plain(chosen, 20)} that can be shown; it has "
            f"{_list(list(structure.usable))}."
        )
    model = structure.model
    own = model.chains[structure.usable[chosen]]
    if labels is None:
        place, called = structure.usable[chosen], f"{structure.name}.{chosen}"[-80:]
        labels = label_chain(model, place, called, choose_method())
    written = structure.write(own.name)
    notes = _notes(structure, own)
    if written.renumbered:
        notes.append(
            "What has the number of another residue of its chain has one of its own in the 3D view "
            f"and in files for other programs: {_renumbered(model, written.renumbered)}."
        )
    if written.cut:
        notes.append(
            f"The structure has {len(model.atom_names):,} atoms in {len(structure.names):,} "
            f"chains: the 3D view shows chain {chosen} alone, with what is bound to it."
        )
    return Protein(
        identifier=identifier,
        title=title or plain(model.title),
        source=source,
        sequence=own.sequence,
        numbers=own.numbers,
        chain_name=chosen,
        chains=tuple(structure.usable),
        chain=labels,
        structure=written.text,
        structure_format=written.kind,
        view=written.view,
        residue_keys=_keys(model, own, chosen, written.renumbered),
        notes=tuple(notes),
        atoms=structure.atoms,
    )


def _refuse_unusable(structure: Structure) -> None:
    if structure.usable:
        return
    model, name = structure.model, structure.name
    if not model.chains:
        reasons = [_count(count, reason) for reason, count in model.skipped.items()]
        found = f" (it has {' and '.join(reasons)})" if reasons else ""
        raise AtlasError(f"{name} has no protein chain with C-alpha atoms{found}.")
    longest = max(len(chain.sequence) for chain in model.chains)
    if longest < SHORTEST:
        raise AtlasError(f"{name} has no chain of two residues or more: attention needs two.")
    raise AtlasError(
        f"Every chain of {name} has more than the {longest_chain():,} residues that this "
        "dashboard takes; give a part of it."
    )


def _keys(
    model: Model, chain: ProteinChain, name: str, renumbered: Mapping[int, int]
) -> tuple[ResidueKey | None, ...]:
    """Name the residues that have a C-alpha atom as the viewer knows them."""
    keys: list[ResidueKey | None] = []
    for row in chain.residues.tolist():
        if row < 0 or model.backbone[row, 1] < 0:
            keys.append(None)
        else:
            _, number, insertion = model.residue_ids[row]
            keys.append(ResidueKey(name, renumbered.get(row, number), insertion))
    return tuple(keys)


def _notes(structure: Structure, chain: ProteinChain) -> list[str]:
    """Say what a reader of the figures should know of the chain, a sentence each."""
    model = structure.model
    notes = []
    if model.models > 1:
        notes.append(f"The file holds {model.models} models; this is the first.")
    notes += _parted(structure)
    if model.alternatives:
        notes.append(
            f"{model.alternatives} atoms have alternate locations; of each the most occupied "
            "one is taken."
        )
    resolved = (chain.residues >= 0) & (model.backbone[chain.residues, 1] >= 0)
    missing = int((~resolved).sum())
    if missing:
        notes.append(
            f"{missing} of {len(chain.sequence)} residues are not resolved: the model sees "
            "them, the structure does not show them."
        )
    else:
        notes += _gaps(chain)
    notes += _modified(model, chain)
    renamed = {author: safe for author, safe in structure.names.items() if author != safe}
    renamed = {author: safe for author, safe in renamed.items() if author not in model.parted}
    if renamed:
        pairs = [f"“{plain(author, 20)}” as {safe}" for author, safe in renamed.items()]
        notes.append(f"Names of chains that not every program takes, written anew: {_list(pairs)}.")
    left = [c for c in model.chains if structure.names[c.name] not in structure.usable]
    if left:
        names = _list([structure.names[c.name] for c in left])
        notes.append(
            f"Left out for their length (2 to {longest_chain():,} residues are taken): {names}."
        )
    notes += [f"Left out: {_count(count, reason)}." for reason, count in model.skipped.items()]
    return notes


def _parted(structure: Structure) -> list[str]:
    """Say where chains were parted that the file's names do not tell apart."""
    parted = structure.model.parted
    if not parted:
        return []
    unnamed = not any(parted.values())
    how = "does not name its chains" if unnamed else "uses names of chains twice"
    return [
        f"{structure.name} {how}: they were parted at the ends it marks and where numbers come "
        f"again, and {'' if unnamed else 'the further ones '}are called "
        f"{_list([structure.names[name] for name in parted])}."
    ]


def _gaps(chain: ProteinChain) -> list[str]:
    """Say where the numbering jumps and the file does not give the whole sequence."""
    numbers = [parse_number(number) for number in chain.numbers]
    jumps = sum(
        one is not None and other is not None and other[0] - one[0] > 1
        for one, other in pairwise(numbers)
    )
    if not jumps:
        return []
    places = "one place" if jumps == 1 else f"{jumps} places"
    return [
        f"The numbering jumps at {places} and the file does not say which residues are "
        "missing there: the model sees the two sides as neighbours."
    ]


def _renumbered(model: Model, numbers: Mapping[int, int]) -> str:
    """Name residues by component and author's number, with the number that they have instead."""
    named = [
        f"{model.residue_names[row]} {model.residue_ids[row].number} as {number}"
        for row, number in numbers.items()
    ]
    return _list(named)


def _modified(model: Model, chain: ProteinChain) -> list[str]:
    """Say which components are read as other residues, and which names nobody knows."""
    import gemmi

    own = chain.residues[chain.residues >= 0].tolist()
    found: Counter[tuple[str, str]] = Counter()
    unknown: Counter[str] = Counter()
    for row, letter in zip(chain.residues.tolist(), chain.sequence, strict=True):
        name = model.residue_names[row] if row >= 0 else ""
        if name in model.unknown:
            unknown[name] += 1
        elif name and name not in CAPS and not gemmi.find_tabulated_residue(name).is_standard():
            found[name, letter] += 1
    notes = []
    renamed = Counter(
        (model.given_names[row], model.residue_names[row])
        for row in own
        if model.given_names[row] != model.residue_names[row]
    )
    if renamed:
        notes.append(f"Residue names of another program: {_pairs(renamed)}.")
    if found:
        notes.append(f"Residues read as the amino acid they come from, or X: {_pairs(found)}.")
    if unknown:
        named = [f"{name} ({count})" for name, count in sorted(unknown.items())]
        notes.append(f"Residues of names that nobody knows, read as X: {_list(named)}.")
    return notes


def _pairs(counts: Mapping[tuple[str, str], int]) -> str:
    """Write what is read as what, and how often where it is more than once."""
    return _list(
        [
            f"{one} as {other}" + (f" ({count})" if count > 1 else "")
            for (one, other), count in sorted(counts.items())
        ]
    )


def _count(count: int, reason: str) -> str:
    """Say how many chains were skipped, and of which kind."""
    return f"{count} {reason.replace('chains', 'chain') if count == 1 else reason}"


def _list(names: list[str]) -> str:
    """Join names, of many the first."""
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"
