"""Downloads against a local server that speaks the hub's protocol, and checkpoints of one's own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from precompute.command_line import main
from precompute.tables import HEAD_COUNTS, list_runs, read_table
from tests.chains import records_of, write_lmdb
from tests.checkpoints import as_safetensors, make_checkpoint
from tests.hub import COMMIT, Hub, hub_settings, serve_hub
from tests.small_disk import small_disk

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = make_checkpoint(tmp_path / "repository", "prot_bert")
    with serve_hub(folder) as server:
        yield server


@pytest.fixture
def run_from_hub(hub: Hub, tmp_path: Path):
    """Run the command in a process whose hub is the local server; give status and sentence."""
    data = write_lmdb(tmp_path / "data.lmdb", records_of("modifications"))
    environment = os.environ | hub_settings(hub, tmp_path / "home")

    def run(**more: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "precompute", "run", "--model", "prot_bert"]
        command += ["--dataset", "modifications", "--data", str(data), "--proteins", "2"]
        done = subprocess.run(
            [*command, "--out", str(tmp_path / "results")],
            cwd=ROOT,
            env=environment | more,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr.strip().splitlines()[-1]

    return run


def test_weights_are_downloaded_once_and_their_commit_is_kept(
    hub: Hub, run_from_hub, tmp_path: Path
) -> None:
    assert run_from_hub()[0] == 0
    row = list_runs(tmp_path / "results").iloc[0]
    assert row["model_revision"] == COMMIT
    weights = (hub.folder / "pytorch_model.bin").read_bytes()
    assert row["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    asked = len(hub.requests)
    hub.status = 503
    assert run_from_hub(HF_HUB_OFFLINE="1")[0] == 0, "what is in the cache needs no network"
    assert len(hub.requests) == asked


def test_too_long_an_input_is_said_before_weights_and_data_are_fetched(
    hub: Hub, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "precompute", "run", "--model", "prot_bert", "--quiet"]
    command += ["--dataset", "modifications", "--max-length", "40001"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "results")],
        cwd=ROOT,
        env=os.environ | hub_settings(hub, tmp_path / "home"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "precompute: ProtBert reads at most 40000 tokens; give --max-length 40000 or less."
    )
    asked = {path.rsplit("/", 1)[-1] for _, path, _ in hub.requests if "/resolve/" in path}
    assert asked == {"config.json"}


def test_safetensors_are_taken_and_pickles_left(hub: Hub, run_from_hub, tmp_path: Path) -> None:
    pickle = (hub.folder / "pytorch_model.bin").read_bytes()
    as_safetensors(hub.folder)
    (hub.folder / "pytorch_model.bin").write_bytes(pickle)
    assert run_from_hub()[0] == 0
    fetched = [path for method, path, _ in hub.requests if method == "GET"]
    assert any(path.endswith("model.safetensors") for path in fetched)
    assert not any(path.endswith("pytorch_model.bin") for path in fetched)


def test_a_broken_download_is_taken_up_where_it_stopped(
    hub: Hub, run_from_hub, tmp_path: Path
) -> None:
    # The hub's client writes blocks of 10 MB: the file must be larger for one to be kept.
    make_checkpoint(hub.folder, "prot_bert", layers=1, width=192)
    assert (hub.folder / "pytorch_model.bin").stat().st_size > 30_000_000
    hub.break_after = 25_000_000
    status, _ = run_from_hub()
    if status != 0:
        status, _ = run_from_hub()
    assert status == 0
    ranges = [wanted for method, path, wanted in hub.requests if wanted and "pytorch" in path]
    assert any(int(wanted.removeprefix("bytes=").split("-")[0]) > 0 for wanted in ranges)


def test_a_full_disk_of_the_cache(hub: Hub, run_from_hub, tmp_path: Path) -> None:
    size = (hub.folder / "pytorch_model.bin").stat().st_size
    with small_disk(tmp_path / "disk", str(size // 2)) as disk:
        status, sentence = run_from_hub(HF_HOME=str(disk.folder))
        assert status == 1
        assert "the disk of the hub's cache is full; make room" in sentence
        assert not (tmp_path / "results" / "runs.parquet").exists()
        disk.make_room()
        assert run_from_hub(HF_HOME=str(disk.folder))[0] == 0


def test_an_error_page_is_not_kept(hub: Hub, run_from_hub, tmp_path: Path) -> None:
    hub.page = b"<!DOCTYPE html><title>Log in to the network</title>" * 40
    status, sentence = run_from_hub()
    assert status == 1
    assert "error page" in sentence
    cached = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not any(b"Log in" in path.read_bytes() for path in cached if "vocab" not in path.name)
    hub.page = None
    for _ in range(2):
        # The first run may still meet a second file of the same kind and remove it.
        status, sentence = run_from_hub()
        if status == 0:
            break
    assert status == 0, sentence


@pytest.mark.parametrize(("status", "said"), [(401, "gated"), (404, "has no"), (500, "not give")])
def test_what_the_hub_refuses(hub: Hub, run_from_hub, status: int, said: str) -> None:
    hub.status = status
    returned, sentence = run_from_hub()
    assert returned == 1
    assert said in sentence
    assert "--weights" in sentence


def test_without_a_network(run_from_hub) -> None:
    for more in ({"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}):
        status, sentence = run_from_hub(**more)
        assert status == 1
        assert "--weights" in sentence


@pytest.mark.parametrize(
    ("like", "architecture"),
    [
        ("prot_bert", "bert"),
        ("tape_bert", "bert"),
        ("prot_albert", "albert"),
        ("prot_xlnet", "xlnet"),
        ("esm2_t6_8m", "esm"),
        ("roberta", "roberta"),
    ],
)
def test_a_checkpoint_of_ones_own_runs_under_its_own_name(
    like: str, architecture: str, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path / "mine", like, layers=3, heads=2, width=16, sharpness=30)
    data = write_lmdb(tmp_path / "data.lmdb", records_of("proteinnet"))
    arguments = ["run", "--model", "my_model.v2", "--architecture", architecture, "--quiet"]
    arguments += ["--weights", str(folder), "--dataset", "proteinnet", "--data", str(data)]
    assert main([*arguments, "--out", str(tmp_path / "results")]) == 0
    row = list_runs(tmp_path / "results").iloc[0]
    assert (row["model"], row["architecture"]) == ("my_model.v2", architecture)
    assert (row["layers"], row["heads"]) == (3, 2)
    counts = read_table(tmp_path / "results", HEAD_COUNTS, run=row["run"])
    assert counts["hits"].sum() > 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--model": "prot_bert"}, "model of the registry"),
        ({"--model": "../evil"}, "cannot name a model"),
        ({"--model": "m" * 65}, "at most 64"),
        ({"--architecture": "mamba"}, "no architecture mamba"),
        ({"--architecture": "xlnet"}, "asked for"),
        ({"--architecture": "esm"}, "asked for"),
    ],
)
def test_a_checkpoint_of_ones_own_that_does_not_fit(
    changed: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_checkpoint(tmp_path / "mine", "tape_bert")
    (folder / "vocab.txt").write_text(
        "<pad>\n<mask>\n<cls>\n<sep>\n<unk>\n" + "\n".join("ABCDEFGHIKLMNOPQRSTUVWXYZ")
    )
    data = write_lmdb(tmp_path / "data.lmdb", records_of("proteinnet"))
    options = {"--model": "mine", "--architecture": "bert", "--weights": str(folder)}
    options |= {"--dataset": "proteinnet", "--data": str(data), "--out": str(tmp_path / "results")}
    options |= changed
    arguments = [text for pair in options.items() for text in pair]
    assert main(["run", *arguments, "--quiet"]) == 1
    sentence = capsys.readouterr().err
    assert said in sentence
    assert len(sentence.strip().splitlines()) == 1


def test_several_models_and_datasets_in_one_command(tmp_path: Path) -> None:
    for model in ("tape_bert", "prot_xlnet"):
        make_checkpoint(tmp_path / "weights" / model, model)
    for dataset, file in (
        ("binding_sites", "binding_sites/binding_site_train.lmdb"),
        ("modifications", "protein_modifications/protein_modification_train.lmdb"),
    ):
        path = tmp_path / "data" / file
        path.parent.mkdir(parents=True)
        write_lmdb(path, records_of(dataset))
    arguments = ["run", "--model", "tape_bert,prot_xlnet", "--weights", str(tmp_path / "weights")]
    arguments += ["--dataset", "binding_sites,modifications", "--data", str(tmp_path / "data")]
    assert main([*arguments, "--out", str(tmp_path / "results"), "--quiet"]) == 0
    runs = list_runs(tmp_path / "results")
    assert set(zip(runs["model"], runs["dataset"], strict=True)) == {
        (model, dataset)
        for model in ("tape_bert", "prot_xlnet")
        for dataset in ("binding_sites", "modifications")
    }
    assert runs["protein_records"].map(tuple).nunique() == 1, "one sample for every model"


def test_dry_run_measures_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_checkpoint(tmp_path / "weights", "prot_bert")
    data = write_lmdb(tmp_path / "data.lmdb", records_of("proteinnet"))
    arguments = ["run", "--model", "prot_bert", "--weights", str(folder), "--dataset"]
    arguments += ["proteinnet", "--data", str(data), "--out", str(tmp_path / "results")]
    assert main([*arguments, "--dry-run", "--quiet"]) == 0
    printed = capsys.readouterr().out
    assert "5 sequences" in printed
    assert f"{(folder / 'pytorch_model.bin').stat().st_size:,} bytes" in printed
    assert printed.count("measured") == 3
    assert not list((tmp_path / "results").rglob("*.parquet"))


def test_export_is_the_same_numbers(tmp_path: Path) -> None:
    import pandas as pd

    folder = make_checkpoint(tmp_path / "weights", "prot_bert", sharpness=30)
    for dataset in ("proteinnet", "binding_sites"):
        data = write_lmdb(tmp_path / f"{dataset}.lmdb", records_of(dataset))
        arguments = ["run", "--model", "prot_bert", "--weights", str(folder), "--quiet"]
        arguments += ["--dataset", dataset, "--data", str(data)]
        assert main([*arguments, "--out", str(tmp_path / "results")]) == 0
    assert main(["export", str(tmp_path / "results"), "--csv", str(tmp_path / "csv")]) == 0
    plain = pd.read_csv(tmp_path / "csv" / "head_counts.csv")
    runs = list(list_runs(tmp_path / "results")["run"])
    frames = [read_table(tmp_path / "results", HEAD_COUNTS, run=run) for run in runs]
    pd.testing.assert_frame_equal(plain, pd.concat(frames, ignore_index=True), check_dtype=False)
    assert main(["export", str(tmp_path / "nowhere"), "--csv", str(tmp_path / "other")]) == 1
    assert not (tmp_path / "other").exists()
