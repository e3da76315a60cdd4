"""Heads together: what the mean of the best heads says of a protein's contacts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.caption import caption_html
from dashboard.page.chart import show_chart, to_json
from dashboard.page.controls import choose_one
from dashboard.page.markup import show_markup
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.pages.live.arcs.arc_diagram_screen import arc_diagram_svg
from dashboard.pages.live.arcs.attention_map_screen import LEFT, PIXELS, RIGHT
from dashboard.pages.live.arcs.protein_print import live_source
from dashboard.pages.live.controls import (
    correct_here,
    find_residue,
    mark_residue,
    residue_text,
)
from dashboard.pages.live.scene import MARK, Look, build_scene
from dashboard.pages.live.shown import Shown, zoom_of
from dashboard.pages.live.together import together_screen as screen
from dashboard.pages.live.together.together_print import together_figure
from dashboard.pages.live.views import VIEW_PIXELS
from dashboard.pages.live.waiting import stop_together, wait_for_together
from dashboard.pages.live.words import residue_labels, residue_names
from dashboard.results.loaded import Loaded
from dashboard.results.together import Ranking, rank_heads
from dashboard.structure.molecule import Ball, show_structure
from precompute.live.arc_colours import (
    CONTACT,
    NO_CONTACT,
    UNDEFINED,
    Key,
    colour_arcs,
    legend_html,
)
from precompute.live.getting.protein import Protein, plain
from precompute.live.programs.arc_frame import contacts_of
from precompute.live.remember import remember
from precompute.live.running.attention import Given
from precompute.live.running.together import HeadsTogether, heads_to_ask
from precompute.live.together import Predicted, predict, rank_of_pair

Pair = tuple[int, int]
_PAIR_WEIGHT, _LINK_WEIGHT = 1.0, 0.15
"""Of the marked pair's link, and of the others: they are thick as arcs of such weights are."""
_NAMED = 12
"""Heads that are named one by one."""


@part
def draw_together(shown: Shown, given: Given, loaded: Loaded) -> None:
    """Draw the mean of the best heads, once it is asked for."""
    choices = shown.choices
    with st.container(key="live_together_part"):
        label = "Heads together: contacts by the mean of the best"
        if choose_one(choices, "together", label) == "no":
            stop_together()
            show_notes(choices.pass_by("heads together are hidden", "best", "pair"))
            return
        shape = shown.attention.layers, shown.attention.heads
        ranking = rank_heads(shown.offer.model, str(choices["model"]), shape, loaded)
        count = _choose_count(shown, ranking)
        asked = heads_to_ask(ranking.heads, count, len(shown.protein))
        together = wait_for_together(shown.offer, given, asked)
        if together is not None:
            _draw(shown, together, ranking, count)


def _choose_count(shown: Shown, ranking: Ranking) -> int:
    choices = shown.choices
    allowed = choices.parameters["best"].allowed
    assert not callable(allowed)
    there = [one for one in allowed if int(one) <= len(ranking.heads)]
    if choices["best"] not in there:
        why = f"Of this model {len(there)} heads are ranked: their mean is shown."
        correct_here(choices, "best", there[-1], why)
    if len(there) > 1:
        st.select_slider("Heads in the mean", there, width=300, **choices.widget("best"))
    return int(choices["best"])


def _draw(shown: Shown, together: HeadsTogether, ranking: Ranking, count: int) -> None:
    protein = shown.protein
    predicted = predict(together, protein, count)
    pair = _marked_pair(shown)
    heads = _heads_words(shown, ranking, count)
    title = (f"{shown.offer.model.label}, {_mean_of(count)}", _below(protein))
    with st.container(horizontal=True, gap="small"):
        if protein.view is not None:
            with st.container(width=540, gap=None):
                _draw_structure(shown, predicted, pair)
        with st.container(width=PIXELS + LEFT + RIGHT, gap=None):
            show_chart(
                _map_json(together, protein, count, title, pair),
                key="live_together_map",
                alt=f"Heatmap: {title[0]} on {protein.identifier}. {_says(predicted)}",
                file_name=f"{protein.identifier}_together_{count}",
                on_pick=partial(_pick_names, shown),
            )
    show_markup(
        _arcs(shown, predicted, pair, title[0]),
        key="live_together_arcs",
        picked=lambda place: mark_residue(shown.choices, protein, int(place)),
    )
    st.html(legend_html(_keys(predicted)) + caption_html(f"{heads} {_says(predicted)}"))
    _say_pair(shown, predicted, pair)
    with st.container(horizontal=True, gap="medium"):
        if len(predicted.precision):
            said = "Contacts: C-alpha atoms less than 8 Å apart, on this protein."
            st.html(screen.precision_html(predicted) + caption_html(said), width="content")
        with st.container(width="content", gap=None):
            show_markup(
                screen.pairs_html(predicted, residue_names(protein), pair),
                key="live_together_pairs",
                picked=partial(_pick_places, shown),
            )
    take_along(
        partial(_figure, shown, predicted, heads, count),
        "live_together",
        chart=partial(_map, together, protein, count, title, pair),
        linked=not protein.private,
        label="Take map and pairs along",
    )


def _mean_of(count: int) -> str:
    return "best head for contacts" if count == 1 else f"mean of the {count} best heads"


def _below(protein: Protein) -> str:
    return f"{plain(protein.identifier, 24)}: pairs at least 6 apart, {protein.sample}"


def _heads_words(shown: Shown, ranking: Ranking, count: int) -> str:
    size = shown.attention.heads
    named = [f"{place // size + 1}-{place % size + 1}" for place in ranking.heads[:count]]
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    mean = _mean_of(count)
    return f"{mean[:1].upper()}{mean[1:]}, by {ranking.source}: {', '.join(named[:_NAMED])}{more}."


