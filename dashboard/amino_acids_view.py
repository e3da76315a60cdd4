"""Draw the parts of the Amino acids page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import amino_acids, results
from dashboard.address import Choices, Parameter
from dashboard.amino_acids import (
    DEFAULT_THRESHOLD,
    ORDERS,
    AminoAcidHeads,
    AminoAcidSource,
    letters_in_order,
    list_sources,
    read_heads,
)
from dashboard.drawing import draw
from dashboard.export import download_buttons
from dashboard.figures.heatmap import Scale, find_scale, head_heatmap, show_heatmap, size
from dashboard.figures.shares import shares_svg
from dashboard.figures.small_heatmaps import row_width, small_heatmaps_html
from dashboard.figures.top_by_model import ends, top_by_model_svg
from dashboard.frames import top_heads
from dashboard.page import HEADS_PAGE, LIVE_PAGE, page_link, show_notes
from dashboard.permalink import Head, HeadsChoice, to_parameters
from dashboard.words import live_parameters
from precompute.chemistry import GROUPS, LETTERS
from precompute.errors import AtlasError
from precompute.features import AMINO_ACIDS
from precompute.heads import PUBLISHED
from precompute.published import MINIMUM_ARCS

SCALES = {"own": "Own", "shared": "Shared"}
DEFAULT_SOURCE = f"prot_bert_bfd:{PUBLISHED}"
MOST_MODELS = 10
"""How many models' highest heads stand side by side."""
TOP = 5
_BACKGROUND_OF = "prot_bert_bfd"


@dataclass(frozen=True)
class AminoAcidsChoice:
    """What a visitor of the page has chosen."""

    source: AminoAcidSource
    threshold: str
    letter: str
    order: str
    scale: str
    head: tuple[int, int] | None


