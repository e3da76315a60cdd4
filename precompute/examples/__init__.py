"""Twelve proteins that ship with the project, as tables of facts.

They are entries of the Protein Data Bank, which are in the public domain (CC0); every name
is the identifier of one. `list_examples` gives what a menu needs, `load_example` one protein
as chains for the engine and as a structure for a viewer.
"""

from __future__ import annotations

from precompute.examples.entry import ExampleEntry
from precompute.examples.example import Example
from precompute.examples.labelled_chain import BACKBONE_ATOMS, ExampleChain
from precompute.examples.loading import list_examples, load_arcs, load_example

__all__ = [
    "BACKBONE_ATOMS",
    "Example",
    "ExampleChain",
    "ExampleEntry",
    "list_examples",
    "load_arcs",
    "load_example",
]
