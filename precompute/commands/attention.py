"""``attention``: write the attention of one's own proteins to a file."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from precompute.commands.run import check_model, split_names
from precompute.errors import AtlasError
from precompute.models import find_model
from precompute.models.configuration import longest_input, read_config
from precompute.one_line import one_line

if TYPE_CHECKING:
    from precompute.attention.sequences import Sequence as Protein
    from precompute.attention.writing import AttentionFile
    from precompute.models.adapter import Adapter
    from precompute.models.loading import Checkpoint

AT_LEAST = 0.1
_MAPS = (".h5", ".hdf5")


def attention(options: argparse.Namespace) -> None:
    """Check the request, say how large the file will be, and write it.

    Everything that can be refused is refused before the model is loaded.
    """
    out = Path(options.out)
    maps = out.suffix.lower() in _MAPS
    if not maps and out.suffix.lower() != ".parquet":
        raise AtlasError(
            f"{out.name} says no format: end it in .parquet for arcs, or in .h5 for whole maps."
        )
    if maps and options.at_least is not None:
        raise AtlasError("--at-least chooses arcs, and whole maps have every weight: leave it out.")
    at_least = AT_LEAST if options.at_least is None else options.at_least
    if not 0.01 <= at_least <= 1:
        raise AtlasError(f"--at-least is {at_least:g}; give a weight from 0.01 to 1.")
    if len(split_names(options.model)) != 1:
        raise AtlasError("Name one --model; each writes a file of its own.")

    from precompute.attention.sequences import read_sequences

    proteins = read_sequences(Path(options.sequences))
    longest = max(proteins, key=lambda protein: len(protein.letters))
    checkpoint = _checkpoint(options)
    folder = checkpoint.weights.folder
    reads = longest_input(read_config(folder), checkpoint.model.architecture, folder)
    _refuse_longer(longest, reads)

    # torch takes a second to import: what can be refused without it has been by now.
    from precompute.attention.writing import split_parts, write_attention
    from precompute.devices import choose_device
    from precompute.progress import Progress

    device = choose_device(options.device)
    progress = Progress(quiet=options.quiet)
    adapter = _load(checkpoint, device)
    _refuse_longer(longest, adapter.max_tokens, adapter.special_tokens)
    _refuse_unreadable(adapter, proteins, checkpoint.model.label)
    kind, identity = _kind(options, checkpoint, adapter, maps=maps, at_least=at_least)
    size = sum(kind.most_bytes(len(protein.letters)) for protein in proteins)
    _say_size(size, len(proteins), len(split_parts(proteins, kind)), out, exact=maps)
    if options.dry_run:
        return
    write_attention(
        proteins,
        adapter,
        kind,
        out,
        identity,
        lambda written, bytes_, found: progress.say(
            f"{written:,} of {len(proteins):,} proteins, {_size(bytes_)}"
            + (f"; {found:,} of them were there already" if found else "")
        ),
    )
    print(f"{out}: {_size(out.stat().st_size)}")


def _checkpoint(options: argparse.Namespace) -> Checkpoint:
    from precompute.models.loading import Checkpoint, own_model
    from precompute.models.weights import find_weights

    name = split_names(options.model)[0]
    if options.architecture is None:
        model = find_model(name)
    else:
        model = own_model(name, options.architecture, options.weights)
    if model.reads_alignments:
        raise AtlasError(
            f"{model.label} reads alignments, and {options.sequences} holds single sequences; "
            "choose a model of single sequences."
        )
    check_model(model, options.weights, [model], 3)
    return Checkpoint(model, find_weights(model, options.weights, print))


def _refuse_longer(protein: Protein, longest: int | None, special_tokens: int = 2) -> None:
    from precompute.live.running.attention import refuse_longer

    try:
        refuse_longer(len(protein.letters), longest, special_tokens)
    except AtlasError as error:
        raise AtlasError(
            f"{one_line(protein.name[:60])}: {error} Cut it, or leave it out."
        ) from error


def _load(checkpoint: Checkpoint, device: str) -> Adapter:
    import torch

    adapter = checkpoint.load()
    adapter.to(torch.device(device), torch.float32)
    return adapter


def _refuse_unreadable(adapter: Adapter, proteins: Sequence[Protein], label: str) -> None:
    unread = [protein.name for protein in proteins if not adapter.reads(protein.letters)]
    if unread:
        raise AtlasError(
            f"{label} cannot read {one_line(unread[0][:60])}"
            + (f" and {len(unread) - 1:,} others" if len(unread) > 1 else "")
            + ": leave them out, or choose a model that reads any protein."
        )


def _kind(
    options: argparse.Namespace,
    checkpoint: Checkpoint,
    adapter: Adapter,
    *,
    maps: bool,
    at_least: float,
) -> tuple[AttentionFile, dict[str, str]]:
    """Choose what is written, and say what its parts depend on."""
    from precompute.attention.arcs_file import ArcsFile
    from precompute.attention.chosen import choose_heads
    from precompute.attention.facts import file_facts
    from precompute.attention.maps_file import MapsFile

    heads = choose_heads(adapter.layers, adapter.heads, options.layers, options.heads)
    facts = file_facts(checkpoint)
    kind = MapsFile(heads, facts) if maps else ArcsFile(heads, at_least, facts)
    identity = {
        **facts,
        "reading": checkpoint.reading_digest(),
        "heads": " ".join(f"{layer + 1}-{head + 1}" for layer, head in heads.tolist()),
        "kind": kind.ending if maps else f"{kind.ending} {at_least!r}",
    }
    return kind, identity


def _say_size(size: int, proteins: int, parts: int, out: Path, *, exact: bool) -> None:
    place = out.absolute().parent
    while not place.exists():
        place = place.parent
    print(
        f"{proteins:,} protein{'' if proteins == 1 else 's'} in {parts:,} "
        f"part{'' if parts == 1 else 's'}: {'' if exact else 'at most '}{_size(size)} before "
        f"compression, and as much again while parts are joined; {place} has "
        f"{_size(shutil.disk_usage(place).free)} free."
    )


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.3g} TB"
