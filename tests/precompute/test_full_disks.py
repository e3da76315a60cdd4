"""A disk that fills under other runs than heads': one sentence, whole tables, and it goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from precompute.command_line import main
from precompute.contacts.learning import PROTEINS
from tests.checkpoints import make_checkpoint
from tests.measured_alignments import ALIGNMENTS, write_alignment
from tests.measured_contacts import write_data
from tests.msa_checkpoints import SMALL, random_alignment, write_published
from tests.small_disk import small_disk

CIRCUMSTANCES = ["started", "wall_seconds", "command", "device"]


def contacts(folder: Path) -> list[str]:
    weights = make_checkpoint(folder / "weights", "esm2_t6_8m", layers=2, heads=2)
    data = write_data(folder / "data.lmdb", PROTEINS + 4, 50)
    command = ["contacts", "--model", "esm2_t6_8m", "--weights", str(weights)]
    return [*command, "--dataset", "proteinnet", "--data", str(data)]


def alignments(folder: Path) -> list[str]:
    weights = write_published(folder / "weights", SMALL)
    for seed, (name, (rows, columns)) in enumerate(ALIGNMENTS.items()):
        write_alignment(folder / f"families/{name}.a3m", random_alignment(rows, columns, seed))
    command = ["run", "--model", "esm_msa1b", "--weights", str(weights), "--max-length", "96"]
    return [*command, "--dataset", "alignments", "--data", str(folder / "families")]


def tables(out: Path) -> dict[str, pd.DataFrame]:
    """Every table, without what a run says of its circumstances."""
    return {
        str(path.relative_to(out)): pq.read_table(path)
        .to_pandas()
        .drop(columns=CIRCUMSTANCES, errors="ignore")
        for path in sorted(out.rglob("*.parquet"))
    }


@pytest.mark.parametrize("kind", [contacts, alignments])
def test_a_run_goes_on_after_a_full_disk(
    kind: Callable[[Path], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*kind(tmp_path), "--quiet", "--out"]
    assert main([*command, str(tmp_path / "whole")]) == 0
    expected = tables(tmp_path / "whole")
    size = sum(path.stat().st_size for path in (tmp_path / "whole").rglob("*.parquet"))
    for room in (4096, size // 3, 2 * size // 3):
        with small_disk(tmp_path / f"disk-{room}", str(room)) as disk:
            out = disk.folder / "results"
            capsys.readouterr()
            assert main([*command, str(out)]) == 1
            (sentence,) = capsys.readouterr().err.strip().splitlines()
            assert "the disk is full; make room" in sentence
            assert not list(out.rglob("*.part"))
            written = tables(out)  # each can be read, since each is there whole or not at all
            assert set(written) < set(expected)
            disk.make_room()
            assert main([*command, str(out)]) == 0
            found = tables(out)
            assert list(found) == list(expected)
            for name, frame in expected.items():
                pd.testing.assert_frame_equal(found[name], frame)
            assert not (out / ".unfinished").exists()
