"""Labels of heads: what the rule must say of heads that are known, and what it must never say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from precompute.features import AMINO_ACID_FEATURES, FEATURES, OFFSET_FEATURES
from precompute.head_labels import (
    BROAD,
    FEW,
    HARDLY,
    MIXED,
    RULE,
    SINK,
    Evidence,
    HeadLabel,
    label_head,
    label_heads,
    relative_entropy,
)
from precompute.heads import published_heads
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS, PUBLISHED_LAYER_MAXIMA, PUBLISHED_TOP_HEADS

BACKGROUNDS = {
    "contact": 0.0127,
    "binding_site": 0.048,
    "secondary_structure:helix": 0.35,
    "secondary_structure:strand": 0.22,
    "amino_acid:P": 0.046,
    "amino_acid:L": 0.096,
    **{name: 0.004 for name in OFFSET_FEATURES if name != "offset:far"},
    "offset:far": 0.92,
}


def head(**shares: float) -> HeadLabel:
    """Label a head of 1,000 arcs with these lower bounds, and nothing else of note."""
    names = {name.replace(":", "_").replace("+", "p").replace("-", "m"): name for name in FEATURES}
    given = {names[name]: share for name, share in shares.items()}
    return label_head(
        {name: Evidence(given.get(name, 0.0), rate) for name, rate in BACKGROUNDS.items()}, 1000
    )


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({"offset_m1": 0.9}, "previous residue"),
        ({"offset_p1": 0.9}, "next residue"),
        ({"offset_0": 0.9}, "itself"),
        ({"offset_m1": 0.45, "offset_p1": 0.45}, "neighbours"),
        ({"offset_p2": 0.45, "offset_m2": 0.45}, "i±2"),
        ({"offset_p7": 0.8}, "i+7"),
        ({"offset_m4": 0.8}, "i−4"),
        ({"offset_p4": 0.8, "secondary_structure_helix": 0.6}, "helix i+4"),
        (
            {"offset_p4": 0.4, "offset_p3": 0.4, "secondary_structure_helix": 0.6},
            "helix i+3/i+4",
        ),
        ({"contact": 0.4}, "contact"),
        ({"binding_site": 0.5}, "binding site"),
        ({"amino_acid_P": 0.7}, "proline"),
        ({"secondary_structure_helix": 0.9}, "helix"),
        ({"secondary_structure_helix": 0.5}, MIXED),  # above its background, but half are anyway
        ({"offset_far": 0.95}, MIXED),  # nearly every pair is far apart
        ({"contact": 0.1}, MIXED),
        ({}, MIXED),
    ],
)
def test_heads_that_are_known(shares: dict[str, float], words: str) -> None:
    assert head(**shares).words == words


def test_the_most_telling_comes_first() -> None:
    both = head(amino_acid_P=0.7, contact=0.7, secondary_structure_helix=0.95)
    assert both.words == "contact"
    assert both.also == ("proline", "helix")
    assert str(both) == "contact (also proline, helix)"


def test_attention_to_special_tokens() -> None:
    evidence = {"contact": Evidence(0.4, 0.0127)}
    assert label_head(evidence, 1000, 10_000, 0.8) == HeadLabel(SINK, ("contact",))
    assert label_head(evidence, 99, 10_000, 0.8) == HeadLabel(SINK)
    assert label_head(evidence, 1000, 10_000, 0.2).words == "contact"


def test_few_arcs_are_broad_only_among_many_residues() -> None:
    evidence = {"contact": Evidence(0.4, 0.0127)}
    assert label_head(evidence, 99, 1_000_000, 0.1).words == BROAD
    assert label_head(evidence, 99, 500, 0.1).words == FEW
    assert label_head(evidence, 99).words == HARDLY
    assert label_head({}, 5000, 1_000_000, 0.1).words == MIXED


@given(st.floats(0, 1), st.floats(0.001, 0.999))
def test_bits_are_scipys_relative_entropy(share: float, background: float) -> None:
    expected = stats.entropy([share, 1 - share], [background, 1 - background], base=2)
    wanted = expected if share > background else 0.0
    assert relative_entropy(share, background) == pytest.approx(wanted, abs=1e-9)


@given(
    st.dictionaries(st.sampled_from(sorted(BACKGROUNDS)), st.floats(0, 1), max_size=8),
    st.randoms(use_true_random=False),
)
def test_order_does_not_matter_and_every_label_describes(
    shares: dict[str, float], random: object
) -> None:
    evidence = {name: Evidence(share, BACKGROUNDS[name]) for name, share in shares.items()}
    label = label_head(evidence, 1000)
    turned = dict(reversed(evidence.items()))
    assert label_head(turned, 1000) == label
    if label.words != MIXED:
        assert label.bits >= 0.5
    else:
        assert not any(one.describes for one in evidence.values())


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_of_a_property_never_takes_its_label_away(one: float, other: float) -> None:
    low, high = sorted((one, other))
    if label_head({"contact": Evidence(low, 0.0127)}, 1000).words == "contact":
        assert label_head({"contact": Evidence(high, 0.0127)}, 1000).words == "contact"


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return published_heads(
        read_published(PUBLISHED_HEADS),
        read_published(PUBLISHED_TOP_HEADS),
        read_published(PUBLISHED_LAYER_MAXIMA),
    )


@pytest.mark.parametrize(
    ("model", "place", "words"),
    [
        ("tape_bert", (12, 4), "contact"),
        ("prot_albert", (11, 3), "contact"),
        ("prot_bert", (30, 14), "contact"),
        ("prot_bert_bfd", (30, 9), "contact"),
        ("prot_xlnet", (26, 6), "contact"),
        ("tape_bert", (11, 6), "modification"),
    ],
)
def test_the_papers_best_heads(
    published: pd.DataFrame, model: str, place: tuple[int, int], words: str
) -> None:
    assert label_heads(published[published["model"] == model])[place].words == words


def test_published_labels_claim_no_more_than_the_drawings(published: pd.DataFrame) -> None:
    """Whatever is named holds for a quarter of the arcs or more, read as low as can be."""
    own = published[published["model"] == "prot_bert"]
    labels = label_heads(own)
    assert len(labels) == 480
    words = {FEATURES[name].label.split(" (")[0].lower(): name for name in FEATURES}
    by_place = {
        (int(row.layer), int(row.head), row.feature): row.percent - row.resolution
        for row in own.itertuples()
    }
    named = [
        (place, name) for place, label in labels.items() for name in (label.words, *label.also)
    ]
    checked = [by_place[*place, words[name]] for place, name in named if name in words]
    assert len(checked) > 50
    assert min(checked) >= 25
    grey = own.groupby(["layer", "head"])["masked"].all()
    assert {place for place, label in labels.items() if label.words == HARDLY} == set(
        grey[grey].index
    )
    assert not any(label.words.startswith(("i", "previous", "next")) for label in labels.values())


def test_a_measured_frame_with_special_tokens() -> None:
    names = ["contact", *AMINO_ACID_FEATURES]
    frame = pd.DataFrame(
        {
            "layer": 1,
            "head": np.repeat([1, 2, 3], len(names)),
            "feature": names * 3,
            "percent": [60.0, *[5.0] * 20] * 3,
            "resolution": np.nan,
            "interval_lower": [50.0, *[3.0] * 20] * 3,
            "background_percent": [1.3, *[5.0] * 20] * 3,
            "arcs": np.repeat([500, 500, 20], len(names)),
            "masked": np.repeat([False, False, True], len(names)),
        }
    )
    special = pd.DataFrame(
        {"layer": 1, "head": [1, 2, 3], "residues": 10_000, "weight": [100.0, 9000.0, 100.0]}
    )
    labels = label_heads(frame, special)
    assert {place: str(label) for place, label in labels.items()} == {
        (1, 1): "contact",
        (1, 2): "special-token sink (also contact)",
        (1, 3): "broad",
    }


def test_the_rule_in_words_has_the_rules_numbers() -> None:
    said = " ".join(RULE)
    for number in ("25 %", "0.5 bits", "50 %", "100 arcs", "0.01 a residue", "10 %"):
        assert number in said