def _says(predicted: Predicted) -> str:
    pairs = predicted.pairs
    text = f"The {len(pairs)} pairs scored highest are drawn"
    if len(predicted.precision):
        share = 100 * float(pairs["contact"].fillna(False).mean()) if len(pairs) else 0.0
        precision = screen.precision_words(predicted)
        text += f"; {share:.1f} % of them are contacts. Precision at L: {precision}"
    return f"{text}."


def _keys(predicted: Predicted) -> tuple[Key, ...]:
    score = Key(f"rgb({screen.SCORE})", "score")
    if not len(predicted.precision):
        return score, Key(UNDEFINED, "predicted; no structure says whether it is right")
    return (
        score,
        Key(CONTACT, "predicted, a contact"),
        Key(NO_CONTACT, "predicted, no contact"),
        Key("rgba(128,128,128,0.5)", "contact"),
    )


def _marked_pair(shown: Shown) -> Pair | None:
    """Give the marked pair, from 0, the first residue first; None, with a note, where not there."""
    first, _, second = str(shown.choices["pair"]).partition(":")
    if not second:
        return None
    ends = [find_residue(text, shown.protein) for text in (first, second)]
    if ends[0] is None or ends[1] is None:
        return None
    if ends[0] == ends[1]:
        show_notes([f"The pair {shown.choices['pair']} is one residue and not two."])
        return None
    return min(ends[0], ends[1]), max(ends[0], ends[1])


def _pick(shown: Shown, first: int, second: int) -> None:
    ends = sorted((first, second))
    text = ":".join(residue_text(shown.protein, place) for place in ends)
    again = first == second or shown.choices["pair"] == text
    shown.choices.set("pair", "" if again else text)


def _pick_names(shown: Shown, names: list[str]) -> None:
    known = residue_names(shown.protein)
    _pick(shown, known.index(names[0]), known.index(names[1]))


def _pick_places(shown: Shown, value: str) -> None:
    first, _, second = value.partition(":")
    _pick(shown, int(first), int(second))


def _say_pair(shown: Shown, predicted: Predicted, pair: Pair | None) -> None:
    if pair is None:
        st.caption("Click a pair in the map or the table to mark it.")
        return
    protein = shown.protein
    found = rank_of_pair(predicted, *pair)
    parts = [" – ".join(map(protein.label, pair))]
    if found is None:
        parts.append("no score: closer than 6 in the sequence, or not read")
    else:
        parts.append(f"score {found[0]:.4f}, rank {found[1]:,} of {found[2]:,} pairs")
    states = contacts_of(protein)
    if states is not None:
        state = {1: "a contact", 0: "no contact"}.get(int(states[pair]))
        parts.append(state or "closer than 6 in the sequence, or not resolved")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"{'; '.join(parts)}.", width="stretch")
        st.button(
            "Unmark the pair",
            key="live_together_unmark",
            type="tertiary",
            on_click=shown.choices.set,
            args=("pair", ""),
        )


def _links(predicted: Predicted, pair: Pair | None) -> pd.DataFrame:
    """Give the pairs as arcs to draw, the marked one thick where it is among them."""
    frame = predicted.pairs
    marked = np.zeros(len(frame), dtype=bool)
    if pair is not None:
        marked = ((frame["i"] == pair[0] + 1) & (frame["j"] == pair[1] + 1)).to_numpy()
    return frame.assign(weight=np.where(marked, _PAIR_WEIGHT, _LINK_WEIGHT))


def _draw_structure(shown: Shown, predicted: Predicted, pair: Pair | None) -> None:
    protein = shown.protein
    assert protein.view is not None
    nothing = np.zeros(len(protein), dtype=np.float32)
    links = _links(predicted, pair)
    look = Look("grey", sites=False)
    drawn = [(links, colour_arcs(links, "contact"))]
    scene = build_scene(protein, nothing, shown.attention.read, drawn, look, shown.marked)
    if pair is not None:
        balls = tuple(Ball(place, MARK, 1.3, 1.0) for place in pair)
        labels = tuple((place, protein.label(place)) for place in pair)
        scene = replace(scene, balls=(*scene.balls, *balls), labels=(*scene.labels, *labels))

    def clicked() -> None:
        place = st.session_state["live_together_molecule"].get("residue")
        if place is not None:
            mark_residue(shown.choices, protein, int(place))

    show_structure(
        protein.view, key="live_together_molecule", height=VIEW_PIXELS, scene=scene, clicked=clicked
    )


def _arcs(shown: Shown, predicted: Predicted, pair: Pair | None, name: str) -> str:
    links = _links(predicted, pair)
    return arc_diagram_svg(
        links,
        colour_arcs(links, "contact"),
        shown.protein.sequence,
        residue_labels(shown.protein),
        shown.protein.chain,
        shown.attention.read,
        about=f"{name} on {shown.protein.identifier}. {_says(predicted)}",
        marked=shown.marked,
    )


def _map(
    together: HeadsTogether,
    protein: Protein,
    count: int,
    title: tuple[str, str],
    pair: Pair | None,
) -> Chart:
    return screen.together_map(
        predict(together, protein, count),
        residue_names(protein),
        contacts_of(protein),
        title,
        pair,
        zoom_of(protein),
    )


@remember
def _map_json(
    together: HeadsTogether,
    protein: Protein,
    count: int,
    title: tuple[str, str],
    pair: Pair | None,
) -> str:
    return to_json(_map(together, protein, count, title, pair))


def _figure(shown: Shown, predicted: Predicted, heads: str, count: int) -> PaperFigure:
    source = live_source(shown.protein, shown.offer.model, f"Heads together ({count})")
    return together_figure(predicted, contacts_of(shown.protein), heads, source)
