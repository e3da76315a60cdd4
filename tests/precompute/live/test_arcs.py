"""Which arcs are drawn and how heads are ranked, against loops over the whole matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.live.arcs import (
    MINIMUM_ARCS,
    Rule,
    background,
    best_head,
    choose_arcs,
    heads_by_attention_to,
    heads_by_feature,
    heads_by_residues,
    known_features,
    labelled_chain,
    rank_heads,
)
from precompute.live.getting.protein import Protein, ResidueKey, bare_protein
from precompute.live.residue_list import parse_residues
from precompute.live.running.attention import HeadArcs, SparseAttention, to_units

RESIDUES, LAYERS, HEADS = 40, 2, 3
LETTERS = "ACDEFGHIKLMNPQRSTVWY"


def make_protein(seed: int = 0) -> Protein:
    """A folded chain with all labels; numbers begin at 5, one has an insertion code."""
    random = np.random.default_rng(seed)
    steps = random.normal(size=(RESIDUES, 3))
    steps *= 3.8 / np.linalg.norm(steps, axis=1, keepdims=True)
    sequence = "".join(random.choice(list(LETTERS), RESIDUES))
    resolved = random.random(RESIDUES) > 0.1
    numbers = [str(place + 5) for place in range(RESIDUES)]
    numbers[12] = "16A"
    numbers[20] = ""
    chain = Chain(
        "test.A",
        sequence,
        alpha_carbons=np.cumsum(steps, axis=0) * 0.5,
        resolved=resolved,
        secondary_structure=random.integers(-1, 4, RESIDUES),
        binding_site=random.random(RESIDUES) < 0.2,
        modification=random.random(RESIDUES) < 0.1,
    )
    keys = [ResidueKey("A", place + 5) if ok else None for place, ok in enumerate(resolved)]
    return Protein(
        "test", "", "upload", sequence, tuple(numbers), "A", ("A",), chain, "", "pdb", tuple(keys)
    )


def make_stack(seed: int = 0) -> np.ndarray:
    """Rows that sum to one, a few weights large; shape (layers, heads, residues, residues)."""
    random = np.random.default_rng(seed)
    scores = 6 * random.normal(size=(LAYERS, HEADS, RESIDUES, RESIDUES))
    whole = np.exp(scores - scores.max(axis=3, keepdims=True))
    return (whole / whole.sum(axis=3, keepdims=True)).astype(np.float32)


def sparse(whole: np.ndarray, floor: float = 0.02) -> SparseAttention:
    layers, heads, residues, _ = whole.shape
    layer, head, row, column = np.nonzero(whole >= np.float32(floor))
    counts = np.bincount(layer * heads + head, minlength=layers * heads)
    return SparseAttention(
        layers,
        heads,
        residues,
        floor,
        np.concatenate([[0], np.cumsum(counts)]),
        row.astype(np.int16),
        column.astype(np.int16),
        to_units(whole[layer, head, row, column]),
        whole.sum(axis=2).astype(np.float32),
        np.zeros((layers, heads), dtype=np.float32),
        np.ones(residues, dtype=bool),
    )


PROTEIN, STACK = make_protein(), make_stack()
ATTENTION = sparse(STACK)


@settings(deadline=None, max_examples=40)
@given(
    threshold=st.sampled_from([0.05, 0.1, 0.3, 0.5]),
    direction=st.sampled_from(["each", "larger", "mean"]),
    separation=st.sampled_from([0, 2, 6, 24]),
    most=st.sampled_from([1, 5, 1000]),
)
def test_the_drawn_arcs_are_those_of_a_loop(
    threshold: float, direction: str, separation: int, most: int
) -> None:
    rule = Rule(threshold, direction, separation, most)  # type: ignore[arg-type]
    drawn = choose_arcs(ATTENTION.head(2, 1), PROTEIN, rule)
    matrix = np.where(STACK[1, 0] >= np.float32(0.02), STACK[1, 0], 0).astype(float)
    expected = {}
    for i in range(RESIDUES):
        for j in range(RESIDUES):
            if abs(i - j) < separation or (direction != "each" and j < i):
                continue
            both = matrix[i, j], matrix[j, i]
            weight = {"each": both[0], "larger": max(both), "mean": sum(both) / 2}[direction]
            if weight >= threshold:
                expected[i + 1, j + 1] = weight
    assert drawn.found == len(expected)
    strongest = sorted(expected.values(), reverse=True)[:most]
    np.testing.assert_allclose(drawn.frame["weight"], strongest, atol=3e-5)
    pairs = zip(drawn.frame["i"], drawn.frame["j"], drawn.frame["weight"], strict=True)
    assert all(abs(expected[i, j] - weight) < 3e-5 for i, j, weight in pairs)


@pytest.mark.parametrize("feature", known_features(PROTEIN.chain))  # type: ignore[arg-type]
def test_shares_are_those_of_a_loop(feature: str) -> None:
    chain = labelled_chain(PROTEIN)
    frame = heads_by_feature(ATTENTION, chain, feature, 0.1)
    states = chain.contact_states()
    assert states is not None
    classes = ("helix", "strand", "turn_bend", "blank")

    def has(i: int, j: int) -> bool:
        group, _, value = feature.partition(":")
        if group == "contact":
            return bool(states[i, j] == 1)
        if group == "offset":
            return abs(j - i) > 10 if value == "far" else j - i == int(value)
        if group == "amino_acid":
            return chain.sequence[j] == value
        if group == "secondary_structure":
            return bool(chain.secondary_structure[j] == classes.index(value))
        return bool(getattr(chain, feature)[j])

    for row in frame.to_dict("records"):
        matrix = STACK[row["layer"] - 1, row["head"] - 1]
        pairs = np.argwhere(matrix >= np.float32(0.1)).tolist()
        hits = sum(has(i, j) for i, j in pairs)
        assert (row["arcs"], row["hits"]) == (len(pairs), hits)
        if len(pairs) >= MINIMUM_ARCS:
            assert row["percent"] == pytest.approx(100 * hits / len(pairs))
        else:
            assert np.isnan(row["percent"])


def test_the_background_of_contacts_is_that_of_eligible_pairs() -> None:
    chain = labelled_chain(PROTEIN)
    states = chain.contact_states()
    assert states is not None
    assert background(chain, "contact") == pytest.approx(100 * (states[states >= 0]).mean())
    share = chain.sequence.count("A") / len(chain.sequence)
    assert background(chain, "amino_acid:A") == pytest.approx(100 * share)


def test_a_bare_sequence_has_no_contacts() -> None:
    names = known_features(labelled_chain(bare_protein("mine", "MKVLAT")))
    assert set(names) == {name for name in FEATURES if name.startswith(("amino_acid:", "offset:"))}


def test_arcs_that_end_at_chosen_residues() -> None:
    chosen = np.array([3, 7, 8])
    frame = heads_by_residues(ATTENTION, chosen, 0.1)
    for row in frame.to_dict("records"):
        matrix = STACK[row["layer"] - 1, row["head"] - 1] >= np.float32(0.1)
        assert row["hits"] == matrix[:, chosen].sum()
    everywhere = heads_by_residues(ATTENTION, np.arange(RESIDUES), 0.1)
    assert (everywhere["hits"] == everywhere["arcs"]).all()


def test_attention_to_a_residue_adds_up_over_residues() -> None:
    total = sum(
        heads_by_attention_to(ATTENTION, place, 0.3)["percent"].to_numpy()
        for place in range(RESIDUES)
    )
    np.testing.assert_allclose(total, 100, rtol=1e-4)


def test_the_best_head_has_the_highest_share_of_contacts() -> None:
    chain = labelled_chain(PROTEIN)
    frame = heads_by_feature(ATTENTION, chain, "contact", 0.1)
    layer, head = best_head(ATTENTION, chain, 0.1)
    own = frame[(frame["layer"] == layer) & (frame["head"] == head)]["percent"].iloc[0]
    assert own == frame["percent"].max()
    assert best_head(ATTENTION, chain, 0.1, layer=2)[0] == 2
    assert best_head(ATTENTION, chain, 0.1, head=3)[1] == 3
    ranked = rank_heads(frame, 3)["percent"].tolist()
    assert ranked == sorted(frame["percent"].dropna(), reverse=True)[:3]


def test_without_any_arc_a_head_is_shown_all_the_same() -> None:
    flat = sparse(np.full((1, 2, 8, 8), 1 / 8, dtype=np.float32), floor=0.5)
    assert best_head(flat, Chain("x", "ACDEFGHI"), 0.9) == (1, 1)


def test_on_few_arcs_the_head_with_most_contacts_is_shown() -> None:
    chain = labelled_chain(PROTEIN)
    states = chain.contact_states()
    assert states is not None
    (i, j), *_ = np.argwhere(states == 1).tolist()
    (a, b), *_ = np.argwhere(states == 0).tolist()
    whole = np.zeros((1, 3, RESIDUES, RESIDUES), dtype=np.float32)
    whole[0, 0, a, b] = whole[0, 0, b, a] = 0.9  # more arcs, and no contact
    whole[0, 1, i, j] = 0.9
    few = sparse(whole)
    assert heads_by_feature(few, chain, "contact", 0.3)["percent"].isna().all()
    assert best_head(few, chain, 0.3) == (1, 2)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("5", [0]),
        ("5-8", [0, 1, 2, 3]),
        ("8–5, 10", [0, 1, 2, 3, 5]),
        ("16A", [12]),
        (" 5;6 7 ", [0, 1, 2]),
        ("", []),
    ],
)
def test_residues_are_chosen_by_their_authors_numbers(text: str, places: list[int]) -> None:
    assert parse_residues(text, PROTEIN).tolist() == places


@pytest.mark.parametrize("text", ["900", "5-900", "abc", "5--8-9", "17", "<b>"])
def test_residues_that_are_not_there(text: str) -> None:
    with pytest.raises(AtlasError):
        parse_residues(text, PROTEIN)


def test_no_arcs_at_all() -> None:
    nothing = HeadArcs(np.zeros(0, np.int16), np.zeros(0, np.int16), np.zeros(0, np.uint16))
    for direction in ("each", "larger", "mean"):
        drawn = choose_arcs(nothing, PROTEIN, Rule(direction=direction))  # type: ignore[arg-type]
        assert (drawn.found, len(drawn.frame)) == (0, 0)
