"""One chain is labelled as all are together; crowds of sugars take no square of their number."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.spatial import KDTree

from precompute.datasets.ligands import LARGEST_BOND, _neighbours, modifications
from precompute.datasets.structure_file import parse_structure
from precompute.datasets.structures import label_chain, label_chains
from precompute.examples import list_examples, load_example
from tests.precompute.strange import put
from tests.precompute.worst_structures import atom, in_a_crowd


@pytest.mark.parametrize("name", [example.name for example in list_examples()])
def test_one_chain_has_the_labels_that_it_has_beside_all(name: str) -> None:
    model = parse_structure(load_example(name).structure_text.encode(), f"{name}.pdb")
    names = [chain.name for chain in model.chains]
    for place, expected in enumerate(label_chains(model, names, "mdtraj")):
        found = label_chain(model, place, names[place], "mdtraj")
        for field in dataclasses.fields(expected):
            np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name))


def test_all_pairs_of_bonded_atoms_are_listed() -> None:
    points = np.random.default_rng(1).uniform(0, 9, (400, 3))
    expected = {tuple(sorted(pair)) for pair in KDTree(points).query_pairs(LARGEST_BOND)}
    assert {tuple(sorted(pair)) for pair in _neighbours(points).tolist()} == expected


def test_a_crowd_is_tied_together_by_few_pairs() -> None:
    points = np.repeat([[1.0, 1.0, 1.0], [2.5, 1.0, 1.0], [9.0, 9.0, 9.0]], 5_000, axis=0)
    pairs = _neighbours(points)
    assert len(pairs) < 2 * len(points)
    reached = np.arange(len(points))
    for _ in range(4):
        np.minimum.at(reached, pairs[:, 0], reached[pairs[:, 1]].copy())
        np.minimum.at(reached, pairs[:, 1], reached[pairs[:, 0]].copy())
    assert sorted(set(reached.tolist())) == [0, 10_000]


def test_a_crowd_of_sugars_is_borne_by_the_asparagine_in_it() -> None:
    text = "".join(
        [
            put(atom(1, "ND2", "ASN", (0.5, 0.5, 0.5)), 23, "   1"),
            put(atom(2, "CA", "ASN", (0.0, 5.0, 0.0)), 23, "   1"),
            put(atom(3, "CA", "ALA", (3.8, 5.0, 0.0)), 23, "   2"),
            *(atom(one, "C1", "NAG", in_a_crowd(one), hetero=True) for one in range(500, 900)),
        ]
    )
    model = parse_structure(text.encode(), "x.pdb")
    assert modifications(model)[:2].tolist() == [True, False]
