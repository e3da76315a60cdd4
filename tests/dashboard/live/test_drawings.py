"""What figures and the 3D view hold is what the arcs are."""

from __future__ import annotations

import gc
import re
import weakref

import numpy as np
import pytest

from dashboard.figures.look.arc_colours import (
    CONTACT,
    NO_CONTACT,
    SEPARATIONS,
    UNDEFINED,
    colour_arcs,
)
from dashboard.pages.live.arc_diagram_screen import arc_diagram_svg
from dashboard.pages.live.arcs import (
    Rule,
    choose_arcs,
    heads_by_feature,
    labelled_chain,
    rank_heads,
)
from dashboard.pages.live.attention_map_screen import attention_map_svg
from dashboard.pages.live.export.arcs import arcs_frame
from dashboard.pages.live.getting.inputs import open_source
from dashboard.pages.live.protein_heads_screen import heads_map_svg, ranking_html
from dashboard.pages.live.remember import MOST, remember
from dashboard.pages.live.running.attention import SCALE
from dashboard.pages.live.scene import Look, build_scene, group_arcs, viewer_keys
from dashboard.pages.live.small_maps import small_maps_html
from tests.dashboard.live.test_arcs import ATTENTION, PROTEIN, RESIDUES

ARCS = ATTENTION.head(1, 2)
FRAME = arcs_frame(PROTEIN, ARCS.source, ARCS.target, ARCS.weight / SCALE)
NAMES = [number or f"#{place}" for place, number in enumerate(PROTEIN.numbers, 1)]


def squares(markup: str) -> int:
    return sum(path.count("z") for path in re.findall(r' d="([^"]*)"', markup))


def test_the_map_has_a_square_for_each_arc_and_contact() -> None:
    chain = labelled_chain(PROTEIN)
    contacts = chain.contact_states()
    assert contacts is not None
    with_contacts = attention_map_svg(FRAME, NAMES, contacts, about="x")
    without = attention_map_svg(FRAME, NAMES, None, about="x")
    assert squares(without) == len(FRAME)
    assert squares(with_contacts) == len(FRAME) + int((contacts == 1).sum())
    assert f'data-cells="{RESIDUES}"' in without


def test_colours_say_contact_and_separation() -> None:
    colours = colour_arcs(FRAME, "contact")
    for colour, contact in zip(colours, FRAME["contact"], strict=True):
        assert colour == {True: CONTACT, False: NO_CONTACT}.get(contact, UNDEFINED)
    bounds = [least for least, _, _ in SEPARATIONS]
    for colour, apart in zip(colour_arcs(FRAME, "separation"), FRAME["separation"], strict=True):
        place = int(np.searchsorted(bounds, apart, side="right")) - 1
        assert colour == SEPARATIONS[place][2]


def test_the_diagram_has_an_arc_for_each_pair() -> None:
    drawn = choose_arcs(ARCS, PROTEIN, Rule(0.1)).frame
    colours = colour_arcs(drawn, "contact")
    markup = arc_diagram_svg(
        drawn,
        colours,
        PROTEIN.sequence,
        NAMES,
        PROTEIN.chain,
        ATTENTION.read,
        about="x",
        marked=3,
    )
    apart = int((drawn["separation"] > 0).sum())
    assert len(re.findall(r"A[\d.]+ [\d.]+ 0 0 1", markup)) == apart
    assert markup.count("<circle") == len(drawn) - apart


def test_in_the_diagram_arcs_of_a_marked_residue_stand_out() -> None:
    drawn = choose_arcs(ARCS, PROTEIN, Rule(0.1)).frame
    drawn = drawn[drawn["separation"] > 0]

    def opacities(marked: int | None) -> list[float]:
        markup = arc_diagram_svg(
            drawn,
            colour_arcs(drawn, "contact"),
            PROTEIN.sequence,
            NAMES,
            PROTEIN.chain,
            ATTENTION.read,
            about="x",
            marked=marked,
        )
        return [
            float(value) for value in re.findall(r'fill="none" stroke-opacity="([\d.]+)"', markup)
        ]

    place = int(drawn["i"].iloc[0]) - 1
    own = ((drawn["i"] == place + 1) | (drawn["j"] == place + 1)).tolist()
    plain, marked = opacities(None)[: len(own)], opacities(place)[: len(own)]
    assert any(own)
    for mine, before, after in zip(own, plain, marked, strict=True):
        assert after == before if mine else after < before