def choose(loaded: results.Loaded) -> tuple[Choices, AminoAcidsChoice, list[str]]:
    """Draw the controls and give what they say.

    Returns
    -------
    tuple
        The page's choices, what they hold, and notes for the visitor.
    """
    sources = list_sources(loaded)
    choices = Choices(
        "amino_acids",
        (
            Parameter("source", sources, DEFAULT_SOURCE),
            Parameter("threshold", amino_acids.THRESHOLDS, DEFAULT_THRESHOLD),
            Parameter("amino_acid", LETTERS, "P"),
            Parameter("order", ORDERS, "chemistry"),
            Parameter("scale", SCALES, "own"),
            Parameter("head", _is_head, ""),
        ),
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        source = choose_source(choices, sources)
        threshold, notes = choose_threshold(choices, source)
        st.selectbox(
            "Amino acid",
            LETTERS,
            format_func=lambda letter: f"{AMINO_ACIDS[letter]} ({letter})",
            width=180,
            **choices.widget("amino_acid"),
        )
        for name, label, options in (("order", "Order", ORDERS), ("scale", "Colour scale", SCALES)):
            st.segmented_control(
                label,
                list(options),
                format_func=options.__getitem__,
                required=True,
                **choices.widget(name),
            )
    layer, _, head = choices["head"].partition(".")
    choice = AminoAcidsChoice(
        source=source,
        threshold=threshold,
        letter=choices["amino_acid"],
        order=choices["order"],
        scale=choices["scale"],
        head=(int(layer), int(head)) if head else None,
    )
    return choices, choice, notes


def choose_source(choices: Choices, sources: dict[str, AminoAcidSource]) -> AminoAcidSource:
    """Draw the choice of a model and where its values come from."""
    key = st.selectbox(
        "Model and results",
        list(sources),
        format_func=lambda key: f"{sources[key].title}{_run_name(sources[key])}",
        width=260,
        **choices.widget("source"),
    )
    return sources[key]


def choose_threshold(choices: Choices, source: AminoAcidSource) -> tuple[str, list[str]]:
    """Draw the choice of a run's threshold; published values have one only.

    Returns
    -------
    tuple
        A threshold the source has, and a note where the chosen one is not of it.
    """
    wanted = choices["threshold"]
    try:
        known = amino_acids.thresholds(source)
    except AtlasError as error:
        return wanted, [str(error)]
    notes = []
    if wanted not in known:
        nearest = min(known, key=lambda text: abs(float(text) - float(wanted)))
        notes.append(
            f"{source.title} has no threshold {wanted}; {nearest} is shown. "
            f"There {'are' if len(known) > 1 else 'is'} {', '.join(known)}."
        )
        wanted = nearest
        st.session_state[choices.key("threshold")] = nearest
    if len(known) > 1:
        st.select_slider("Threshold", known, width=180, **choices.widget("threshold"))
    return wanted, notes


def draw_maps(choices: Choices, choice: AminoAcidsChoice, heads: AminoAcidHeads) -> None:
    """Draw the twenty small maps beside the large one."""
    order = letters_in_order(choice.order, heads)
    grouped = choice.order == "chemistry"
    with st.container(horizontal=True, gap="small"):
        with st.container(width=row_width(*heads.shape), gap=None):
            draw(
                _small_maps(heads.identity, heads, order, choice.scale == "shared", grouped),
                key="amino_acids_maps",
                chosen=choice.letter,
                on_choose=partial(choices.set, "amino_acid"),
            )
            st.caption(
                f"{heads.source.title}, {heads.source.sample}: share of each head’s arcs that go "
                "to the amino acid. Columns are heads, rows layers, layer 1 below. Click a map to "
                "see it large."
            )
        with st.container(width=size(*heads.shape)[0], gap=None):
            _draw_large(choices, choice, heads)


def draw_head(
    choices: Choices, choice: AminoAcidsChoice, heads: AminoAcidHeads, loaded: results.Loaded
) -> None:
    """Draw the opened head's 20 shares beside the background."""
    layers, count = heads.shape
    if choice.head is None:
        st.caption("Click a cell of the large map to see that head’s share of every amino acid.")
        return
    layer, number = choice.head
    if layer > layers or number > count:
        show_notes([f"{heads.source.title} has no head {layer}-{number}."])
        return
    background, origin = background_of(heads, loaded)
    frame = head_shares(heads, layer, number, background)
    head = Head(heads.source.model, layer, number)
    with st.container(key="amino_acids_head", gap="small"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            st.subheader(f"Head {head.label}", anchor=False, width="content")
            st.text(heads.source.title, width="content")
            choice_there = HeadsChoice(
                feature=f"amino_acid:{choice.letter}", models=(head.model,), head=head
            )
            page_link(HEADS_PAGE, "All its properties", to_parameters(choice_there))
            page_link(LIVE_PAGE, "See it live on a protein", live_parameters(head))
            st.button(
                "Close",
                on_click=choices.set,
                args=("head", ""),
                type="tertiary",
                key="amino_acids_close",
            )
        if frame["percent"].isna().all():
            st.text(f"The head is grey: it has fewer than {MINIMUM_ARCS} arcs.")
            return
        order = letters_in_order(choice.order, heads)
        drawing = shares_svg(
            frame,
            order,
            f"Share of 20 amino acids among the arcs of head {head.label}, {heads.source.title}",
            grouped=choice.order == "chemistry",
        )
        st.markdown(f'<div style="padding-bottom:1rem">{drawing}</div>', unsafe_allow_html=True)
        st.caption(f"{_bars_of(heads)}. {origin} {heads.source.sample}.")
        name = f"atlas_amino-acids_{head.model}_{heads.source.results}_{head.label}"
        with st.popover("Table", type="tertiary"):
            download_buttons(frame, name, "Shares", "amino_acids_head_table")


def draw_models(choice: AminoAcidsChoice, loaded: results.Loaded) -> None:
    """Draw the chosen amino acid's highest heads in every model, side by side."""
    name = AMINO_ACIDS[choice.letter]
    st.markdown(f"##### {name} ({choice.letter}): the {TOP} highest heads of each model")
    tops, notes = tops_of_models(choice, loaded)
    if not tops:
        show_notes(notes)
        return
    limit = max(max(ends(row)[1] for row in top.to_dict("records")) for _, top in tops) * 1.02
    drawings = "".join(
        top_by_model_svg(top, (source.label, f"{source.origin}"), limit or 1.0)
        for source, top in tops
    )
    st.markdown(
        '<div style="display:flex;flex-wrap:wrap;gap:10px 12px;padding-bottom:1rem">'
        f"{drawings}</div>",
        unsafe_allow_html=True,
    )
    st.caption(
        "Share of the head’s arcs, %, on one axis; layer-head. Thin lines: what the drawing’s "
        "colours allow (published; the paper gives no interval for amino acids), the interval at "
        "0.05/m with the protein as sampling unit (measured). Dotted: background, where known. "
        + "; ".join(f"{source.label} {source.sample}" for source, _ in tops)
        + f". Threshold {choice.threshold} for {choice.source.title}, else {DEFAULT_THRESHOLD}."
    )
    show_notes(notes)
    with st.popover("Table", type="tertiary"):
        table = pd.concat([top for _, top in tops], ignore_index=True)
        download_buttons(
            table, f"atlas_amino-acid_{choice.letter}_models", "Highest heads", "amino_acids_tops"
        )


def tops_of_models(
    choice: AminoAcidsChoice, loaded: results.Loaded
) -> tuple[list[tuple[AminoAcidSource, pd.DataFrame]], list[str]]:
    """Collect the highest heads of one amino acid: the chosen source, then one a model.

    Returns
    -------
    tuple
        For each model its source (the chosen one, else the published values, else the
        newest run) with its highest heads; and a note for what is left out.
    """
    own: dict[str, AminoAcidSource] = {}
    for source in list_sources(loaded).values():
        own.setdefault(source.model, source)
    own[choice.source.model] = choice.source
    shown = list(own.values())[:MOST_MODELS]
    if choice.source not in shown:
        shown[-1] = choice.source
    notes = []
    if len(own) > len(shown):
        notes.append(f"{len(own) - len(shown)} more models are not shown.")
    tops = []
    for source in shown:
        threshold = choice.threshold if source == choice.source else DEFAULT_THRESHOLD
        try:
            top = top_heads(read_heads(source, threshold).frames[choice.letter], TOP)
        except AtlasError as error:
            notes.append(str(error))
            continue
        if top.empty:
            notes.append(f"{source.title}: every head is grey.")
        else:
            tops.append((source, top))
    return tops, notes


def head_shares(
    heads: AminoAcidHeads, layer: int, head: int, background: dict[str, float]
) -> pd.DataFrame:
    """Give one head's share of each amino acid beside the background.

    Returns
    -------
    pandas.DataFrame
        ``amino_acid``, ``group``, ``percent``, ``lower``, ``upper`` (the interval of a
        run, what the drawing allows of published values), ``background_percent``,
        ``enrichment`` (percent / background) and ``arcs``; in alphabetical order.
    """
    groups = {letter: name for name, letters in GROUPS.items() for letter in letters}
    rows = []
    for letter, frame in heads.frames.items():
        at = frame[(frame["layer"] == layer) & (frame["head"] == head)]
        row: dict[str, Any] = {str(k): v for k, v in at.iloc[0].items()} if len(at) else {}
        known = bool(row) and pd.notna(row["percent"])
        lower, upper = ends(row) if known else (float("nan"), float("nan"))
        percent = float(row["percent"]) if known else float("nan")
        rate = background.get(letter, float("nan"))
        rows.append(
            (
                letter,
                groups[letter],
                percent,
                lower,
                upper,
                rate,
                percent / rate if rate else None,
                row.get("arcs"),
            )
        )
    names = [
        *("amino_acid", "group", "percent", "lower", "upper"),
        *("background_percent", "enrichment", "arcs"),
    ]
    return pd.DataFrame(rows, columns=names).astype({"enrichment": float, "arcs": "Int64"})


def background_of(heads: AminoAcidHeads, loaded: results.Loaded) -> tuple[dict[str, float], str]:
    """Give how frequent each amino acid is, %, and say where that is known from.

    A run has its own; the paper gives none for amino acids, so that of the newest run
    that can be read stands in.
    """
    own = _backgrounds(heads)
    if own:
        return own, "Orange: frequency among the residues measured."
    if heads.source.run is not None:
        return {}, "The run has no background of amino acids."
    for source in list_sources(loaded).values():
        if source.run is None:
            continue
        try:
            found = _backgrounds(read_heads(source, DEFAULT_THRESHOLD))
        except AtlasError:
            continue
        if found:
            return found, (
                "The paper gives no background of amino acids; orange: frequency among the "
                f"{source.run.residues:,} residues of the run {source.run.name} "
                f"({source.run.dataset}), not the paper’s proteins."
            )
    return {}, (
        "The paper gives no background of amino acids, and no measured run is loaded that has one."
    )


def definition(heads: AminoAcidHeads) -> str:
    """Define what the maps show, in Markdown of our own words only."""
    source = (
        "read off the vector figures of Vig et al., ICLR 2021 (arXiv 2006.15222), exact to ± the "
        "resolution in the table"
        if heads.source.run is None
        else "counted by this project’s own run"
    )
    return (
        "**Percent**: arcs that go to the amino acid over all residue-to-residue arcs of the head, "
        "pooled over proteins. An arc is one directed attention weight of at least "
        f"{heads.threshold:g}. Heads with fewer than {MINIMUM_ARCS} arcs are grey.\n\n"
        f"**Source**: {source}.\n\n"
        "**Clustering**: average linkage of 1 − r, r Pearson’s correlation of two amino acids’ "
        "shares over the heads that are not grey.\n\n"
        "**Groups**: "
        + "; ".join(f"{name} {' '.join(letters)}" for name, letters in GROUPS.items())
        + "."
    )


def _draw_large(choices: Choices, choice: AminoAcidsChoice, heads: AminoAcidHeads) -> None:
    frame = heads.frames[choice.letter]
    like = list(heads.frames.values()) if choice.scale == "shared" else [frame]
    title = (
        f"{AMINO_ACIDS[choice.letter]} ({choice.letter}) · {heads.source.label}",
        f"{heads.source.origin}, {heads.source.sample}",
    )
    best = top_heads(frame, 1)
    said = (
        "Every head is grey."
        if best.empty
        else (
            f"Highest {int(best['layer'].iloc[0])}-{int(best['head'].iloc[0])}: "
            f"{best['percent'].iloc[0]:.2f} %; median {frame['percent'].median():.2f} %; "
            f"{int(frame['percent'].isna().sum())} of {len(frame)} heads grey "
            f"(fewer than {MINIMUM_ARCS} arcs)."
        )
    )
    name = f"atlas_heads_{heads.source.model}_amino_acid-{choice.letter}_{heads.source.results}"
    show_heatmap(
        _large(heads.identity, choice.letter, frame, find_scale(like, "percent"), title),
        key="heatmap_amino_acid",
        alt=f"Heatmap: {', '.join(title)}. {said}",
        file_name=name,
        chosen=choice.head,
        on_click=partial(_clicked, choices, choice.head),
    )
    st.caption(said)
    with st.popover("Definition and tables", type="tertiary"):
        st.markdown(definition(heads))
        download_buttons(frame, name, "Large map", "amino_acids_large")
        download_buttons(
            heads.table,
            f"atlas_amino-acids_{heads.source.model}_{heads.source.results}",
            "All 20 maps",
            "amino_acids_all",
        )


@st.cache_resource(show_spinner=False, max_entries=96)
def _large(
    identity: str, letter: str, _frame: pd.DataFrame, scale: Scale, title: tuple[str, str]
) -> dict[str, Any]:
    del identity, letter  # tell one frame from the next
    return head_heatmap(_frame, scale, title)


@st.cache_resource(show_spinner=False, max_entries=32)
def _small_maps(
    identity: str, _heads: AminoAcidHeads, order: tuple[str, ...], shared: bool, grouped: bool
) -> str:
    del identity  # tells one state of the results from the next
    return small_heatmaps_html(_heads.frames, order, shared=shared, grouped=grouped)


def _clicked(choices: Choices, opened: tuple[int, int] | None) -> None:
    """Open the clicked head, or close it if it is the open one."""
    layer, head = (int(number) for number in st.session_state["heatmap_amino_acid"].clicked)
    choices.set("head", "" if (layer, head) == opened else f"{layer}.{head}")


def _backgrounds(heads: AminoAcidHeads) -> dict[str, float]:
    rates = {
        letter: float(frame["background_percent"].iloc[0])
        for letter, frame in heads.frames.items()
        if frame["background_percent"].notna().any()
    }
    return rates if len(rates) == len(LETTERS) else {}


def _bars_of(heads: AminoAcidHeads) -> str:
    if heads.source.run is None:
        return "Thin lines: what the drawing’s colours allow; the paper gives no interval"
    return "Thin lines: interval at 0.05/m, the protein as sampling unit, m heads not grey"


def _is_head(text: str) -> bool:
    layer, _, head = text.partition(".")
    return all(
        part.isascii() and part.isdigit() and len(part) <= 4 and part[0] != "0"
        for part in (layer, head)
    )


def _run_name(source: AminoAcidSource) -> str:
    if source.run is None:
        return ""
    return f", n = {source.run.proteins:,} ({source.run.name})"
