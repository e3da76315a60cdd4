"""Models in a process of their own: the same numbers, a stop, a death, an end."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest
import torch

from precompute.errors import AtlasError
from precompute.live.running import worker as worker_module
from precompute.live.running.attention import SparseAttention, attend
from precompute.live.running.inference import (
    Offer,
    Speed,
    offers,
    operations,
    parameters,
    size_gigabytes,
    stamp,
)
from precompute.live.running.messages import Failure, Request
from precompute.live.running.process import Worker
from precompute.live.running.queue import Job, Left
from precompute.live.running.worker import Runner, download_weights
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.checkpoints import change_state, make_checkpoint

SEQUENCE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNL"
MODEL = MODELS["prot_bert"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("model") / "model", "prot_bert", layers=4)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.end()


def new_job() -> Job[SparseAttention]:
    def nothing(job: Job[SparseAttention]) -> SparseAttention:
        raise NotImplementedError

    return Job("test", nothing)


def test_the_same_as_in_this_process(folder: Path, worker: Worker) -> None:
    job = new_job()
    found = worker.run(Request(MODEL, str(folder), "x", SEQUENCE), job)
    expected = attend(Checkpoint(MODEL, Weights(folder, "x")).load(), SEQUENCE)
    for name in ("starts", "source", "target", "weight", "received", "special", "read"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert (job.done, job.total) == (4, 4)
    assert SEQUENCE not in job.stage


def test_a_request_that_cannot_be_answered_is_a_sentence(tmp_path: Path, worker: Worker) -> None:
    with pytest.raises(AtlasError, match=r"no config\.json"):
        worker.run(Request(MODEL, str(tmp_path), "x", SEQUENCE), new_job())


def test_a_refused_checkpoint_is_a_sentence(tmp_path: Path, worker: Worker) -> None:
    broken = make_checkpoint(tmp_path / "broken", "prot_bert")
    name = "bert.encoder.layer.0.attention.self.query"
    for further, said in (
        ({f"{name}.lora_A.weight": torch.ones(2, 24)}, "holds a LoRA"),
        ({f"{name}.weight": torch.ones(24, 24).to(torch.int8)}, "is quantised"),
        ({f"{name}.gate": torch.ones(3)}, "inside the encoder"),
    ):
        change_state(make_checkpoint(broken, "prot_bert"), lambda s, f=further: s | f)
        with pytest.raises(AtlasError, match=said):
            worker.run(Request(MODEL, str(broken), "x", SEQUENCE), new_job())
    short = make_checkpoint(tmp_path / "short", "prot_bert", max_position_embeddings=20)
    (short / "pytorch_model.bin").unlink()
    with pytest.raises(AtlasError, match="48 residues, and this model reads at most 18"):
        worker.run(Request(MODEL, str(short), "x", SEQUENCE), new_job())


def test_a_download_that_breaks_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object) -> Weights:
        raise AtlasError("The hub did not give it (cut off): name its folder with --weights.")

    monkeypatch.setattr("precompute.live.running.worker.find_weights", broken)
    with pytest.raises(AtlasError) as refused:
        download_weights(MODEL, print, print)
    assert str(refused.value) == (
        f"{MODEL.label} could not be downloaded to this server; try again later, or choose a "
        "model that is here."
    )
    assert "cut off" in capsys.readouterr().err


def test_a_job_that_nobody_waits_for_is_left(folder: Path, worker: Worker) -> None:
    job = new_job()
    job.stop.set()
    with pytest.raises(Left):
        worker.run(Request(MODEL, str(folder), "x", SEQUENCE * 12), job)
    again = worker.run(Request(MODEL, str(folder), "x", SEQUENCE), new_job())
    assert again.residues == len(SEQUENCE)


def test_a_process_that_loads_its_libraries_is_not_ended_for_a_job_that_was_left(
    folder: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("precompute.live.running.process.STOP_SECONDS", 0.1)
    worker.start()
    first = worker.process_id
    job = new_job()
    job.stop.set()
    with pytest.raises(Left):
        worker.run(Request(MODEL, str(folder), "x", SEQUENCE), job)
    assert worker.process_id == first
    assert job.stage == "", "its model was not even loaded"


def test_a_killed_process_is_a_sentence_and_is_replaced(folder: Path, worker: Worker) -> None:
    worker.start()
    first = worker.process_id
    assert first is not None
    killer = threading.Timer(0.2, os.kill, (first, signal.SIGKILL))
    killer.start()
    with pytest.raises(AtlasError, match="ended by itself"):
        worker.run(Request(MODEL, str(folder), "x", SEQUENCE), new_job())
    assert worker.run(Request(MODEL, str(folder), "x", SEQUENCE), new_job()).layers == 4
    assert worker.process_id != first


def test_the_system_ends_it_before_the_server(folder: Path, worker: Worker) -> None:
    worker.run(Request(MODEL, str(folder), "x", SEQUENCE), new_job())
    assert Path(f"/proc/{worker.process_id}/oom_score_adj").read_text().strip() == "1000"


def test_an_idle_process_ends(folder: Path) -> None:
    worker = Worker(idle=0.4)
    worker.run(Request(MODEL, str(folder), "x", SEQUENCE), new_job())
    end = time.monotonic() + 30
    while worker.process_id is not None:
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("prot_bert", 420),
        ("tape_bert", 92),
        ("prot_albert", 224),
        ("esm2_t33_650m", 650),
        ("esm2_t36_3b", 2840),
    ],
)
def test_sizes_are_about_those_of_the_models(name: str, millions: float) -> None:
    """Published parameters; embeddings are not counted here."""
    assert parameters(MODELS[name]) / 1e6 == pytest.approx(millions, rel=0.15)
    assert size_gigabytes(MODELS[name]) == pytest.approx(4 * millions / 1000, rel=0.15)


def test_estimates_follow_what_was_measured() -> None:
    speed = Speed()
    speed.learn(MODEL, 4.0, 200)
    assert speed.seconds(MODEL, 200) == pytest.approx(4.0)
    assert speed.seconds(MODEL, 400) > 8.0
    assert operations(MODEL, 400) / operations(MODEL, 200) > 2


def test_another_state_of_the_weights_is_another_stamp(folder: Path, tmp_path: Path) -> None:
    other = make_checkpoint(tmp_path / "other", "prot_bert", seed=1)
    weights = Weights(other, "x")
    before = stamp(weights)
    assert stamp(weights) == before != stamp(Weights(folder, "x"))
    os.utime(other / "config.json", (1, 1))
    assert stamp(weights) != before


@pytest.mark.parametrize("in_place", [True, False])
def test_weights_of_the_same_size_and_time_are_another_stamp(
    in_place: bool, tmp_path: Path
) -> None:
    """As an archive with fixed times and ``cp -p`` leave them: all of an architecture are alike."""
    first = make_checkpoint(tmp_path / "first", "prot_bert", seed=1)
    second = make_checkpoint(tmp_path / "second", "prot_bert", seed=2)
    paths = [folder / "pytorch_model.bin" for folder in (first, second)]
    for path in paths:
        os.utime(path, (315_532_800, 315_532_800))
    before = stamp(Weights(first, "x"))
    assert paths[0].stat().st_size == paths[1].stat().st_size
    assert paths[0].read_bytes() != paths[1].read_bytes()
    if in_place:
        shutil.copy2(paths[1], paths[0])
    else:
        paths[1].replace(paths[0])
    assert paths[0].stat().st_mtime == 315_532_800
    assert stamp(Weights(first, "x")) != before


def test_labels_say_what_must_be_downloaded(folder: Path) -> None:
    assert Offer(MODEL, Weights(folder, "x")).label == MODEL.label
    assert "download" in Offer(MODEL, None).label


def test_a_ping_is_answered_without_a_model(folder: Path, worker: Worker) -> None:
    assert worker.ping(120) == "answers"
    job = new_job()
    run = threading.Thread(
        target=worker.run, args=(Request(MODEL, str(folder), "x", SEQUENCE * 10), job)
    )
    run.start()
    seen = set()
    while run.is_alive():
        seen.add(worker.ping(120))
    run.join()
    assert "works" in seen  # whoever asks meanwhile takes no answer of the visitor's away
    assert job.done == job.total > 0
    assert worker.ping(120) == "answers"


def test_a_process_that_rests_is_not_started_by_a_ping(folder: Path) -> None:
    worker = Worker(idle=0.2)
    worker.start()
    while worker.process_id is not None:
        time.sleep(0.05)
    assert worker.ping(120) == "rests"
    assert worker.process_id is None
    # A request starts it again.
    assert worker.run(Request(MODEL, str(folder), "x", SEQUENCE), new_job()).layers == 4
    worker.end()


def test_an_error_of_a_model_is_written_without_the_sequence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(adapter: object, sequence: str, *given: object, **named: object) -> None:
        raise ValueError(sequence)

    monkeypatch.setattr(worker_module, "attend", refuse)
    here, there = Pipe()
    runner = Runner(there, there)
    answer = runner._answer(Request(MODEL, str(folder), "x", SEQUENCE))
    assert isinstance(answer, Failure)
    written = capsys.readouterr().err
    assert "refuse" in written
    assert written.endswith("ValueError\n")
    assert SEQUENCE not in written + answer.sentence
    here.close()


def test_what_is_on_no_hub_is_not_offered_for_download() -> None:
    """It could not be fetched, and a visitor would be told so only once it was chosen."""
    assert not MODELS["plus_tfm"].revision
    assert "plus_tfm" not in offers()
    assert "prot_bert" in offers()
