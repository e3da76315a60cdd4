"""What the counts may not depend on: batches, padding, order, shards, interruption."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute import resumed
from precompute import run as engine
from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.drawn import draw_sample
from precompute.engines import measurer
from precompute.errors import AtlasError
from precompute.folder_lock import locked_folder
from precompute.labels import FeatureSet
from precompute.measure import collect_items, make_batches, measure_items
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.progress import Progress
from precompute.run_row import digest, run_identity
from precompute.settings import Settings
from precompute.shards import (
    Shard,
    ShardStore,
    pack_shard,
    shard_cost,
    split_shards,
    unpack_shard,
)
from precompute.tables import HEAD_COUNTS, LATER_TABLES, RUN_TABLES, list_runs, read_table
from precompute.tally import Tally, find_arcs
from tests.chains import records_of, write_lmdb
from tests.checkpoints import make_checkpoint

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")


def chains_of(dataset: str) -> list[Chain]:
    read = DATASETS[dataset].open.keywords["read_chain"]
    return [read(record, number) for number, record in enumerate(records_of(dataset))]


def assert_same(one: Tally, other: Tally, *, but: tuple[str, ...] = ()) -> None:
    for name, values in vars(one).items():
        if name not in but:
            assert torch.equal(values, vars(other)[name]), name


@pytest.fixture(scope="module", params=["prot_bert", "prot_xlnet", "esm2_t6_8m"])
def adapter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder = make_checkpoint(tmp_path_factory.mktemp("weights"), request.param, sharpness=25)
    loaded = Checkpoint(MODELS[request.param], Weights(folder, "test")).load()
    # In float64 the forward pass's own rounding (1e-16) cannot carry a weight across a
    # threshold, so what is left to see is the counting.
    loaded.to(CPU, torch.float64)
    return loaded


def measure(adapter, samples: list[list[Chain]], batch_tokens: int) -> tuple[Tally, ...]:
    names = ["proteinnet", "secondary_structure"][: len(samples)]
    features = [FeatureSet(DATASETS[name].features) for name in names]
    items = collect_items(samples)
    nothing = lambda *_: None  # noqa: E731
    return measure_items(adapter, items, features, CPU, batch_tokens, nothing, nothing)[0]


def test_batches_and_padding_change_nothing(adapter) -> None:
    chains = chains_of("proteinnet")
    (alone,) = measure(adapter, [chains], 0)
    assert alone.arcs.sum() > 1000
    for tokens in (100, 200, 100_000):
        (batched,) = measure(adapter, [chains], tokens)
        # Sums of weights are rounded: the last digit may differ.
        assert_same(alone, batched, but=("special", "shape"))
        for ours, theirs in ((alone.special, batched.special), (alone.shape, batched.shape)):
            assert (ours - theirs).abs().max() <= 2 * len(chains)


def test_sharing_a_pass_changes_nothing(adapter) -> None:
    contacts, structures = chains_of("proteinnet"), chains_of("secondary_structure")
    (alone,) = measure(adapter, [contacts], 0)
    # The other dataset draws two of the same sequences, in another order.
    shared, other = measure(adapter, [contacts, [structures[3], structures[0]]], 150)
    assert_same(alone, shared, but=("special", "shape"))
    assert (alone.shape - shared.shape).abs().max() <= 2 * len(contacts)
    (expected,) = measure(adapter, [[contacts[3], contacts[0]]], 0)
    assert torch.equal(other.arcs, expected.arcs)


def test_order_of_proteins_changes_only_their_places(adapter) -> None:
    chains = chains_of("proteinnet")
    (forward,), (backward,) = (measure(adapter, [order], 0) for order in (chains, chains[::-1]))
    assert_same(forward, backward, but=("examples", "example_arcs"))


def test_mirrored_protein_mirrors_the_offsets(adapter) -> None:
    """Contacts are symmetric: mirroring attention and protein together keeps their hits."""
    chain = chains_of("proteinnet")[1]
    mirrored = Chain(
        "mirror", chain.sequence[::-1], chain.alpha_carbons[::-1], chain.resolved[::-1]
    )
    assert np.array_equal(mirrored.contact_states(), chain.contact_states()[::-1, ::-1])
    features = FeatureSet(DATASETS["proteinnet"].features)
    states, reverse = features.pair_states(chain), features.pair_states(mirrored)[::-1, ::-1]
    hit, _ = features.pair_tables
    names = list(features.pair_names)
    for name, opposite in (("offset:+4", "offset:-4"), ("contact", "contact")):
        ours, theirs = names.index(name), names.index(opposite)
        assert np.array_equal(hit[states, ours], hit[reverse, theirs])


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(1, 3), st.integers(3, 30))
def test_arcs_are_those_of_a_plain_comparison(
    seed: int, sequences: int, heads: int, tokens: int
) -> None:
    random = np.random.default_rng(seed)
    weights = random.dirichlet(np.full(tokens, 0.2), (sequences, heads, tokens))
    probabilities = torch.from_numpy(weights.astype(np.float32))
    residues = torch.from_numpy(
        random.permuted(np.arange(-2, tokens - 2)[None].repeat(sequences, 0), axis=1)
    )
    residues[residues < 0] = -1
    arcs = find_arcs(probabilities, residues, 0.3)
    found = set(
        zip(
            *(x.tolist() for x in (arcs.sequence, arcs.head, arcs.source, arcs.target)), strict=True
        )
    )
    expected = {
        (s, h, int(residues[s, i]), int(residues[s, j]))
        for s, h, i, j in zip(*np.nonzero(probabilities.numpy() >= np.float32(0.3)), strict=True)
        if residues[s, i] >= 0 and residues[s, j] >= 0
    }
    assert found == expected
    assert len(arcs.weight) == len(expected)


@given(st.lists(st.integers(1, 600), max_size=60), st.integers(1, 10**6))
def test_shards_hold_every_item_once_and_are_not_too_heavy(lengths: list[int], weight: int) -> None:
    shards = split_shards(lengths, weight)
    items = [item for shard in shards for item in shard]
    assert sorted(items) == list(range(len(lengths)))
    assert [lengths[item] for item in items] == sorted(lengths, reverse=True)  # long ones first
    for shard in shards:
        assert len(shard) == 1 or sum(shard_cost(lengths[item]) for item in shard) <= weight


def test_shards_of_short_and_of_long_chains_cost_about_the_same() -> None:
    random = np.random.default_rng(0)
    lengths = [int(length) for length in random.integers(30, 510, 2000)]
    shards = split_shards(lengths, 10 * shard_cost(510))
    costs = [sum(shard_cost(lengths[item]) for item in shard) for shard in shards[:-1]]
    assert min(costs) > 0.9 * max(costs)
    assert len(shards[-2]) > 5 * len(shards[0])  # by proteins they would not


@given(st.lists(st.integers(1, 100), min_size=1, max_size=40), st.integers(0, 500))
def test_batches_hold_every_item_once_and_are_not_too_large(
    lengths: list[int], tokens: int
) -> None:
    items = collect_items([[Chain(str(n), "A" * n) for n in lengths]])
    batches = list(make_batches(items, tokens))
    assert sorted(len(i.sequence) for b in batches for i in b) == sorted(lengths)
    for batch in batches:
        longest = max(len(item.sequence) for item in batch)
        assert len(batch) == 1 or len(batch) * longest <= tokens


def test_a_sequence_that_occurs_twice_is_counted_twice() -> None:
    chains = [Chain("a", "ACD"), Chain("b", "ACD"), Chain("c", "ACDE")]
    items = collect_items([chains, chains[1:]])
    assert [item.sequence for item in items] == ["ACD", "ACD", "ACDE"]
    drawn = [pair for item in items for pair in item.chains if pair is not None]
    assert len(drawn) == 5


# Interruption


@pytest.fixture
def request_run(tmp_path: Path):
    """Everything a run needs, over proteins that fill several shards."""
    folder = make_checkpoint(tmp_path / "weights", "prot_bert", sharpness=25)
    records = records_of("binding_sites") * 4
    data = write_lmdb(tmp_path / "data.lmdb", records)
    command = [sys.executable, "-m", "precompute", "run", "--model", "prot_bert"]
    command += ["--weights", str(folder), "--dataset", "binding_sites", "--data", str(data)]
    return folder, data, command


def run_inside(
    folder: Path, data: Path, out: Path, monkeypatch, weight: int = 20_000, *, add: bool = False
) -> str:
    monkeypatch.setattr(resumed, "SHARD_WEIGHTS", {"cpu": weight})
    options = Settings(proteins=None)
    progress = Progress(quiet=True)
    dataset = DATASETS["binding_sites"]
    with dataset.open(data) as chains:
        sample = draw_sample(dataset, chains, options, progress)
    checkpoint = Checkpoint(MODELS["prot_bert"], Weights(folder, "test"))
    (name,) = engine.run_model(checkpoint, [sample], options, str(out), "test", progress, add=add)
    return name


def tables(out: Path) -> dict[str, pd.DataFrame]:
    run = list_runs(out)["run"].item()
    found = {table.name: read_table(out, table, run=run) for table in (*RUN_TABLES, *LATER_TABLES)}
    row = list_runs(out).drop(columns=["started", "wall_seconds", "command"])
    return found | {"runs": row}


def assert_same_tables(one: Path, other: Path) -> None:
    expected = tables(other)
    for name, frame in tables(one).items():
        pd.testing.assert_frame_equal(frame, expected[name])


def test_an_interrupted_run_ends_like_an_uninterrupted_one(
    request_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data, _ = request_run
    run_inside(folder, data, tmp_path / "whole", monkeypatch)

    measured: list[int] = []
    plain = measurer.measure_items

    def stops_after_three(*arguments):
        if len(measured) == 3:
            raise KeyboardInterrupt
        measured.append(len(arguments[1]))
        return plain(*arguments)

    monkeypatch.setattr(measurer, "measure_items", stops_after_three)
    with pytest.raises(KeyboardInterrupt):
        run_inside(folder, data, tmp_path / "cut", monkeypatch)
    assert not list((tmp_path / "cut").glob("*.parquet"))
    assert len(list((tmp_path / "cut").rglob("*.shard"))) == 3

    again: list[int] = []

    def counts(*arguments):
        again.append(len(arguments[1]))
        return plain(*arguments)

    monkeypatch.setattr(measurer, "measure_items", counts)
    run_inside(folder, data, tmp_path / "cut", monkeypatch)
    assert sum(measured) + sum(again) == len(records_of("binding_sites")) * 4
    assert_same_tables(tmp_path / "cut", tmp_path / "whole")
    assert not (tmp_path / "cut" / ".unfinished").exists()
    # Shards of another size are other shards; the tables are the same.
    run_inside(folder, data, tmp_path / "other", monkeypatch, weight=10**9)
    assert_same_tables(tmp_path / "other", tmp_path / "whole")


def test_a_finished_run_is_not_computed_twice(
    request_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data, _ = request_run
    out = tmp_path / "results"
    name = run_inside(folder, data, out, monkeypatch)
    before = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    with monkeypatch.context() as patch:
        patch.setattr(measurer, "measure_items", lambda *_: pytest.fail("computed again"))
        assert run_inside(folder, data, out, patch) == name
    assert {path: path.read_bytes() for path in out.rglob("*.parquet")} == before
    # A run that has lost a file is measured anew.
    (out / "head_counts" / f"{name}.parquet").unlink()
    assert run_inside(folder, data, out, monkeypatch) == name
    assert (out / "head_counts" / f"{name}.parquet").read_bytes() == before[
        out / "head_counts" / f"{name}.parquet"
    ]


def test_a_damaged_shard_is_computed_again_and_said(
    request_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data, _ = request_run
    run_inside(folder, data, tmp_path / "whole", monkeypatch)
    out = tmp_path / "cut"
    with monkeypatch.context() as patch:
        patch.setattr(engine, "run_frames", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run_inside(folder, data, out, patch)
    shards = sorted(out.rglob("*.shard"))
    assert len(shards) > 3
    content = bytearray(shards[1].read_bytes())
    content[len(content) // 2] ^= 1
    shards[1].write_bytes(content)
    shards[2].write_bytes(b"")
    said: list[str] = []
    monkeypatch.setattr(Progress, "say", lambda self, sentence: said.append(sentence))
    run_inside(folder, data, out, monkeypatch)
    assert sum("computed again" in sentence for sentence in said) == 2
    assert_same_tables(out, tmp_path / "whole")


def test_a_shard_copied_over_another_is_not_counted_twice(
    request_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data, _ = request_run
    run_inside(folder, data, tmp_path / "whole", monkeypatch)
    out, other = tmp_path / "cut", tmp_path / "other"
    for cut, changed in ((out, {}), (other, {"weight": 20_001})):
        with monkeypatch.context() as patch:
            patch.setattr(engine, "run_frames", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                run_inside(folder, data, cut, patch, **changed)
    shards, foreign = sorted(out.rglob("*.shard")), sorted(other.rglob("*.shard"))
    shutil.copy(shards[0], shards[1])  # of the same run, under another number
    shutil.copy(foreign[2], shards[2])  # under the same number, of a run with other settings
    said: list[str] = []
    monkeypatch.setattr(Progress, "say", lambda self, sentence: said.append(sentence))
    run_inside(folder, data, out, monkeypatch)
    named = [sentence for sentence in said if "computed again" in sentence]
    assert len(named) == 2
    assert "000001.shard is shard 1 of prot_bert over binding_sites" in named[0]
    assert "000002.shard is shard 3 of prot_bert over binding_sites" in named[1]
    assert_same_tables(out, tmp_path / "whole")


def test_a_killed_run_loses_at_most_one_shard(tmp_path: Path) -> None:
    """SIGKILL, in a process of its own: no handler runs, no file is closed."""
    folder = make_checkpoint(tmp_path / "weights", "prot_bert", layers=2, heads=2, width=16)
    records = [
        {"id": f"p{n}", "primary": ("ACDEFGHIKLMNPQRSTVWY" * 20)[n % 7 :], "sites": [n]}
        for n in range(60)
    ]
    for record in records:
        record["positions"] = list(range(len(record["primary"])))
    data = write_lmdb(tmp_path / "data.lmdb", records)
    command = [sys.executable, "-m", "precompute", "run", "--model", "prot_bert"]
    command += ["--weights", str(folder), "--dataset", "binding_sites", "--data", str(data)]
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    process = subprocess.Popen(
        [*command, "--out", str(cut), "--quiet"], cwd=ROOT, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while len(list(cut.rglob("*.shard"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = len(list(cut.rglob("*.shard")))
    assert kept >= 2, "it was over before it was killed: nothing was tried"
    assert not list(cut.glob("*.parquet"))
    finish = subprocess.run(
        [*command, "--out", str(cut)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"{kept} of " in finish.stderr
    subprocess.run([*command, "--out", str(whole), "--quiet"], cwd=ROOT, check=True)
    assert_same_tables(cut, whole)


def test_two_runs_do_not_write_one_folder(request_run, tmp_path: Path) -> None:
    _, _, command = request_run
    with locked_folder(str(tmp_path)):
        second = subprocess.run(
            [*command, "--out", str(tmp_path), "--quiet"], cwd=ROOT, capture_output=True, text=True
        )
    assert second.returncode == 1
    assert "Another run is writing" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_full_disk_is_one_sentence_and_loses_nothing(
    request_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data, _ = request_run
    out = tmp_path / "results"
    real, written = os.fsync, []

    def full(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AtlasError, match=r"No space left.*room"):
        run_inside(folder, data, out, monkeypatch)
    assert not list(out.rglob("*.part"))
    assert len(list(out.rglob("*.shard"))) == 2
    run_inside(folder, data, out, monkeypatch)
    assert len(list_runs(out)) == 1


def test_a_run_with_other_settings_is_refused_or_kept_apart(
    request_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data, _ = request_run
    first = run_inside(folder, data, tmp_path / "results", monkeypatch)
    make_checkpoint(folder, "prot_bert", sharpness=25, seed=5)
    with pytest.raises(AtlasError, match=r"other settings \(weights_sha256 \w{12}… there, \w{12}…"):
        run_inside(folder, data, tmp_path / "results", monkeypatch)
    assert list(list_runs(tmp_path / "results")["run"]) == [first]
    second = run_inside(folder, data, tmp_path / "results", monkeypatch, add=True)
    assert first != second
    runs = list_runs(tmp_path / "results")
    assert set(runs["run"]) == {first, second}
    assert runs["weights_sha256"].nunique() == 2
    one, other = (read_table(tmp_path / "results", HEAD_COUNTS, run=r) for r in (first, second))
    assert not one["arcs"].equals(other["arcs"])


def test_out_of_memory_halves_the_batch_and_says_so(adapter) -> None:
    class Small(type(adapter)):
        def __init__(self) -> None:
            self.__dict__ = dict(vars(adapter))

        def attend(self, encodings, receive) -> None:
            if len(encodings) * max(map(len, encodings)) > 150:
                raise torch.OutOfMemoryError("CUDA out of memory")
            super().attend(encodings, receive)

    chains = chains_of("proteinnet")
    items = collect_items([chains])
    features = [FeatureSet(DATASETS["proteinnet"].features)]
    said: list[str] = []
    (tally,), fitted = measure_items(
        Small(), items, features, CPU, 400, lambda _: None, said.append
    )
    assert said
    assert fitted < 400
    (expected,) = measure(adapter, [chains], 0)
    assert_same(tally, expected, but=("special",))
    long = [Chain("long", "A" * 200, np.zeros((200, 3)), np.ones(200, dtype=bool))]
    with pytest.raises(AtlasError, match="200 residues"):
        measure_items(
            Small(), collect_items([long]), features, CPU, 400, lambda _: None, said.append
        )


def test_a_shard_comes_back_as_it_was(tmp_path: Path) -> None:
    tally = Tally.empty(2, 3, 4)
    tally.hits += torch.arange(tally.hits.numel()).view_as(tally.hits) * 2**40
    store = ShardStore(tmp_path / "shards", {"model": "m", "data sets": "d", "settings": "s"})
    one, two = (partial(unpack_shard, tallies=count) for count in (1, 2))
    assert store.read(0, one) is None
    store.write(0, pack_shard(Shard((tally,), 1.5)))
    back = store.read(0, one)
    assert back is not None
    assert back.seconds == 1.5
    assert_same(back.tallies[0], tally)
    with pytest.raises(ValueError, match="version"):
        store.read(0, two)


def test_settings_change_the_name_of_a_run(request_run) -> None:
    folder, data, _ = request_run
    checkpoint = Checkpoint(MODELS["prot_bert"], Weights(folder, "test"))
    dataset = DATASETS["binding_sites"]
    options = Settings(proteins=5)
    with dataset.open(data) as chains:
        sample = draw_sample(dataset, chains, options, Progress(quiet=True))
    names = {
        digest(run_identity(checkpoint, "w", [sample], changed))
        for changed in (
            options,
            replace(options, seed=1),
            replace(options, seed=None),
            replace(options, max_length=100),
            replace(options, precision="bfloat16"),
        )
    }
    assert len(names) == 5
    same = replace(options, batch_tokens=64, device="cuda")
    assert digest(run_identity(checkpoint, "w", [sample], same)) in names