def test_names_are_text_and_never_markup() -> None:
    names = ["<b>&"] * RESIDUES
    for markup in (
        attention_map_svg(FRAME, names, None, about="<script>"),
        arc_diagram_svg(
            FRAME.head(3),
            ["#000000"] * 3,
            PROTEIN.sequence,
            names,
            None,
            ATTENTION.read,
            about="<script>",
        ),
    ):
        assert "<script" not in markup
        assert "<b>" not in markup


def test_the_heads_map_and_ranking_name_every_head() -> None:
    frame = heads_by_feature(ATTENTION, labelled_chain(PROTEIN), "contact", 0.1)
    markup = heads_map_svg(frame, [(1, 2)], about="x", unit="%")
    assert len(re.findall(r'data-pick="\d+-\d+"', markup)) == len(frame)
    table = ranking_html(rank_heads(frame, 4), [(1, 2)], "%")
    assert table.count("<tr data-pick") == min(4, int(frame["percent"].notna().sum()))


def test_without_any_share_nothing_is_ranked() -> None:
    frame = heads_by_feature(ATTENTION, labelled_chain(PROTEIN), "contact", 0.9)
    frame["percent"] = np.nan
    markup = heads_map_svg(frame, [], about="x", unit="%")
    assert "nan" not in markup
    assert "No head" in ranking_html(rank_heads(frame), [], "%")


def test_small_maps_hold_every_arc() -> None:
    markup = small_maps_html({(1, 2): FRAME, (1, 3): FRAME.head(0)}, RESIDUES, [])
    assert squares(markup) == len(FRAME)
    assert markup.count("data-pick") == 2


def test_arcs_of_a_marked_residue_stand_out() -> None:
    colours = colour_arcs(FRAME, "one")
    (whole,) = group_arcs(FRAME, colours, arrows=False, marked=None)
    (marked,) = group_arcs(FRAME, colours, arrows=False, marked=4)
    for (first, second, before), (_, _, after) in zip(whole.ends, marked.ends, strict=True):
        assert after == before if 4 in (first, second) else after < before / 2


def test_thicker_arcs_are_stronger() -> None:
    (group,) = group_arcs(FRAME, colour_arcs(FRAME, "one"), arrows=False, marked=None)
    radii = [radius for _, _, radius in group.ends]
    assert radii == sorted(radii, reverse=True)


@pytest.mark.parametrize("name", ["1MVO", "1MHW", "2FP7", "2EVB"])
@pytest.mark.parametrize("by", ["attention", "structure", "chain", "grey"])
def test_every_resolved_residue_is_found_in_the_structure(name: str, by: str) -> None:
    protein = open_source(f"example:{name}")
    keys = [key for key in viewer_keys(protein) if key]
    resolved = [key for key in protein.residue_keys if key is not None]
    assert len(keys) == len(resolved) == len(set(keys))
    received = np.linspace(0, 3, len(protein), dtype=np.float32)
    read = np.ones(len(protein), dtype=bool)
    scene = build_scene(protein, received, read, [], Look(by, labels=3), 2)
    assert len(scene.colours) == len(protein)
    assert max(scene.colours) < len(scene.palette)
    assert {place for place, _ in scene.labels} == {2, *range(len(protein) - 3, len(protein))}


def test_what_is_remembered_does_not_keep_its_owner() -> None:
    calls: list[int] = []

    class Owner:
        pass

    @remember
    def work(owner: Owner, number: int) -> int:
        calls.append(number)
        return number

    owner = Owner()
    assert [work(owner, 1), work(owner, 1), work(owner, 2)] == [1, 1, 2]
    assert calls == [1, 2]
    for number in range(3, 3 + MOST):
        work(owner, number)
    work(owner, 1)
    assert calls[-1] == 1
    watched = weakref.ref(owner)
    del owner
    gc.collect()
    assert watched() is None
