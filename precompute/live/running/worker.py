"""A process of its own that loads models and runs them: ``python -m …live.running.worker``.

The server never imports torch: an import of several seconds and the passes themselves
would hold up every visitor's pages, and their memory would stay. The server starts the
process when the Live page is first opened, and ends it when it was idle for long (`child`).
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from precompute.alignment import Alignment
from precompute.errors import AtlasError
from precompute.live.child import POLITENESS, serve
from precompute.live.running.attention import Given, SparseAttention, attend, refuse_longer
from precompute.live.running.maps import write_maps
from precompute.live.running.messages import (
    PING,
    PONG,
    STOP,
    Answer,
    Failure,
    Found,
    Layer,
    Request,
    Stage,
)
from precompute.live.running.read_two import attend_two, pair_notes
from precompute.live.running.together import attend_together
from precompute.live.running.two import Two
from precompute.live.running.windowed import reads_windows, window_notes, window_of
from precompute.live.settings import longest_chain
from precompute.log import describe
from precompute.models import Model
from precompute.models.configuration import check_config, longest_input, read_config
from precompute.models.weights import Weights, find_config, find_weights

if TYPE_CHECKING:
    from precompute.models.adapter import Adapter

Fetched = TypeVar("Fetched")
_LOOK_SECONDS = 1.0
"""How often the process looks whether its server lives."""


class _Stopped(Exception):  # noqa: N818 - a signal, not an error
    """The server asked to stop."""


class Runner:
    """Answers requests; keeps the last model loaded.

    Parameters
    ----------
    requests, answers
        The two ends.
    """

    def __init__(self, requests: Connection[Any, Any], answers: Connection[Any, Any]) -> None:
        self.requests, self.answers = requests, answers
        self._loaded: tuple[tuple[str, str], Adapter] | None = None

    def serve(self) -> None:
        """Answer until the server closes its end."""
        with contextlib.suppress(EOFError, BrokenPipeError):
            while True:
                request = self.requests.recv()
                if isinstance(request, Request):
                    self.answers.send(self._answer(request))
                elif request == PING:
                    self.answers.send(PONG)

    def _answer(self, request: Request) -> Answer:
        try:
            return self._run(request)
        except _Stopped:
            return Failure("")
        except AtlasError as error:
            return Failure(_without_place(str(error), request))
        except BrokenPipeError:
            raise  # the server is gone
        except MemoryError:
            return Failure(
                "The server has not enough memory for this protein and model; try a smaller one."
            )
        except Exception as error:  # torch and transformers raise many kinds
            print(describe(error), file=sys.stderr)
            if type(error).__name__ == "OutOfMemoryError":
                return Failure("The accelerator has not enough memory for this protein and model.")
            return Failure(
                f"The model could not be run on this protein ({type(error).__name__}); try "
                "another model."
            )

    def _run(self, request: Request) -> Found:
        self._heed()  # whoever asked may have left while the libraries were loaded
        from precompute.attention.facts import file_facts
        from precompute.models.loading import Checkpoint

        model = request.model
        weights = Weights(Path(request.folder), request.revision)
        place = (
            weights.folder if request.folder else _fetched(lambda: find_config(model, None), model)
        )
        given = request.given
        if isinstance(given, str):
            refuse_too_long(model, place, given)
        if not request.folder:
            self._say(f"Asking the hub for {model.label}")
            weights = download_weights(model, self._say, partial(self._say_received, model))
        self._say(f"Loading {model.label}")
        adapter = self._load(model, weights)
        size = f"{len(given)} {'sequences' if isinstance(given, Alignment) else 'residues'}"
        self._say(f"{model.label} reads {size}")
        if request.maps is not None and isinstance(given, str):
            facts = file_facts(Checkpoint(model, weights))
            return write_maps(adapter, given, request.maps, facts, self._report)
        if request.together:
            return attend_together(adapter, given, request.together, self._report)
        most = request.maximum_bytes
        if isinstance(given, Two):
            attention = attend_two(
                adapter, given, self._report, maximum_bytes=most, longest=longest_chain()
            )
            notes = pair_notes(model, given, attention)
        else:
            attention = attend(
                *(adapter, given, self._report),
                maximum_bytes=most,
                windows=reads_windows(model),
            )
            notes = ()
        attention = replace(attention, causal=model.causal)
        return replace(attention, notes=(*notes, *reading_notes(adapter, given, attention)))

    def _load(self, model: Model, weights: Weights) -> Adapter:
        import torch

        from precompute.models.loading import Checkpoint

        name = (model.name, f"{weights.folder} {weights.revision}")
        if self._loaded is None or self._loaded[0] != name:
            self._loaded = None  # two large models may not fit at once
            adapter = Checkpoint(model, weights).load()
            device = "cuda" if torch.cuda.is_available() else "cpu"
            adapter.to(torch.device(device), torch.float32)
            self._loaded = (name, adapter)
        return self._loaded[1]

    def _say(self, words: str) -> None:
        self.answers.send(Stage(words))

    def _say_received(self, model: Model, received: int, size: int) -> None:
        words = f"Downloading {model.label}: {received / 1e9:.2f} of {size / 1e9:.2f} GB"
        # What the hub says of sizes need not be so, and a bar takes 0 to 1.
        self.answers.send(Stage(words, min(received / size, 1.0) if size > 0 else 0.0))

    def _report(self, done: int, total: int) -> None:
        self.answers.send(Layer(done, total))
        self._heed()

    def _heed(self) -> None:
        if self.requests.poll() and self.requests.recv() == STOP:
            raise _Stopped


def download_weights(
    model: Model, say: Callable[[str], None], progress: Callable[[int, int], None]
) -> Weights:
    """Fetch a model's weights; the reason why not is for the log of whoever runs the server."""
    return _fetched(lambda: find_weights(model, None, say, progress), model)


