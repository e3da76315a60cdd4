"""What a menu says of an example protein."""

from __future__ import annotations

from dataclasses import dataclass

_HELIX, _STRAND = 0.15, 0.10


@dataclass(frozen=True)
class ExampleEntry:
    """One line of the list of examples.

    Attributes
    ----------
    name
        Identifier of the PDB entry, such as ``1T8K``; entries are in the public domain (CC0).
    protein, organism
        What it is and where it comes from; the organism is None where that is not certain.
    family
        Accession of its Pfam family where the demo model knows it.
    shows
        Why it is among the examples.
    extent
        Which part of the entry is here.
    chains, residues, unresolved
        Protein chains; residues with and without coordinates over all of them.
    helix, strand
        Share of the classified residues in DSSP's GHI and BE.
    ligands, modified
        Components of no chain, and modified components of chains.
    """

    name: str
    protein: str
    organism: str | None
    family: str | None
    shows: str
    extent: str
    chains: int
    residues: int
    unresolved: int
    helix: float
    strand: float
    ligands: tuple[str, ...]
    modified: tuple[str, ...]

    @property
    def label(self) -> str:
        """What a menu says."""
        where = f" ({self.organism})" if self.organism else ""
        return f"{self.name} · {self.protein}{where}"

    @property
    def fold(self) -> str:
        """Its structural class by content of helix and strand.

        Nakashima, Nishikawa and Ooi, J. Biochem. 99, 153 (1986): all-alpha, all-beta or
        both, with more than 15 % helix and more than 10 % strand as the borders.
        """
        return {
            (True, False): "all-alpha",
            (False, True): "all-beta",
            (True, True): "alpha and beta",
            (False, False): "irregular",
        }[self.helix > _HELIX, self.strand > _STRAND]
