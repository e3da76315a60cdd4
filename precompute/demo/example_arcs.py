"""The demo model on one example protein: what a first page shows without running a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from precompute.demo import MODEL_FOLDER
from precompute.examples import load_example
from precompute.examples.schema import EXAMPLE_ARCS
from precompute.models import MODELS
from precompute.models.weights import Weights
from precompute.published import THRESHOLD
from precompute.tables import write_table

if TYPE_CHECKING:
    import torch

EXAMPLE = "1MVO"
"""The example whose arcs ship: the first of the menu."""


def write_example_arcs(folder: Path) -> int:
    """Write the table `EXAMPLE_ARCS` into a folder and give how many arcs it has."""
    frame = example_arcs(EXAMPLE)
    write_table(folder, EXAMPLE_ARCS, frame)
    return len(frame)


def example_arcs(name: str) -> pd.DataFrame:
    """Run the demo model on the first chain of an example.

    Parameters
    ----------
    name
        Identifier of the PDB entry.

    Returns
    -------
    pandas.DataFrame
        With the columns of `EXAMPLE_ARCS`, in the order of its key.

    Raises
    ------
    AtlasError
        When there is no such example, or the model does not know its family.
    """
    import torch

    from precompute.models.loading import Checkpoint
    from precompute.tally import find_arcs

    chain = load_example(name).chains[0]
    states = np.asarray(chain.label_chain(name).contact_states())
    adapter = Checkpoint(MODELS["demo"], Weights(MODEL_FOLDER, "trained here")).load()
    encoding = adapter.encode(chain.sequence)
    frames: list[pd.DataFrame] = []

    def receive(layer: int, probabilities: torch.Tensor) -> None:
        arcs = find_arcs(probabilities, torch.from_numpy(encoding.residues)[None], THRESHOLD)
        i, j = arcs.source.numpy(), arcs.target.numpy()
        known: Any = pd.array(states[i, j] == 1, dtype="boolean")
        known[states[i, j] < 0] = pd.NA
        frames.append(
            pd.DataFrame(
                {
                    "name": name,
                    "chain": chain.name,
                    "layer": layer + 1,
                    "head": arcs.head.numpy() + 1,
                    "i": i + 1,
                    "j": j + 1,
                    "weight": arcs.weight.numpy(),
                    "contact": known,
                }
            )
        )

    adapter.attend([encoding], receive)
    return pd.concat(frames).sort_values(list(EXAMPLE_ARCS.key), ignore_index=True)