def _fetched(fetch: Callable[[], Fetched], model: Model) -> Fetched:
    try:
        return fetch()
    except AtlasError as error:
        print(error, file=sys.stderr)
        raise AtlasError(
            f"{model.label} could not be downloaded to this server; try again later, or choose "
            "a model that is here."
        ) from error


def _without_place(sentence: str, request: Request) -> str:
    """Say the model's name where a sentence says on which path its checkpoint lies."""
    if not request.folder or request.folder not in sentence:
        return sentence
    print(sentence, file=sys.stderr)
    return sentence.replace(request.folder, request.model.label)


def refuse_too_long(model: Model, folder: Path, sequence: str) -> None:
    """Refuse a sequence that a model reads neither at once nor in windows, before it is loaded.

    Parameters
    ----------
    model
        The model.
    folder
        Holds its ``config.json``.
    sequence
        One letter a residue.

    Raises
    ------
    AtlasError
        Saying how many residues the model reads, or what its configuration refuses.
    """
    config = read_config(folder)
    check_config(config, model.architecture, folder)
    longest = longest_input(config, model.architecture, folder)
    if not (reads_windows(model) and window_of(longest, 2, len(sequence))):
        refuse_longer(len(sequence), longest)


def reading_notes(adapter: Adapter, given: Given, attention: SparseAttention) -> tuple[str, ...]:
    """Say how the model read what it was given, where it does not read it residue by residue."""
    from precompute.demo.families import NAMES
    from precompute.models.aligned_bert import AlignedBertAdapter
    from precompute.models.msa_transformer import MsaAdapter

    joined = _joined_notes(attention)
    if isinstance(given, Two):
        return (*joined, *_unknown_letters(adapter, given.first + given.second))
    if isinstance(adapter, MsaAdapter):
        return _alignment_notes(given, attention)
    sequence = given if isinstance(given, str) else given.query
    if not isinstance(adapter, AlignedBertAdapter):
        in_windows = window_notes(len(sequence), attention.window)
        return (*in_windows, *joined, *_unknown_letters(adapter, sequence))
    found = adapter.place(sequence)
    if found is None:
        return ()
    name = NAMES.get(found.accession, "")
    title = f"{name} ({found.accession})" if name else found.accession
    sentences = [
        f"Read as {title}: residues {found.first} to {found.last} of the sequence, "
        f"{found.score:.0f} bits."
    ]
    missing = int((~attention.read).sum())
    if missing:
        sentences.append(
            f"{missing} of {len(sequence)} residues have no column in the family’s alignment "
            "and so no attention."
        )
    if found.others:
        sentences.append(
            f"The sequence also has {', '.join(found.others)}, which this model did not read."
        )
    return tuple(sentences)


def _alignment_notes(given: str | Alignment, attention: SparseAttention) -> tuple[str, ...]:
    """Say what an alignment lacks, or what was not kept of it."""
    if isinstance(given, str) or len(given) == 1:
        return (
            "Read as an alignment of one row: this model was made for families, and from one "
            "sequence it gives no contacts.",
        )
    if attention.rows is None:
        return (
            f"Which of {len(given):,} sequences the query reads in {attention.residues:,} columns "
            "is too much to be kept: choose fewer sequences to see it.",
        )
    return ()


def _joined_notes(attention: SparseAttention) -> tuple[str, ...]:
    """Say how attention is shared where a token may be several residues."""
    sizes = [np.unique(own, return_counts=True)[1] for own in attention.tokens or ()]
    if not sizes:
        return ()
    whole = np.concatenate(sizes)
    return (
        f"Read in tokens of {whole.mean():.1f} residues on average, at most {whole.max()}: a "
        "residue attends as its token does, and what goes to a token is shared evenly among its "
        "residues, so that a residue of a token of n gets at most 1/n.",
    )


def _unknown_letters(adapter: Adapter, sequence: str) -> tuple[str, ...]:
    from precompute.models.encoder import EncoderAdapter

    if not isinstance(adapter, EncoderAdapter):
        return ()
    found = sorted(adapter.vocabulary.read_as_unknown & set(sequence))
    if not found:
        return ()
    count = sum(sequence.count(letter) for letter in found)
    return (
        f"This model has no token for {' and '.join(found)}: {count} "
        f"{'residue was' if count == 1 else 'residues were'} read as its unknown token.",
    )


def _import_early() -> None:
    """Import what every model needs while the visitor still chooses."""
    import torch  # noqa: F401
    from transformers import BertModel  # noqa: F401


def end_with(server: int) -> None:
    """End this process once its server is gone, however that went and whatever is being done."""
    while os.getppid() == server:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)


def main() -> None:
    """Serve on standard input and output."""
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(POLITENESS)
    requests, answers = serve()
    _import_early()
    Runner(requests, answers).serve()


if __name__ == "__main__":
    main()
