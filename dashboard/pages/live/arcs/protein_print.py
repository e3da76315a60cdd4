"""One protein under a model, for print: a head's map, arcs over the sequence, all heads.

The Live page hands over what it has computed; from the shell the model is run here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dashboard.figures.look.citation import works_of
from dashboard.figures.printing.figure import LIVE, PaperFigure, Source
from dashboard.pages.live.arcs.arc_diagram_print import arc_diagram_figure
from dashboard.pages.live.arcs.attention_map_print import attention_map_figure
from dashboard.pages.live.heads.protein_heads_print import protein_heads_figure
from dashboard.pages.live.offered import is_offered
from dashboard.pages.live.two.quadrants import quadrant_sentence, two_parts
from dashboard.pages.live.words import (
    arc_keys,
    feature_words,
    few_words,
    rule_words,
    structure_keys,
)
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.live import arcs as arc
from precompute.live.arc_colours import COLOURINGS, HEAD_COLOURS, colour_arcs
from precompute.live.arcs import Head
from precompute.live.getting.protein import Protein
from precompute.live.programs.arc_frame import arcs_frame
from precompute.live.running.attention import SCALE, SparseAttention
from precompute.models import MODELS, Model

KINDS: dict[str, str] = {
    "map": "a head's attention, residue by residue, with contacts",
    "arcs": "the arcs of one to four heads over the sequence",
    "heads": "every head's share of arcs with a property",
}
"""What is drawn of a protein, by its name in the shell."""


def live_source(
    protein: Protein, model: Model, what: str, heads: Sequence[Head] = (), threshold: str = ""
) -> Source:
    """Say what a figure of a protein shows, and that it was computed live.

    Parameters
    ----------
    protein
        What the model read.
    model
        The model.
    what
        Begins the title, before the protein.
    heads
        The heads it is of; none where it is of all.
    threshold
        Smallest weight of an arc, where one was asked for.
    """
    chain = f", chain {protein.chain_name}" if protein.chain_name else ""
    many = "s" if len(heads) > 1 else ""
    named = ", ".join(f"{layer}-{head}" for layer, head in heads)
    return Source(
        models=model.label + (f", head{many} {named}" if heads else ""),
        results=LIVE,
        feature=f"{what} on {protein.identifier}{chain}",
        threshold=threshold,
        n=protein.sample,
        cite=works_of([model.name]),
    )


def map_figure(
    protein: Protein, model: Model, attention: SparseAttention, head: Head
) -> PaperFigure:
    """Make the map of one head, of everything that was kept of it."""
    arcs = attention.head(*head)
    return attention_map_figure(
        arcs_frame(protein, arcs.source, arcs.target, arcs.weight / SCALE),
        protein.chain.contact_states() if protein.chain is not None else None,
        len(protein),
        live_source(protein, model, "Attention", [head]),
        attention.floor,
        two_parts(protein),
        quadrant_sentence(protein, attention, head),
    )


def arcs_figure(
    protein: Protein,
    model: Model,
    attention: SparseAttention,
    heads: Sequence[Head],
    rule: arc.Rule,
    colouring: str,
) -> PaperFigure:
    """Make the arcs of some heads over the sequence.

    Parameters
    ----------
    protein, model, attention
        The protein, the model, and what it attends to.
    heads
        Several have a colour each.
    rule
        Which arcs are drawn.
    colouring
        A key of `precompute.live.arc_colours.COLOURINGS`, of one head's arcs.
    """
    frames, found = [], 0
    for number, head in enumerate(heads):
        drawn = arc.choose_arcs(attention.head(*head), protein, rule)
        frame, found = drawn.frame, found + drawn.found
        way = colouring if len(heads) == 1 else "one"
        colours = colour_arcs(frame, way, HEAD_COLOURS[number])
        frames.append(frame.assign(colour=colours, head=f"{head[0]}-{head[1]}"))
    known = protein.chain is not None and protein.chain.secondary_structure is not None
    return arc_diagram_figure(
        pd.concat(frames, ignore_index=True),
        protein,
        attention.read,
        (
            *arc_keys(heads, colouring, two=protein.boundary is not None),
            *(structure_keys() if known else ()),
        ),
        live_source(protein, model, "Arcs", heads, f"{rule.threshold:.2f}"),
        rule_words(rule),
        found,
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    from dashboard.figures.printing import shell

    kinds = "; ".join(f"{name}: {words}" for name, words in KINDS.items())
    parser.add_argument(
        "--kind", choices=tuple(KINDS), default="map", help=f"{kinds} (default map)"
    )
    protein = parser.add_mutually_exclusive_group(required=True)
    protein.add_argument(
        "--protein", metavar="SOURCE", help="example:1MVO, pdb:1T8K or uniprot:P69905"
    )
    protein.add_argument(
        "--file", metavar="FILE", help="a PDB, mmCIF or FASTA file, or its gzip, of your own"
    )
    parser.add_argument("--chain", metavar="NAME", help="of a structure; the first by default")
    one_sequence = [name for name, model in MODELS.items() if not model.reads_alignments]
    parser.add_argument(
        "--model", choices=one_sequence, default="demo", metavar="NAME", help="default demo"
    )
    parser.add_argument(
        "--weights", metavar="DIR", help="its checkpoint; the hub's cache, then the hub by default"
    )
    parser.add_argument(
        "--head",
        action="append",
        metavar="LAYER-HEAD",
        help="from 1, such as 1-10; several for arcs; the best one by default",
    )
    parser.add_argument(
        "--threshold", type=float, default=0.3, metavar="W", help="of an arc (default 0.3)"
    )
    parser.add_argument("--direction", choices=tuple(arc.DIRECTIONS), default="each")
    parser.add_argument(
        "--separation", type=int, default=0, metavar="N", help="smallest distance in the sequence"
    )
    parser.add_argument(
        "--most", type=int, default=200, metavar="N", help="the strongest so many (default 200)"
    )
    parser.add_argument("--colour", choices=tuple(COLOURINGS), default="contact", help="of arcs")
    parser.add_argument(
        "--feature", default="contact", metavar="NAME", help="of --kind heads (default contact)"
    )
    shell.add_address(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Run the model and make the figure that the options name.

    Raises
    ------
    AtlasError
        When the protein, the model, the head or the property cannot be had.
    """
    from dashboard.figures.printing.shell import permalink

    if not 0 < options.threshold <= 1 or options.separation < 0 or options.most < 1:
        raise AtlasError(
            "--threshold is above 0 and at most 1, --separation not below 0, --most at least 1."
        )
    named = _parse_heads(options.head or [], options.kind)
    protein = _read_protein(options)
    chain = arc.labelled_chain(protein)
    if options.kind == "heads" and options.feature not in arc.known_features(chain):
        raise AtlasError(
            f"{options.feature} is not known of {protein.identifier}; known are "
            f"{', '.join(arc.known_features(chain))}."
        )
    model = MODELS[options.model]
    attention = _attend(model, options.weights, protein)
    if options.threshold < attention.floor:
        raise AtlasError(
            f"Weights below {attention.floor:g} are not kept; give --threshold at least that."
        )
    heads = _check_heads(named, attention, model) or [
        arc.best_head(attention, chain, options.threshold)
    ]
    address = {
        **{name: [value] for name, value in protein.parameters.items()},
        "model": [model.name],
        "layer": [str(heads[0][0])],
        "head": [str(heads[0][1])],
        "also": [f"{layer}-{head}" for layer, head in heads[1:]],
        "threshold": [f"{options.threshold:.2f}"],
    }
    if options.kind == "map":
        figure = map_figure(protein, model, attention, heads[0])
    elif options.kind == "arcs":
        rule = arc.Rule(options.threshold, options.direction, options.separation, options.most)
        figure = arcs_figure(protein, model, attention, heads, rule, options.colour)
        address |= {
            "direction": [options.direction],
            "separation": [str(options.separation)],
            "most": [str(options.most)],
            "colour": [options.colour],
        }
    else:
        frame = arc.heads_by_feature(attention, chain, options.feature, options.threshold)
        words = feature_words(protein, attention, options.feature, few_words(options.threshold))
        label = FEATURES[options.feature].label
        source = live_source(protein, model, label, threshold=f"{options.threshold:.2f}")
        figure = protein_heads_figure(frame, heads, source, words, "% of the head's arcs")
        address["by"] = [options.feature]
    chosen = (options.separation, options.most) if options.kind == "arcs" else ()
    if protein.private or not is_offered(options.threshold, *chosen):
        return figure
    link = permalink(options.address, "Live", address)
    return replace(figure, source=replace(figure.source, permalink=link))


