"""Input that cannot be used: one sentence, a status that is not 0, nothing half written."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.datasets.record_pickle import unpickle_record
from precompute.errors import AtlasError
from precompute.models import capture
from precompute.tables import list_runs
from tests.chains import records_of, write_lmdb
from tests.checkpoints import PROT_BERT_TOKENS, make_checkpoint

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "weights", "prot_bert")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_lmdb(tmp_path / "data.lmdb", records_of("binding_sites"))


@pytest.fixture
def refused(
    tmp_path: Path, checkpoint: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run the command with one thing changed; give the one sentence it ends with."""

    def run(**changed: Any) -> str:
        out = Path(changed.pop("out", tmp_path / "results"))
        options = {
            "model": "prot_bert",
            "weights": checkpoint,
            "dataset": "binding_sites",
            "data": data,
        } | changed
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        status = main(["run", *arguments, "--out", str(out), "--quiet"])
        printed = capsys.readouterr()
        assert status == 1
        assert printed.out == ""
        lines = printed.err.strip().splitlines()
        assert len(lines) == 1, printed.err
        assert lines[0].startswith("precompute: ")
        assert lines[0].endswith(".")
        if out.is_dir():
            assert not list(out.rglob("*.parquet")), "something was written"
            assert not list(out.rglob("*.part")), "something was half written"
        return lines[0]

    return run


