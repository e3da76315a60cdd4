"""Whole maps of a protein as the bytes of a file, in the form of `precompute attention`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from precompute.attention.maps_file import MapsFile
from precompute.attention.sequences import Sequence as Protein

if TYPE_CHECKING:
    from precompute.models.adapter import Adapter, Encoding, LayerReceiver


@dataclass(frozen=True)
class WantedMaps:
    """Which maps are asked for.

    Attributes
    ----------
    name
        What the protein is called in the file.
    heads
        Layer and head of each, from 0.
    """

    name: str
    heads: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class MapsBytes:
    """The file.

    Attributes
    ----------
    data
        HDF5, as `MapsFile` writes it.
    seconds
        Not measured: what a pass takes is learned from attention.
    heads
        None: the model was run for a part of its layers.
    """

    data: bytes
    seconds: float = 0.0
    heads: tuple[int, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes of the file."""
        return len(self.data)


def maps_size(residues: int, heads: int) -> int:
    """Give the bytes of maps before compression."""
    return MapsFile(np.zeros((heads, 2), dtype=np.int64), {}).most_bytes(residues)


def write_maps(
    adapter: Adapter,
    letters: str,
    wanted: WantedMaps,
    facts: dict[str, str],
    progress: Callable[[int, int], None],
) -> MapsBytes:
    """Run a model on a sequence and write whole maps of some heads.

    Parameters
    ----------
    adapter
        The model, where it is to run.
    letters
        One letter a residue.
    wanted
        Which.
    facts
        Attributes of the file.
    progress
        Told after each layer; may raise to stop.

    Raises
    ------
    AtlasError
        When the sequence cannot be read, or there is no room for the file.
    """
    kind = MapsFile(np.array(sorted(wanted.heads), dtype=np.int64), facts)
    with tempfile.TemporaryDirectory() as folder:
        part, whole = (Path(folder) / f"{name}{kind.ending}" for name in ("part", "whole"))
        watched = cast("Adapter", _Watched(adapter, progress))
        kind.write_part(part, [Protein(wanted.name, letters)], watched)
        kind.join([part], whole)
        return MapsBytes(whole.read_bytes())


class _Watched:
    """An adapter that tells its progress."""

    def __init__(self, adapter: Adapter, progress: Callable[[int, int], None]) -> None:
        self._adapter, self._progress = adapter, progress

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)

    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        def watched(layer: int, probabilities: Any) -> None:
            receive(layer, probabilities)
            self._progress(layer + 1, self._adapter.layers)

        self._adapter.attend(encodings, watched)
