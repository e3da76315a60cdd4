"""An example protein: its entry in the list, its chains with their labels, its atoms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.examples.entry import ExampleEntry
from precompute.examples.labelled_chain import ExampleChain
from precompute.examples.structure_text import write_pdb


@dataclass(frozen=True, eq=False)
class Example:
    """One example protein.

    Attributes
    ----------
    entry
        What the list says of it.
    chains
        Its protein chains in the order of the entry.
    atoms
        Rows of `precompute.examples.schema.EXAMPLE_ATOMS`: backbones and ligands.
    """

    entry: ExampleEntry
    chains: tuple[ExampleChain, ...]
    atoms: pd.DataFrame

    @property
    def longest(self) -> ExampleChain:
        """The chain that a page shows first: the longest, the first of equals."""
        return max(self.chains, key=len)

    def find_chain(self, name: str) -> ExampleChain:
        """Look a chain up by its identifier.

        Raises
        ------
        AtlasError
            When the example does not have it.
        """
        found = next((chain for chain in self.chains if chain.name == name), None)
        if found is None:
            known = ", ".join(chain.name for chain in self.chains)
            raise AtlasError(f"{self.entry.name} has no chain {name}; it has {known}.")
        return found

    def engine_chain(self, name: str | None = None) -> Chain:
        """Give a chain as the engine takes it, called such as ``1T8K.A``; by default `longest`.

        Raises
        ------
        AtlasError
            When the example does not have it.
        """
        chain = self.longest if name is None else self.find_chain(name)
        return chain.label_chain(f"{self.entry.name}.{chain.name}")

    @cached_property
    def structure_text(self) -> str:
        """The example in the PDB format, for a viewer: backbones and ligands."""
        return write_pdb(self.entry, self.chains, self.atoms)