class Exploit:
    """A pickle that runs a command when it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


def test_names_that_do_not_exist(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "no model prot_brt" in refused(model="prot_brt")
    assert "no dataset sites" in refused(dataset="sites")
    assert "nothing at" in refused(data=tmp_path / "nowhere")
    assert "no checkpoint folder" in refused(weights=tmp_path / "nowhere")


def test_lmdb_that_asks_for_code(refused: Callable[..., str], tmp_path: Path) -> None:
    marker = tmp_path / "owned"
    records = [pickle.dumps(records_of("binding_sites")[0]), pickle.dumps(Exploit(marker))]
    path = write_lmdb(tmp_path / "evil.lmdb", records, raw=True)
    sentence = refused(data=path)
    assert "record 1" in sentence
    assert "system" in sentence
    assert not marker.exists()


def test_lmdb_that_is_empty_or_truncated(
    refused: Callable[..., str], data: Path, tmp_path: Path
) -> None:
    nothing = tmp_path / "nothing.lmdb"
    nothing.mkdir()
    assert "no LMDB" in refused(data=nothing)
    (nothing / "data.mdb").write_bytes(b"")
    assert "empty" in refused(data=nothing)
    assert "empty" in refused(data=write_lmdb(tmp_path / "none.lmdb", []))
    whole = (data / "data.mdb").read_bytes()
    for size in (100, 5000, len(whole) // 2, len(whole) - 1):
        short = tmp_path / f"short{size}.lmdb"
        short.mkdir()
        (short / "data.mdb").write_bytes(whole[:size])
        assert "truncated" in refused(data=short)


def test_lmdb_whose_count_does_not_fit(refused: Callable[..., str], tmp_path: Path) -> None:
    import lmdb

    path = write_lmdb(tmp_path / "short.lmdb", records_of("binding_sites"))
    with lmdb.open(str(path)) as environment, environment.begin(write=True) as transaction:
        transaction.put(b"num_examples", pickle.dumps(99))
    assert "99" in refused(data=path)


def test_lmdb_of_another_dataset(refused: Callable[..., str], tmp_path: Path) -> None:
    path = write_lmdb(tmp_path / "other.lmdb", records_of("proteinnet"))
    sentence = refused(data=path)
    assert "record" in sentence
    assert "positions" in sentence


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("primary", "ACD"),
        ("primary", 5),
        ("positions", ["x"] * 29),
        ("positions", None),
        ("sites", 7),
        ("sites", ["a"]),
    ],
)
def test_damaged_records(
    refused: Callable[..., str], tmp_path: Path, field: str, value: Any
) -> None:
    record = records_of("binding_sites")[0] | {field: value}
    assert "record 0" in refused(data=write_lmdb(tmp_path / "damaged.lmdb", [record]))


@pytest.mark.parametrize(
    ("letters", "said"),
    [("acdef", "capital"), ("ACD1F", "'1'"), ("AC-EF", "gaps"), ("ACJEF", "'J'"), ("", "empty")],
)
def test_sequences_that_are_none(
    refused: Callable[..., str], tmp_path: Path, letters: str, said: str
) -> None:
    record = {"id": "odd", "primary": letters, "positions": list(range(len(letters))), "sites": []}
    sentence = refused(data=write_lmdb(tmp_path / "odd.lmdb", [record]))
    assert said in sentence
    assert "odd" in sentence


def test_checkpoint_with_missing_layers(refused: Callable[..., str], checkpoint: Path) -> None:
    path = checkpoint / "pytorch_model.bin"
    state = torch.load(path, weights_only=True)
    torch.save({n: t for n, t in state.items() if "layer.1." not in n}, path)
    sentence = refused()
    assert "lacks 16 of" in sentence
    assert "encoder.layer.1." in sentence


def test_checkpoint_with_another_shape(refused: Callable[..., str], checkpoint: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps(config | {"intermediate_size": 7}))
    assert "shape" in refused()


def test_checkpoint_with_the_wrong_vocabulary(
    refused: Callable[..., str], checkpoint: Path
) -> None:
    words = PROT_BERT_TOKENS.split()
    (checkpoint / "vocab.txt").write_text("\n".join(["the", "of", *words[2:]]))
    assert "lacks [PAD]" in refused()
    (checkpoint / "vocab.txt").write_text("\n".join([*words, "extra"]))
    assert "31" in refused()
    (checkpoint / "vocab.txt").unlink()
    assert "neither vocab.txt nor" in refused()


def test_checkpoint_that_asks_for_code(
    refused: Callable[..., str], checkpoint: Path, tmp_path: Path
) -> None:
    marker = tmp_path / "owned"
    torch.save({"bert.x": Exploit(marker)}, checkpoint / "pytorch_model.bin")
    assert "asks for code" in refused()
    assert not marker.exists()


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"PK\x03\x04 broken"])
def test_checkpoint_that_is_no_checkpoint(
    refused: Callable[..., str], checkpoint: Path, content: bytes
) -> None:
    (checkpoint / "pytorch_model.bin").write_bytes(content)
    refused()
    (checkpoint / "pytorch_model.bin").unlink()
    assert "neither" in refused()
    (checkpoint / "model.safetensors").write_bytes(content)
    assert "damaged" in refused()


@pytest.mark.parametrize("config", ["", "[]", "{", '{"model_type": "t5"}', '{"hidden_size": "x"}'])
def test_config_that_is_none(refused: Callable[..., str], checkpoint: Path, config: str) -> None:
    (checkpoint / "config.json").write_text(config)
    assert "config.json" in refused() or "t5" in config


def test_model_that_returns_no_attention(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "register", lambda: "sdpa")
    assert "attention of 0 of its 2 layers" in refused()


def test_input_longer_than_the_model_reads(refused: Callable[..., str], checkpoint: Path) -> None:
    assert "at most 40000 tokens" in refused(**{"max-length": 50000})
    assert "3 or more" in refused(**{"max-length": 2})


def test_results_folder_that_cannot_be_written(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "cannot be written" in refused(out=tmp_path / "file")
    assert "cannot be written" in refused(out=tmp_path / "file" / "below")
    assert "cannot be written" in refused(out="/proc/atlas-results")


def test_results_folder_of_something_else(
    checkpoint: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    out.mkdir()
    (out / "runs.parquet").write_bytes(b"my marathon times")
    arguments = ["run", "--model", "prot_bert", "--weights", str(checkpoint), "--quiet"]
    arguments += ["--dataset", "binding_sites", "--data", str(data), "--out", str(out)]
    assert main(arguments) == 1
    assert "not a readable Parquet file" in capsys.readouterr().err
    assert (out / "runs.parquet").read_bytes() == b"my marathon times"


def test_interruption_leaves_the_tables_as_they_were(checkpoint: Path, tmp_path: Path) -> None:
    records = [
        {"id": f"p{n}", "primary": "ACDEFGHIKLMNPQRSTVWY" * 20, "positions": list(range(400))}
        | {"sites": [n]}
        for n in range(3000)
    ]
    data = write_lmdb(tmp_path / "long.lmdb", records)
    out = tmp_path / "results"
    command = [sys.executable, "-m", "precompute", "run", "--model", "prot_bert"]
    command += ["--weights", str(checkpoint), "--dataset", "binding_sites", "--data", str(data)]
    process = subprocess.Popen(
        [*command, "--out", str(out)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not list(out.glob(".unfinished/*/*.shard")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in printed.splitlines()[-1]
    assert "Traceback" not in printed
    assert not list(out.rglob("*.parquet"))
    assert not list(out.rglob("*.part"))


@pytest.mark.parametrize("core", ["numpy.core", "numpy._core"])
def test_arrays_pickled_by_old_and_new_numpy_are_read(core: str) -> None:
    record = records_of("proteinnet")[1]
    for protocol in range(2, 6):
        data = pickle.dumps(record, protocol=protocol)
        # The module's name is stored with its length, which differs: take the opcode apart.
        if protocol < 4:
            data = data.replace(b"numpy._core.", core.encode() + b".")
        read = unpickle_record(data, "it")
        assert read["primary"] == record["primary"]
        assert np.array_equal(read["tertiary"], record["tertiary"])
        assert np.array_equal(read["valid_mask"], record["valid_mask"])


@pytest.mark.parametrize("name", ["builtins eval", "os system", "numpy load", "subprocess Popen"])
def test_every_other_name_is_refused(name: str) -> None:
    module, attribute = name.split()
    with pytest.raises(AtlasError, match="refused"):
        unpickle_record(f"c{module}\n{attribute}\n.".encode(), "record 3")


def test_the_shipped_registry_reads_what_it_lists() -> None:
    for name in ("proteinnet", "secondary_structure", "binding_sites", "modifications"):
        for number, record in enumerate(records_of(name)):
            data = unpickle_record(pickle.dumps(record), "it")
            chain = DATASETS[name].open.keywords["read_chain"](data, number)
            assert chain.sequence == record["primary"]


@pytest.mark.parametrize("seed", ["-1", str(2**63), "9" * 5000, "1.5", "x", ""])
@pytest.mark.parametrize(
    "command",
    [
        "run --model m --dataset d --out o",
        "run --model m --dataset d --out o --pairs 4",
        "contacts --model m --dataset d --out o",
        "probe --model m --dataset d --out o",
        "train-demo families --out o",
        "build-demo data --work w",
    ],
)
def test_a_seed_that_no_generator_takes_is_refused_first(
    command: str, seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*command.split(), f"--seed={seed}"])
    said = capsys.readouterr().err.splitlines()[-1]
    assert "argument --seed: " in said
    assert " is not a whole number from 0 to " in said


@pytest.mark.parametrize("seed", [0, 2**32, 2**63 - 1])
def test_the_largest_seeds_are_measured_with(
    seed: int, checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    given = ["--model", "prot_bert", "--weights", str(checkpoint), "--data", str(data), "--quiet"]
    given += ["--dataset", "binding_sites", "--out", str(tmp_path / "out"), "--seed", str(seed)]
    assert main(["run", *given]) == 0
    assert list_runs(tmp_path / "out")["seed"].tolist() == [seed]


@pytest.mark.parametrize("command", ["run", "probe"])
def test_several_checkpoints_of_ones_own_stand_in_one_folder(
    command: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        make_checkpoint(tmp_path / "all" / name, "prot_bert")
    given = [command, "--architecture", "bert", "--weights", str(tmp_path / "all"), "--quiet"]
    given += ["--dataset", "binding_sites", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main([*given, "--model", "one,three"]) == 1
    assert "has no folder three: for several models --weights" in capsys.readouterr().err
    if command == "run":
        assert main([*given, "--model", "one,two"]) == 0
        assert list_runs(tmp_path / "out")["model"].tolist() == ["one", "two"]
        return
    assert main([*given, "--model", "one,two"]) == 1
    assert "proteins with labels" in capsys.readouterr().err
