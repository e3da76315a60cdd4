"""A file of attention holds what transformers shows, however its command was interrupted."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import h5py
import numpy as np
import pandas as pd
import pytest

from precompute.attention import writing
from precompute.attention.chosen import choose_heads
from precompute.attention.maps_file import group_name
from precompute.command_line import main
from precompute.errors import AtlasError
from tests.checkpoints import eager_attention, make_checkpoint, own_checkpoint, shown_attention
from tests.small_disk import small_disk

PROTEINS = {
    "first/1": "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ",
    "second.2": "GSHMAAAKKWWLLE",
    "..": "ACDEFGHIKLMNPQRSTVWYXUBZO",
}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "weights", "esm2_t6_8m")


@pytest.fixture
def fasta(tmp_path: Path) -> Path:
    return write_fasta(tmp_path / "proteins.fasta", PROTEINS)


def write_fasta(path: Path, proteins: dict[str, str]) -> Path:
    path.write_text("".join(f">{name} a title\n{s}\n" for name, s in proteins.items()))
    return path


def attention(fasta: Path, weights: Path, out: Path, *more: str) -> int:
    own = ["--model", "mine", "--architecture", "esm", "--weights", str(weights), "--quiet"]
    return main(["attention", str(fasta), *own, "--out", str(out), *more])


def whole(weights: Path, letters: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Give transformers' own attention between residues, (layers, heads, residues, residues)."""
    adapter = own_checkpoint(weights, "esm").load()
    encoding = adapter.encode(letters)
    found = eager_attention(weights, "EsmModel", encoding.tokens.tolist()).numpy()
    return found[:, :, 1:-1, 1:-1]


def test_arcs_are_every_weight_that_is_large_enough(
    tmp_path: Path, fasta: Path, weights: Path
) -> None:
    assert attention(fasta, weights, tmp_path / "arcs.parquet", "--at-least", "0.07") == 0
    expected = []
    for name, letters in PROTEINS.items():
        maps = whole(weights, letters)
        for at in np.argwhere(maps >= np.float32(0.07)):
            expected.append((name, *(at + 1).tolist(), float(maps[tuple(at)])))
    frame = pd.read_parquet(tmp_path / "arcs.parquet")
    assert list(frame.itertuples(index=False, name=None)) == expected
    assert list(frame) == ["protein", "layer", "head", "from", "to", "weight"]


def test_maps_are_the_models_own_in_half_precision(
    tmp_path: Path, fasta: Path, weights: Path
) -> None:
    assert attention(fasta, weights, tmp_path / "maps.h5", "--heads", "2-3,1-2,2-1") == 0
    with h5py.File(tmp_path / "maps.h5") as file:
        heads = list(zip(file["layer"][:].tolist(), file["head"][:].tolist(), strict=True))
        assert heads == [(1, 2), (2, 1), (2, 3)]
        assert len(file.attrs["weights_sha256"]) == 64
        names = [name for name in file if name not in ("layer", "head")]
        assert names == [group_name(name) for name in PROTEINS]
        for name, letters in PROTEINS.items():
            group = file[group_name(name)]
            assert group.attrs["sequence"] == letters
            maps = whole(weights, letters)
            expected = [maps[layer - 1, head - 1].astype(np.float16) for layer, head in heads]
            np.testing.assert_array_equal(group["attention"][:], expected)


def test_every_name_of_a_protein_is_a_group_that_gives_it_back(
    tmp_path: Path, weights: Path
) -> None:
    """Also those of what else stands in the file."""
    names = [
        "head",
        "layer",
        "Head",
        "%68ead",
        "heads",
        ".",
        "a/head",
        "%",
        "attention",
        "sequence",
    ]
    fasta = write_fasta(tmp_path / "proteins.fasta", dict.fromkeys(names, "MKTAYIAKQR"))
    assert attention(fasta, weights, tmp_path / "maps.h5", "--layers", "1") == 0
    with h5py.File(tmp_path / "maps.h5") as file:
        assert file["layer"].shape == file["head"].shape
        groups = [name for name in file if isinstance(file[name], h5py.Group)]
        assert [unquote(name) for name in groups] == names
        assert {file[name].attrs["sequence"] for name in groups} == {"MKTAYIAKQR"}