def _parse_heads(names: Sequence[str], kind: str) -> list[Head]:
    from dashboard.figures.printing.shell import parse_head

    heads = [parse_head(name) for name in dict.fromkeys(names)]
    if kind == "map" and len(heads) > 1:
        raise AtlasError("A map is of one head; --kind arcs takes several.")
    if len(heads) > len(HEAD_COLOURS):
        raise AtlasError(f"At most {len(HEAD_COLOURS)} heads are drawn in one figure.")
    return heads


def _check_heads(heads: list[Head], attention: SparseAttention, model: Model) -> list[Head]:
    for layer, head in heads:
        if layer > attention.layers or head > attention.heads:
            raise AtlasError(
                f"{model.label} has {attention.layers} × {attention.heads} heads, and no "
                f"{layer}-{head}."
            )
    return heads


def _read_protein(options: argparse.Namespace) -> Protein:
    from precompute.live.getting.files import open_upload, upload_chain
    from precompute.live.getting.inputs import open_source
    from precompute.live.getting.sequences import Records

    if options.protein:
        return open_source(options.protein, options.chain)
    path = Path(options.file)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AtlasError(f"{path} cannot be read: {error.strerror or error}.") from error
    read = open_upload(content, path.name)
    if not isinstance(read, Records):
        return upload_chain(read, options.chain)
    if len(read.records) > 1:
        raise AtlasError(f"{path} has {len(read.records)} sequences; leave one of them.")
    return read.records[0].protein()


def _attend(model: Model, folder: str | None, protein: Protein) -> SparseAttention:
    from precompute.live.running.attention import attend
    from precompute.live.running.windowed import reads_windows
    from precompute.live.running.worker import reading_notes, refuse_too_long
    from precompute.models.loading import Checkpoint
    from precompute.models.weights import find_config, find_weights

    def say(words: str) -> None:
        print(words, file=sys.stderr)

    for note in protein.notes:
        say(note)
    refuse_too_long(model, find_config(model, folder), protein.sequence)
    adapter = Checkpoint(model, find_weights(model, folder, say)).load()
    attention = attend(adapter, protein.sequence, windows=reads_windows(model))
    for note in reading_notes(adapter, protein.sequence, attention):
        say(note)
    return attention
