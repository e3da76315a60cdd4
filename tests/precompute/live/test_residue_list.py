"""A visitor's list of residues is read as it is meant, or one sentence says what is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.live.arcs import known_features, labelled_chain
from precompute.live.getting.protein import bare_protein
from precompute.live.residue_list import LONGEST_LIST, parse_residues, with_sites
from tests.precompute.live.test_arcs import make_protein

PROTEIN = replace(make_protein(), chains=("A", "B"))
"""Chain A: its residues are numbered from 5, place 12 is 16A, place 20 has no number."""


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("A:5, A:7-9", [0, 2, 3, 4]),
        ("A:5,7-9", [0, 2, 3, 4]),
        ("A:7-A:9", [2, 3, 4]),
        ("A: 7 - 9; A:5", [0, 2, 3, 4]),
        ("A:7..9", [2, 3, 4]),
        ("A:7—9 A:7−9", [2, 3, 4]),
        ("A:16A", [12]),
        ("A:16-16A", [11, 12]),
        ("7:9", [2, 3, 4]),
        ("9-7 8 8", [2, 3, 4]),
    ],
)
def test_a_chain_may_stand_before_a_residue(text: str, places: list[int]) -> None:
    protein = replace(PROTEIN, numbers=(*PROTEIN.numbers[:11], "16", *PROTEIN.numbers[12:]))
    assert parse_residues(text, protein).tolist() == places


def test_a_chain_that_is_a_number_and_numbers_below_zero_are_told_apart() -> None:
    numbers = tuple(str(place - 3) for place in range(len(PROTEIN)))
    protein = replace(PROTEIN, numbers=numbers, chain_name="1", chains=("1",))
    assert parse_residues("1:5", protein).tolist() == [8]
    assert parse_residues("1:-3--1, 1:4-1:5", protein).tolist() == [0, 1, 2, 7, 8]
    assert parse_residues("4:5", protein).tolist() == [7, 8]


@pytest.mark.parametrize("other", ["2", "2A", "12", "B"])
@pytest.mark.parametrize("rest", ["6", "6A", "6-8", "6..8"])
def test_another_chain_is_refused_though_it_is_a_number(other: str, rest: str) -> None:
    protein = replace(PROTEIN, chain_name="1", chains=("1", other))
    with pytest.raises(AtlasError, match=f"chain {other} is not the one shown"):
        parse_residues(f"1:7, {other}:{rest}", protein)
    assert parse_residues("7:9", protein).tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A:4000", "no residue 4000 in this chain; it has 5 to 44"),
        ("A:25", "no residue 25"),  # not resolved: its authors give it no number
        ("B:7", "chain B is not the one shown: residues are those of chain A, such as A:5"),
        ("Z:7-9", "chain Z is not in this structure"),
        ("a:7", "chain a is not in this structure"),
        ("<b>:7", "chain <b> is not in this structure"),
        ("A:", "“A:” is no residue"),
        ("A:7:9:11", "is no residue"),
        ("K45", "“K45” is no residue"),
        ("A:7-", "“A:7-” is no residue"),
        ("7-9-11", "is no residue"),
        ("٣٤", "no residue"),
        ("1" * 500, "no residue 1111111111111111111… in"),
        ("7," * 5000, "has 10,000 characters, and 2,000 are read"),
        ("x" * (LONGEST_LIST + 1), "characters"),
        ("x" * LONGEST_LIST, "is no residue"),
    ],
)
def test_what_is_no_list_of_this_chain_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(AtlasError) as caught:
        parse_residues(text, PROTEIN)
    sentence = str(caught.value)
    assert said in sentence
    assert len(sentence) < 200
    assert "\n" not in sentence


def test_a_sequence_has_no_chains() -> None:
    protein = bare_protein("mine", "MKVLAT")
    assert parse_residues("2-3, 6", protein).tolist() == [1, 2, 5]
    with pytest.raises(AtlasError, match="A sequence has no chains: write 2 without A"):
        parse_residues("A:2", protein)


def test_the_list_is_a_property_like_any_other() -> None:
    for protein in (PROTEIN, bare_protein("mine", PROTEIN.sequence)):
        assert with_sites(protein, ()) is protein
        marked = with_sites(protein, (0, 7))
        assert with_sites(protein, (0, 7)) is marked
        chain = labelled_chain(marked)
        assert chain.own_site is not None
        assert np.flatnonzero(chain.own_site).tolist() == [0, 7]
        more = set(known_features(chain)) - set(known_features(labelled_chain(protein)))
        assert more == {"own_site"} <= FEATURES.keys()