def test_only_the_layers_that_are_asked_for_are_written_and_read(
    tmp_path: Path, fasta: Path, weights: Path
) -> None:
    assert attention(fasta, weights, tmp_path / "all.parquet") == 0
    assert attention(fasta, weights, tmp_path / "one.parquet", "--layers", "1") == 0
    whole_frame = pd.read_parquet(tmp_path / "all.parquet")
    own = whole_frame[whole_frame["layer"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "one.parquet"), own)


@pytest.mark.parametrize("ending", ["parquet", "h5"])
def test_an_interrupted_command_is_taken_up(
    tmp_path: Path, weights: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part is made once, and the file is that of a command that was never interrupted."""
    fasta = write_fasta(tmp_path / "many.fasta", {f"p{i}": "MKTAYIAKQR"[: 4 + i] for i in range(6)})
    assert attention(fasta, weights, tmp_path / f"whole.{ending}") == 0
    monkeypatch.setattr(writing, "PART_RESIDUES", 12)
    made = []
    replace = writing._replace

    def stop(partial: Path, path: Path) -> None:
        if path.stem.isdecimal():
            if len(made) == 2:
                raise KeyboardInterrupt
            made.append(path.name)
        replace(partial, path)

    out = tmp_path / f"parts.{ending}"
    monkeypatch.setattr(writing, "_replace", stop)
    assert attention(fasta, weights, out) == 130
    assert not out.exists()
    assert len(made) == 2
    monkeypatch.setattr(writing, "_replace", replace)
    written = []
    for kind in ("arcs_file.ArcsFile", "maps_file.MapsFile"):
        module, name = kind.split(".")
        cls = getattr(__import__(f"precompute.attention.{module}", fromlist=[name]), name)
        own = cls.write_part
        monkeypatch.setattr(
            cls, "write_part", lambda s, p, *a, own=own: (written.append(p.stem), own(s, p, *a))[1]
        )
    assert attention(fasta, weights, out) == 0
    assert not set(written) & {Path(name).stem for name in made}
    assert not out.with_name(f"{out.name}.parts").exists()
    assert same(out, tmp_path / f"whole.{ending}", ending)


def same(one: Path, other: Path, ending: str) -> bool:
    if ending == "parquet":
        return pd.read_parquet(one).equals(pd.read_parquet(other))
    with h5py.File(one) as a, h5py.File(other) as b:
        names = [name for name in a if name not in ("layer", "head")]
        return list(a) == list(b) and all(
            (a[name]["attention"][:] == b[name]["attention"][:]).all() for name in names
        )


def test_parts_of_another_request_are_not_taken(
    tmp_path: Path, fasta: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "arcs.parquet"
    parts = out.with_name("arcs.parquet.parts")
    parts.mkdir()
    (parts / "request.json").write_text("{}")
    assert attention(fasta, weights, out) == 1
    assert "another request" in capsys.readouterr().err
    (parts / "request.json").unlink()
    assert attention(fasta, weights, out) == 0
    assert attention(fasta, weights, out) == 1
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["parquet", "h5"])
@pytest.mark.parametrize("damage", ["copied", "cut", "flipped"])
def test_a_part_that_is_damaged_or_stands_for_another_is_made_again(
    tmp_path: Path, weights: Path, ending: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fasta = write_fasta(tmp_path / "many.fasta", {f"p{i}": "MKTAYIAKQR"[: 4 + i] for i in range(6)})
    assert attention(fasta, weights, tmp_path / f"whole.{ending}") == 0
    monkeypatch.setattr(writing, "PART_RESIDUES", 12)
    out = tmp_path / f"parts.{ending}"
    with monkeypatch.context() as patched:
        for name in ("arcs_file.ArcsFile", "maps_file.MapsFile"):
            patched.setattr(f"precompute.attention.{name}.join", interrupt)
        assert attention(fasta, weights, out) == 130
    first, second = sorted(out.with_name(f"{out.name}.parts").glob(f"0*.{ending}"))[:2]
    data = bytearray(first.read_bytes())
    if damage == "cut":
        del data[len(data) // 2 :]
    elif damage == "flipped":
        data[-200] ^= 1
    second.write_bytes(data) if damage == "copied" else first.write_bytes(data)
    assert attention(fasta, weights, out) == 0
    assert same(out, tmp_path / f"whole.{ending}", ending)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("most", [4096, 40_000])
@pytest.mark.parametrize("ending", ["parquet", "h5"])
def test_a_limit_of_the_system_is_one_sentence(
    tmp_path: Path, fasta: Path, weights: Path, ending: str, most: int
) -> None:
    """HDF5 itself ends the process where a write is refused while it closes a file."""
    given = ["attention", str(fasta), "--model", "own", "--architecture", "esm", "--quiet"]
    given += ["--weights", str(weights), "--out", str(tmp_path / f"file.{ending}")]
    script = (
        "import resource, sys\nfrom precompute.command_line import main\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\nsys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *given], capture_output=True, text=True, check=False
    )
    assert done.returncode == (0 if ending == "parquet" and most > 10_000 else 1)
    assert done.stderr.count("\n") == done.returncode
    assert done.returncode == 0 or "File too large" in done.stderr


@pytest.mark.parametrize(("ending", "size"), [("parquet", "12k"), ("h5", "192k")])
def test_a_full_disk_is_one_sentence_and_loses_nothing(
    tmp_path: Path, weights: Path, ending: str, size: str, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ" * 12
    fasta = write_fasta(tmp_path / "long.fasta", {f"p{i}": letters for i in range(6)})
    with small_disk(tmp_path / "disk", size) as disk:
        out = disk.folder / f"file.{ending}"
        assert attention(fasta, weights, out, "--heads", "1-1,2-2") == 1
        assert "the disk is full" in capsys.readouterr().err
        assert not out.exists()
        disk.make_room()
        assert attention(fasta, weights, out, "--heads", "1-1,2-2") == 0
        attention(fasta, weights, tmp_path / f"fresh.{ending}", "--heads", "1-1,2-2")
        assert same(out, tmp_path / f"fresh.{ending}", ending)


def test_a_dry_run_says_the_size_and_writes_nothing(
    tmp_path: Path, fasta: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert attention(fasta, weights, tmp_path / "maps.h5", "--dry-run") == 0
    cells = sum(len(letters) ** 2 for letters in PROTEINS.values())
    assert f"3 proteins in 1 part: {6 * 2 * cells / 1000:.3g} kB before" in capsys.readouterr().out
    assert [path.name for path in tmp_path.glob("maps*")] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("MKTAYIAKQR\n", "names no sequence"),
        (">a\nMKTAYIAKQR\n>a\nMKTAYI\n", "2 sequences called a"),
        (">\nMKTAYIAKQR\n", "has no name"),
        (">a\nMKT4YI?KQR\n", "at position"),
        (">a\nACGTACGTACGTACGTA\n", "DNA or RNA"),
        (">a\n\n>b\nMKT\n", "is empty"),
        (">a\n" + "M" * 1030 + "\n", "Cut it"),
        (">" + "n" * 1001 + "\nMKTAYIAKQR\n", "has a name of 1,001 signs"),
    ],
)
def test_what_is_no_file_of_proteins_is_one_sentence(
    tmp_path: Path, weights: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fasta = tmp_path / "bad.fasta"
    fasta.write_text(text)
    assert attention(fasta, weights, tmp_path / "arcs.parquet") == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "arcs.parquet.parts").exists()


def test_a_gzipped_file_and_gaps_are_read(tmp_path: Path, weights: Path) -> None:
    fasta = tmp_path / "rows.fasta.gz"
    fasta.write_bytes(gzip.compress(b">a\nMK-TAY\n>b\nMKITAY\n"))
    assert attention(fasta, weights, tmp_path / "arcs.parquet", "--at-least", "0.01") == 0
    frame = pd.read_parquet(tmp_path / "arcs.parquet")
    assert frame.groupby("protein")["from"].max().to_dict() == {"a": 5, "b": 6}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--heads", "3-1"], "There is no head 3-1"),
        (["--heads", "0-1"], "There is no head 0-1"),
        (["--heads", "x"], "is no head"),
        (["--layers", "1-2"], "is no layer"),
        (["--layers", "9" * 5_000], "is no layer"),
        (["--heads", f"1-{'9' * 5_000}"], "is no head"),
        (["--layers", ","], "names nothing"),
        (["--layers", "1", "--heads", "1-1"], "not both"),
        (["--at-least", "0"], "give a weight from 0.01 to 1"),
        (["--at-least", "nan"], "give a weight from 0.01 to 1"),
    ],
)
def test_a_request_that_cannot_be_is_one_sentence(
    tmp_path: Path,
    fasta: Path,
    weights: Path,
    options: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert attention(fasta, weights, tmp_path / "arcs.parquet", *options) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [("arcs.csv", [], "says no format"), ("maps.h5", ["--at-least", "0.3"], "leave it out")],
)
def test_a_format_is_said_by_the_name(
    tmp_path: Path,
    fasta: Path,
    weights: Path,
    name: str,
    more: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert attention(fasta, weights, tmp_path / name, *more) == 1
    assert said in capsys.readouterr().err


def test_heads_are_chosen_in_the_models_order() -> None:
    assert choose_heads(2, 2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert choose_heads(2, 2, only_layers="2,2").tolist() == [[1, 0], [1, 1]]
    assert choose_heads(2, 2, only_heads=" 2-1, 1-2").tolist() == [[0, 1], [1, 0]]
    with pytest.raises(AtlasError, match="There is no head 3-1"):
        choose_heads(2, 2, only_layers="3")


def test_the_demo_model_leaves_out_what_it_does_not_read(tmp_path: Path) -> None:
    """A residue without a token has no attention: NaN, never 0."""
    from precompute.examples import load_example

    letters = load_example("1MVO").engine_chain().sequence
    fasta = write_fasta(tmp_path / "one.fasta", {"1MVO": letters + "GGGGGGGGGG"})
    out = tmp_path / "maps.h5"
    assert main(["attention", str(fasta), "--model", "demo", "--out", str(out), "--quiet"]) == 0
    with h5py.File(out) as file:
        maps = file["1MVO/attention"][:].astype(np.float64)
    unread = np.isnan(maps).all(axis=(0, 2))
    assert unread[-10:].all()
    assert not unread[:20].all()
    assert np.isnan(maps[:, ~unread][:, :, ~unread]).sum() == 0
    assert (maps[:, ~unread][:, :, ~unread].sum(-1) <= 1.01).all()


def test_a_protein_that_the_demo_cannot_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fasta = write_fasta(tmp_path / "one.fasta", {"strange": "W" * 40})
    out = tmp_path / "arcs.parquet"
    assert main(["attention", str(fasta), "--model", "demo", "--out", str(out)]) == 1
    assert "cannot read strange" in capsys.readouterr().err


def test_attention_shown_by_the_adapter_is_what_is_written(
    tmp_path: Path, fasta: Path, weights: Path
) -> None:
    adapter = own_checkpoint(weights, "esm").load()
    shown = shown_attention(adapter, PROTEINS["first/1"])[:, :, 1:-1, 1:-1]
    np.testing.assert_array_equal(shown.numpy(), whole(weights, PROTEINS["first/1"]))
