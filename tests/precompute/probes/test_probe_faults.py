"""What an interrupted probing left is cut short, exchanged or damaged; the disk fills."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from precompute.command_line import main
from precompute.models.encoder import EncoderAdapter
from tests.checkpoints import make_checkpoint
from tests.precompute.probes.test_probe_command import command, scores
from tests.small_disk import small_disk

FEW = ("--task", "secondary_structure_3", "--source", "embeddings", "--protocol", "corrected")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("weights"), "prot_bert", layers=2)


@pytest.fixture(scope="module")
def measured(weights: Path, structures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    assert main(command(weights, structures, out, *FEW)) == 0
    return out


def cut(folder: Path) -> None:
    path = folder / "vectors-001.f16"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def exchange(folder: Path) -> None:
    first, second = folder / "vectors-001.f16", folder / "vectors-002.f16"
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def flip(folder: Path) -> None:
    path = folder / "vectors-002.f16"
    data = bytearray(path.read_bytes())
    data[101] ^= 1 << 6
    path.write_bytes(data)


def remove(folder: Path) -> None:
    (folder / "vectors-002.f16").unlink()


@pytest.mark.parametrize("damage", [cut, exchange, flip, remove])
def test_damaged_features_are_made_again(
    damage: Callable[[Path], None],
    measured: Path,
    weights: Path,
    structures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    represent, ran = EncoderAdapter.represent, []

    def stop(self: EncoderAdapter, *given: Any) -> None:
        ran.append(1)
        if len(ran) == 12:
            raise KeyboardInterrupt
        represent(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr("precompute.probes.features._FLUSHED", 2)
        patched.setattr(EncoderAdapter, "represent", stop)
        assert main(command(weights, structures, tmp_path, *FEW)) == 130
    (folder,) = (tmp_path / ".unfinished").glob("probes-*")
    damage(folder)
    assert main(command(weights, structures, tmp_path, *FEW)) == 0
    pd.testing.assert_frame_equal(scores(tmp_path), scores(measured))


def test_scores_of_one_layer_that_stand_for_another_are_made_again(
    measured: Path, weights: Path, structures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("precompute.probes.run.add_run", stop)
        assert main(command(weights, structures, tmp_path, *FEW)) == 130
    first, second = sorted(tmp_path.rglob("corrected-*.json"))
    shutil.copy(first, second)
    first.write_text(first.read_text().replace("0.", "0.0", 1))
    assert main(command(weights, structures, tmp_path, *FEW)) == 0
    pd.testing.assert_frame_equal(scores(tmp_path), scores(measured))


def test_a_disk_that_fills_while_a_model_is_run_ends_nothing(
    measured: Path, weights: Path, structures: Path, tmp_path: Path
) -> None:
    """Pages of a file that is mapped and has no room end a process without a word (SIGBUS)."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from precompute.command_line import main\n"
        "from precompute.probes.features import FeatureStore\n"
        "features = FeatureStore._features\n"
        "def fill(self, *given):\n"
        "    try:\n"
        "        (Path(sys.argv[1]) / 'others').write_bytes(bytes(1 << 26))\n"
        "    except OSError:\n"
        "        pass\n"
        "    return features(self, *given)\n"
        "FeatureStore._features = fill\n"
        "sys.exit(main(sys.argv[2:]))\n"
    )
    with small_disk(tmp_path / "disk", "32m") as disk:
        out = disk.folder / "results"
        given = command(weights, structures, out, *FEW)
        done = subprocess.run(
            [sys.executable, "-c", script, str(disk.folder), *given],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        (sentence,) = done.stderr.splitlines()
        assert "the disk is full; make room" in sentence
        (disk.folder / "others").unlink()
        assert main(given) == 0
        pd.testing.assert_frame_equal(scores(out), scores(measured))


def test_too_little_room_for_features_is_said_first(
    weights: Path, structures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk", "128k") as disk:
        assert main(command(weights, structures, disk.folder / "results", *FEW)) == 1
        (sentence,) = capsys.readouterr().err.splitlines()
        assert "make room" in sentence
