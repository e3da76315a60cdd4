"""What a CUDA device counts is what the processor counts.

`make test ARGS="--cuda"` runs them. Numbers are float64, so that the forward pass's own rounding
cannot carry a weight across a threshold: what is left to see is the counting.
"""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import pandas as pd
import pytest
import torch

from precompute.datasets import DATASETS
from precompute.labels import FeatureSet
from precompute.live.running.messages import Request as LiveRequest
from precompute.live.running.sparse import SparseAttention
from precompute.measure import collect_items, measure_items
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.tally import Tally
from tests.chains import records_of
from tests.checkpoints import make_checkpoint

pytestmark = pytest.mark.cuda

KINDS = (
    *("tape_bert", "prot_bert", "prot_albert", "prot_xlnet", "esm2_t6_8m", "esm1b", "esmc_300m"),
    *("prot_t5_xl", "ankh_base", "zymctrl", "progen2_small", "antiberty"),
)
ROUNDED = ("special", "shape")
"""Sums of weights: a device adds up in another order, and rotary positions and T5's softmax are
float32 whatever the weights are."""


@pytest.fixture(scope="module", params=KINDS)
def adapter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    folder = make_checkpoint(
        tmp_path_factory.mktemp("weights"), request.param, heads=4, width=32, sharpness=25
    )
    return Checkpoint(MODELS[request.param], Weights(folder, "test")).load()


def measure(
    adapter: Adapter, device: str, tokens: int, said: list[str] | None = None
) -> tuple[Tally, int]:
    dataset = DATASETS["proteinnet"]
    read = dataset.open.keywords["read_chain"]
    chains = [read(record, number) for number, record in enumerate(records_of("proteinnet"))]
    (tally,), fitted = measure_items(
        adapter,
        collect_items([chains]),
        [FeatureSet(dataset.features)],
        torch.device(device),
        tokens,
        lambda _: None,
        ([] if said is None else said).append,
    )
    return tally, fitted


def assert_same(found: Tally, expected: Tally) -> None:
    for name, values in vars(expected).items():
        own = vars(found)[name]
        if name in ROUNDED:
            assert (own - values).abs().max() <= 50 + 1e-5 * values.max(), name
        else:
            assert torch.equal(own, values), name


def test_counts_are_the_processors(adapter: Adapter) -> None:
    adapter.to(torch.device("cpu"), torch.float64)
    expected, _ = measure(adapter, "cpu", 0)
    assert expected.arcs.sum() > 100
    adapter.to(torch.device("cuda"), torch.float64)
    for tokens in (0, 200, 100_000):
        found, _ = measure(adapter, "cuda", tokens)
        assert_same(found, expected)


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Leave this process 60 MB of the device beyond what it holds."""
    torch.cuda.empty_cache()
    whole = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 60e6) / whole)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


@pytest.fixture
def broad(tmp_path: Path) -> Adapter:
    """A model whose probabilities take 2 MB a protein and layer."""
    folder = make_checkpoint(tmp_path, "esm2_t6_8m", heads=128, width=512, sharpness=25)
    adapter = Checkpoint(MODELS["esm2_t6_8m"], Weights(folder, "test")).load()
    adapter.to(torch.device("cuda"), torch.float64)
    return adapter


def test_where_memory_runs_out_batches_are_halved_and_nothing_is_counted_twice(
    broad: Adapter, request: pytest.FixtureRequest
) -> None:
    expected, fitted = measure(broad, "cuda", 100_000)
    assert fitted == 100_000
    request.getfixturevalue("little_memory")
    said: list[str] = []
    found, fitted = measure(broad, "cuda", 100_000, said)
    assert fitted < 100_000
    assert said
    assert all(line.startswith("Out of memory on cuda") for line in said)
    assert_same(found, expected)


def test_a_visitors_protein_has_the_arcs_of_the_processor(tmp_path: Path) -> None:
    from precompute.live.running.attention import attend
    from precompute.live.running.worker import Runner

    folder = make_checkpoint(tmp_path, "prot_bert", layers=3, heads=4, width=32, sharpness=25)
    sequence = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQFEVV"
    model = MODELS["prot_bert"]
    ours, theirs = Pipe()
    runner = Runner(theirs, theirs)
    found = runner._run(LiveRequest(model, str(folder), "test", sequence))
    assert isinstance(found, SparseAttention)
    assert next(runner._loaded[1].encoder.parameters()).device.type == "cuda"
    assert ours.poll(), "it says how far it is"
    expected = attend(Checkpoint(model, Weights(folder, "test")).load(), sequence)
    own, other = (_arcs(one) for one in (found, expected))
    both = own.rename(columns={"weight": "own"}).join(other, how="outer")
    # A weight at the least that is kept may fall on either side.
    lone = both[both.isna().any(axis=1)]
    assert len(lone) <= 0.001 * len(both)
    near = both.dropna()
    assert (near["own"] - near["weight"]).abs().max() <= 7  # of 65,535: a ten thousandth


def _arcs(found: SparseAttention) -> pd.DataFrame:
    frames = []
    for layer in range(1, found.layers + 1):
        for head in range(1, found.heads + 1):
            own = found.head(layer, head)
            columns = {"source": own.source, "target": own.target, "weight": own.weight.astype(int)}
            frames.append(pd.DataFrame({"layer": layer, "head": head, **columns}))
    return pd.concat(frames).set_index(["layer", "head", "source", "target"])
