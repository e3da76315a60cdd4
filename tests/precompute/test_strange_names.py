"""Names that are no text in UTF-8, are too long, or lie where nothing can be written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dashboard.__main__ import main as figures
from precompute.command_line import main
from precompute.demo import RESULTS_FOLDER
from precompute.errors import AtlasError
from precompute.long_names import refuse_long_names
from precompute.tables import list_runs, to_json
from tests.checkpoints import make_checkpoint
from tests.precompute.live.snippets import helix, numbered, pdb

LATIN = "q\udce9"
"""What Python makes of a folder that was named in Latin-1."""


def run(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command, text=True, check=False, stderr=subprocess.PIPE, **more
    )


def test_a_sentence_and_notes_can_be_shown_and_kept() -> None:
    assert str(AtlasError(f"{LATIN} is not there.")).encode() == b"q\\udce9 is not there."
    assert to_json({"folder": LATIN}).encode() == b'{"folder": "q\\udce9"}'


def test_a_run_of_and_into_folders_of_any_name(tmp_path: Path) -> None:
    weights = make_checkpoint(tmp_path / "weights", "esm2_t6_8m", layers=1, heads=2)
    data, out = tmp_path / LATIN, tmp_path / LATIN / "results"
    data.mkdir()
    (data / f"{LATIN}.pdb").write_bytes(pdb(helix(numbered(["ALA", "GLY", "SER"] * 8))))
    given = ["--model", "esm2_t6_8m", "--weights", str(weights), "--quiet"]
    command = ["run", *given, "--dataset", "structures", "--data", str(data), "--out", str(out)]
    assert main(command) == 0
    (row,) = list_runs(out).to_dict("records")
    assert row["command"].endswith("\\udce9/results'")
    assert [name.split(".")[0] for name in row["protein_ids"]] == ["q\\udce9"]


def test_attention_is_written_into_folders_of_any_name(tmp_path: Path) -> None:
    weights = make_checkpoint(tmp_path / "weights", "esm2_t6_8m", layers=1, heads=2)
    (tmp_path / LATIN).mkdir()
    fasta, out = tmp_path / LATIN / "a.fasta", tmp_path / LATIN / "arcs.parquet"
    fasta.write_text(">a\nMKTAYIAKQRQISFVKSHFSRQ\n")
    given = ["--model", "esm2_t6_8m", "--weights", str(weights), "--quiet"]
    assert main(["attention", str(fasta), *given, "--at-least", "0.01", "--out", str(out)]) == 0
    with out.open("rb") as file:
        assert pq.read_table(file).num_rows


def test_a_name_that_no_table_takes_is_refused_before_anything_is_run() -> None:
    with pytest.raises(AtlasError, match=r"The chain A{40}… has a name of 1,001 signs"):
        refuse_long_names(["A" * 1_000, "A" * 1_001])


@pytest.mark.parametrize("name", ["x" * 256, "x" * 5_000, "file/x"])
def test_a_place_where_nothing_can_be_written_is_one_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["export", str(RESULTS_FOLDER), "--csv", str(tmp_path / name)]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("precompute: ")
    command = ["figure", "heads", "--model", "tape_bert", "--feature", "binding_site"]
    assert figures([*command, "--bib", str(tmp_path / f"{name}.bib")]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("dashboard: ")


@pytest.mark.parametrize("command", [("precompute", "models"), ("precompute", "datasets")])
def test_an_output_that_is_full_is_one_sentence(command: tuple[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(*command, stdout=full)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "precompute: No space left on device; make room, and give the same command again."
    ]


def test_two_exports_into_one_folder_do_not_write_one_file(tmp_path: Path) -> None:
    others = tmp_path / "runs.csv.part"
    others.write_text("of an export that runs now")
    assert main(["export", str(RESULTS_FOLDER), "--csv", str(tmp_path)]) == 0
    assert others.read_text() == "of an export that runs now"
    assert [path for path in tmp_path.glob("*.part") if path != others] == []
    assert (tmp_path / "runs.csv").is_file()
