"""Live's attention on an alignment against a naive formulation: arcs, and rows that are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from precompute.alignment import Alignment
from precompute.errors import AtlasError
from precompute.live.running import attention as attention_module
from precompute.live.running.attention import FLOOR, SCALE, SparseAttention, attend
from precompute.live.running.inference import Service, extent, offers, operations, parameters
from precompute.live.running.messages import Request
from precompute.live.running.process import Worker
from precompute.live.running.queue import Job
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.msa_transformer import MsaAdapter
from precompute.models.weights import (
    WEIGHTS_VARIABLE,
    Weights,
    cached_weights,
    find_config,
    find_weights,
)
from tests.checkpoints import make_checkpoint
from tests.msa_checkpoints import SMALL, load, random_alignment, random_state, write_published
from tests.precompute.test_msa_transformer import encode, naive

MODEL = MODELS["esm_msa1b"]
GAPPED = Alignment.of(["AC-DEFGHIKLMNP-Q", *random_alignment(5, 16, seed=4)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("msa") / MODEL.name)


@pytest.fixture(scope="module")
def adapter(folder: Path) -> MsaAdapter:
    return load(folder)


@pytest.mark.parametrize("at_once", [10**6, 20])
def test_arcs_and_rows_are_those_of_a_naive_formulation(folder: Path, at_once: int) -> None:
    adapter = load(folder)
    for module in adapter.network.modules():
        if hasattr(module, "at_once"):
            module.at_once = at_once  # type: ignore[assignment]
    found = attend(adapter, GAPPED)
    maps, columns = naive(random_state(SMALL), encode(GAPPED.texts()).numpy())
    placed = 1 + np.flatnonzero(GAPPED.residues >= 0)
    assert found.residues == len(placed) == 14
    own = maps[:, :, placed][:, :, :, placed]
    for layer in range(SMALL.layers):
        for head in range(SMALL.heads):
            arcs = found.head(layer + 1, head + 1)
            dense = np.zeros(own.shape[2:])
            dense[arcs.source, arcs.target] = arcs.weight / SCALE
            expected = np.where(own[layer, head] >= FLOOR, own[layer, head], 0)
            np.testing.assert_allclose(dense, expected, atol=3e-5)
    np.testing.assert_allclose(found.received, own.sum(2), atol=1e-5)
    # To <cls> and to columns in which the query has a gap.
    np.testing.assert_allclose(found.special, 1 - own.sum(3).mean(2), atol=1e-5)
    assert found.rows is not None
    assert found.rows.shape == (SMALL.layers, SMALL.heads, 14, 6)
    np.testing.assert_allclose(found.rows, columns[:, :, placed, 0], atol=5e-4)
    assert np.ptp(found.rows, axis=3).max() > 0.3, "all rows alike: the test proves little"
    assert found.nbytes > found.rows.nbytes


def test_a_model_that_reads_sequences_reads_the_query(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "prot_bert")
    adapter = Checkpoint(MODELS["prot_bert"], Weights(folder, "x")).load()
    one, other = attend(adapter, GAPPED), attend(adapter, GAPPED.query)
    np.testing.assert_array_equal(one.weight, other.weight)
    assert one.rows is None


def test_too_many_rows_are_not_kept(adapter: MsaAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 2 * SMALL.layers * SMALL.heads * 14 * 6
    monkeypatch.setattr(attention_module, "MAXIMUM_ROWS_BYTES", size)
    assert attend(adapter, GAPPED).rows is not None
    monkeypatch.setattr(attention_module, "MAXIMUM_ROWS_BYTES", size - 1)
    assert attend(adapter, GAPPED).rows is None


def test_a_stop_leaves_no_hook(adapter: MsaAdapter) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attend(adapter, GAPPED, stop)
    assert not any(module._forward_pre_hooks for module in adapter.network.modules())


def test_more_columns_than_the_model_reads(adapter: MsaAdapter) -> None:
    with pytest.raises(AtlasError, match="reads at most 1,024 rows and 95 columns"):
        attend(adapter, Alignment.of(random_alignment(2, 96)))


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.end()


def nothing(job: Job[SparseAttention]) -> SparseAttention:
    raise NotImplementedError


def test_the_worker_says_the_same(folder: Path, adapter: MsaAdapter, worker: Worker) -> None:
    job = Job("test", nothing)
    found = worker.run(Request(MODEL, str(folder), "x", GAPPED), job)
    expected = attend(adapter, GAPPED)
    np.testing.assert_array_equal(found.weight, expected.weight)
    assert found.rows is not None
    np.testing.assert_array_equal(found.rows, expected.rows)
    assert found.notes == ()
    assert "6 sequences" in job.stage
    one = worker.run(Request(MODEL, str(folder), "x", GAPPED.query), Job("test", nothing))
    assert "from one sequence it gives no contacts" in one.notes[0]


def test_weights_of_the_server_are_offered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    assert MODEL.name not in offers(), "it is on no hub"
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(folder.parent))
    here = offers()[MODEL.name].here
    assert here is not None
    assert here == cached_weights(MODEL) == find_weights(MODEL, None, print)
    assert here.folder == find_config(MODEL, None) == folder
    assert cached_weights(MODELS["prot_bert"]) is None
    (folder.parent / "prot_bert").mkdir()  # empty
    assert cached_weights(MODELS["prot_bert"]) is None


def test_rows_and_their_order_are_other_requests(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(folder.parent))
    offer = offers()[MODEL.name]
    service = Service(lambda session: True)
    try:
        keys = {
            service.key(offer, given)
            for given in (
                GAPPED,
                GAPPED.take([0, 2, 1, 3, 4, 5]),
                GAPPED.take(range(5)),
                Alignment.of(["".join(GAPPED.texts())]),
                GAPPED.query,
            )
        }
        assert len(keys) == 5
        named = Alignment.of(GAPPED.texts(), list("abcdef"))
        assert service.key(offer, named) == service.key(offer, GAPPED), "names change no number"
    finally:
        service.worker.end()


def test_sizes_and_estimates() -> None:
    """115,616,434 parameters, embeddings and heads among them."""
    assert parameters(MODEL) / 115.6e6 == pytest.approx(1, rel=0.03)
    assert extent(GAPPED) == (16, 6)
    assert extent("ACDE") == (4,)
    assert operations(MODEL, 100, 64) > 60 * operations(MODEL, 100)


def test_the_query_alone_is_read_by_a_hook_as_by_the_network(adapter: MsaAdapter) -> None:
    """The mean over the columns is what the network itself shows of column attention."""
    alignment = Alignment.of(random_alignment(7, 20))
    found, means = attend(adapter, alignment), []
    adapter.attend(
        [adapter.encode_alignment(alignment)],
        lambda *_: None,
        lambda _, mean, first: means.append(mean[:, 0].numpy()),
    )
    assert found.rows is not None
    mean = found.rows.astype(np.float64).mean(2)
    np.testing.assert_allclose(mean, np.stack(means), atol=5e-4)
