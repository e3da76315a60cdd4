"""What figures and the 3D view hold is what the arcs are."""

from __future__ import annotations

import gc
import re
import weakref
from typing import Any

import numpy as np
import pytest

from dashboard.figures.look import style
from dashboard.pages.live.arcs.arc_diagram_screen import arc_diagram_svg
from dashboard.pages.live.arcs.attention_map_screen import attention_map
from dashboard.pages.live.heads.protein_heads_screen import heads_map, ranking_html
from dashboard.pages.live.heads.small_maps import small_maps_html
from dashboard.pages.live.scene import Look, build_scene, group_arcs, viewer_keys
from dashboard.pages.live.words import residue_names
from precompute.live.arc_colours import (
    COLOURINGS,
    CONTACT,
    NO_CONTACT,
    SEPARATIONS,
    UNDEFINED,
    colour_arcs,
)
from precompute.live.arcs import (
    Rule,
    choose_arcs,
    heads_by_feature,
    labelled_chain,
    rank_heads,
)
from precompute.live.getting.inputs import open_source
from precompute.live.getting.protein import bare_protein
from precompute.live.programs.arc_frame import arcs_frame
from precompute.live.remember import MOST, remember
from precompute.live.running.attention import SCALE
from tests.precompute.live.test_arcs import ATTENTION, PROTEIN, RESIDUES

ARCS = ATTENTION.head(1, 2)
FRAME = arcs_frame(PROTEIN, ARCS.source, ARCS.target, ARCS.weight / SCALE)
NAMES = [number or f"#{place}" for place, number in enumerate(PROTEIN.numbers, 1)]


def squares(markup: str) -> int:
    return sum(path.count("z") for path in re.findall(r' d="([^"]*)"', markup))


def mapped(contacts: bool, colouring: str = "contact", marked: int | None = None) -> Any:
    """The map as data: its figure's traces and layout."""
    states = labelled_chain(PROTEIN).contact_states() if contacts else None
    names = residue_names(PROTEIN)
    return attention_map(FRAME, names, states, ("a", "b"), colouring=colouring, marked=marked)


def colour_of(figure: Any, row: int, column: int) -> str:
    """The colour of a cell, by the place of its value on the scale."""
    cells = figure.data[0]
    share = (int(cells.z[row, column]) - cells.zmin) / (cells.zmax - cells.zmin)
    return next(colour for place, colour in cells.colorscale if place > share)


def test_arcs_have_the_colours_of_all_figures() -> None:
    assert (CONTACT, NO_CONTACT) == (style.VALUE, style.OTHER)


@pytest.mark.parametrize("contacts", [True, False])
def test_the_map_has_a_cell_for_each_arc_and_contact(contacts: bool) -> None:
    figure = mapped(contacts)
    cells = np.zeros((RESIDUES, RESIDUES), dtype=bool)
    if contacts:
        states = labelled_chain(PROTEIN).contact_states()
        assert states is not None
        cells = states == 1
    cells[FRAME["i"] - 1, FRAME["j"] - 1] = True
    np.testing.assert_array_equal(figure.data[0].z > 0, cells)
    assert list(figure.data[0].x) == list(figure.data[0].y) == residue_names(PROTEIN)
    assert figure.layout.xaxis.title.text == "attended residue"
    assert figure.layout.yaxis.title.text == "attending residue"
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first one on top


@pytest.mark.parametrize("colouring", COLOURINGS)
def test_a_cell_has_its_arcs_colour_and_is_fainter_where_the_arc_is_weaker(
    colouring: str,
) -> None:
    figure = mapped(False, colouring)
    opacities = []
    for arc, colour in zip(FRAME.to_dict("records"), colour_arcs(FRAME, colouring), strict=True):
        own = colour_of(figure, arc["i"] - 1, arc["j"] - 1)
        *channels, opacity = (float(part) for part in own[5:-1].split(","))
        assert channels == list(bytes.fromhex(colour[1:]))
        opacities.append(opacity)
    assert opacities == sorted(opacities, reverse=True)  # as the arcs are
    assert len(set(opacities)) > 2


def test_the_map_says_of_every_arc_what_it_is() -> None:
    figure = mapped(True)
    cells, near = figure.data
    names = residue_names(PROTEIN)
    assert len(near.x) == len(FRAME)
    for place, arc in enumerate(FRAME.to_dict("records")):
        said = cells.text[arc["i"] - 1][arc["j"] - 1]
        assert f"{arc['weight']:.2f}" in said
        assert near.text[place] == said
        assert (near.y[place], near.x[place]) == (names[arc["i"] - 1], names[arc["j"] - 1])
    assert {one.meta["pick"] for one in figure.data} == {True}


def test_a_marked_residue_has_a_row_and_a_column() -> None:
    row, column = mapped(True, marked=7).layout.shapes
    assert (row.y0, row.y1) == (7, 7)
    assert (column.x0, column.x1) == (7, 7)


def test_many_residues_have_marks_of_several_and_each_its_own_colour() -> None:
    residues = 800
    protein = bare_protein("long", "ACDEFGHIKL" * (residues // 10))
    frame = arcs_frame(protein, [10, 10, 700], [400, 401, 3], [0.9, 0.03, 0.5])
    figure = attention_map(frame, residue_names(protein), None, ("a", "b"))
    z = figure.data[0].z
    assert 3 < int((z > 0).sum()) <= 27
    assert z[10, 400] != z[10, 401]
    assert figure.data[0].text[10][401].startswith(": 0.03")


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
    markup = arc_diagram_svg(
        FRAME.head(3),
        ["#000000"] * 3,
        PROTEIN.sequence,
        names,
        None,
        ATTENTION.read,
        about="<script>",
    )
    assert "<script" not in markup
    assert "<b>" not in markup
    title = attention_map(FRAME, residue_names(PROTEIN), None, ("<b>x", "<i>")).layout.annotations
    assert "&lt;b&gt;x" in title[0].text
    assert "<i>" not in title[0].text


def test_the_heads_map_and_ranking_name_every_head() -> None:
    frame = heads_by_feature(ATTENTION, labelled_chain(PROTEIN), "contact", 0.1)
    figure = heads_map(frame, ("Contact", "n = 1 protein"), "% of the head's arcs")
    (cells,) = figure.data
    grid = frame.pivot(index="layer", columns="head", values="percent")
    np.testing.assert_allclose(cells.z, grid, rtol=1e-6)  # NaN where they are grey
    assert cells.colorbar.title.text == "% of the head's arcs"
    for row in frame.to_dict("records"):
        said = cells.text[row["layer"] - 1][row["head"] - 1]
        assert f"{row['hits']} of {row['arcs']} arcs" in said
        assert ("too few" in said) == bool(np.isnan(row["percent"]))
    ranked = rank_heads(frame, 4)
    table = ranking_html(ranked, [(1, 2)])
    assert table.count("<tr data-pick") + table.count("<tr class") == len(ranked)
    for row in ranked.to_dict("records"):
        assert f'data-pick="{row["layer"]}-{row["head"]}"' in table
        assert f'<td data-label="%">{row["percent"]:.1f}</td>' in table


def test_without_any_share_nothing_is_ranked() -> None:
    frame = heads_by_feature(ATTENTION, labelled_chain(PROTEIN), "contact", 0.9)
    frame["percent"] = np.nan
    (cells,) = heads_map(frame, ("a", "b"), "%").data
    assert np.isnan(cells.z).all()
    assert not cells.showscale
    assert "No head" in ranking_html(rank_heads(frame), [])


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
