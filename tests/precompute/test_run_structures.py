"""Counts over real structures, and attention to special tokens, against plain loops."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.drawn import MOST_NAMED
from precompute.tables import HEAD_COUNTS, SPECIAL_ATTENTION, list_runs, read_table
from tests import naive
from tests.checkpoints import make_checkpoint
from tests.precompute.live.snippets import helix, numbered, pdb

MODEL_NAMES = ["tape_bert", "prot_bert", "prot_bert_bfd", "prot_albert", "prot_xlnet"]


@pytest.mark.shared
@pytest.mark.parametrize("model", MODEL_NAMES)
def test_counts_over_structures_equal_a_double_loop(
    model: str, shared: Path, tmp_path: Path
) -> None:
    data = tmp_path / "structures"
    data.mkdir()
    smallest = sorted((shared / "data" / "structures").iterdir(), key=lambda f: f.stat().st_size)
    for file in smallest[:2]:
        shutil.copy(file, data)
    weights = make_checkpoint(tmp_path / "weights", model, sharpness=60)
    out = tmp_path / "results"
    arguments = ["run", "--model", model, "--weights", str(weights), "--no-shuffle", "--quiet"]
    arguments += ["--dataset", "structures", "--data", str(data), "--out", str(out)]
    assert main(arguments) == 0
    run = list_runs(out)["run"].item()

    network = naive.load_network(model, weights)
    counted = [Counter(), Counter(), Counter()]
    special: Counter[tuple[int, int]] = Counter()
    with DATASETS["structures"].open(data) as chains:
        for number in range(len(chains)):
            chain = chains[number]
            positions = list(range(len(chain)))
            record = {
                "primary": chain.sequence,
                "tertiary": chain.alpha_carbons,
                "valid_mask": chain.resolved,
                "positions": positions,
                "sites": set(np.flatnonzero(chain.binding_site)),
                "modifications": set(np.flatnonzero(chain.modification)),
                "ss8": np.array([1, 4, 6, 7])[chain.secondary_structure],
            }
            attention = naive.attention(network, model, weights, chain.sequence)
            for total, part in zip(
                counted, naive.count(attention, record, (0.1, 0.3)), strict=True
            ):
                total.update(part)
            tokens = torch.tensor([naive.encode(model, weights, chain.sequence)])
            with torch.no_grad():
                layers = network(tokens, output_attentions=True).attentions
            crop, ends = (
                (slice(0, -2), [-2, -1]) if model == "prot_xlnet" else (slice(1, -1), [0, -1])
            )
            for layer, weight in enumerate(layers, 1):
                for head, given in enumerate(
                    weight[0, :, crop][:, :, ends].sum((1, 2)).tolist(), 1
                ):
                    special[layer, head] += given
    arcs, eligible, hits = counted
    assert sum(arcs.values()) > 500
    table = read_table(out, HEAD_COUNTS, run=run)
    for row in table[table["threshold"].isin([0.1, 0.3])].itertuples():
        where = (row.threshold, row.layer, row.head)
        assert row.arcs == arcs["", *where]
        assert row.hits == hits[row.feature, *where], row
        assert row.eligible == eligible[row.feature.split(":")[0], *where], row
    for row in read_table(out, SPECIAL_ATTENTION, run=run).itertuples():
        assert row.weight == pytest.approx(special[row.layer, row.head], rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("quiet", [False, True])
def test_a_folder_says_which_files_it_left_out_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    data = tmp_path / "structures"
    (data / "more").mkdir(parents=True)
    names = ["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS", "LEU", "VAL", "ILE"]
    (data / "good.pdb").write_bytes(pdb(helix(numbered(names))))
    for number in range(MOST_NAMED + 3):
        (data / "more" / f"bad{number:02}.pdb").write_text("nothing\n")
    (data / "empty.cif").write_bytes(b"")
    weights = make_checkpoint(tmp_path / "weights", "tape_bert")
    out = tmp_path / "results"
    arguments = ["run", "--model", "tape_bert", "--weights", str(weights), "--out", str(out)]
    arguments += ["--dataset", "structures", "--data", str(data)]
    assert main([*arguments, *(["--quiet"] if quiet else [])]) == 0
    said = capsys.readouterr().err
    if quiet:
        assert said == ""
    else:
        assert f"{MOST_NAMED + 4} files that could not be read left out." in said
        assert "  empty.cif is empty; fetch it anew.\n" in said
        assert "  more/bad00.pdb holds no atoms" in said
        assert said.count(".pdb holds no atoms") == MOST_NAMED - 1
        assert "and 4 more files; runs.parquet names them" in said
    kept = json.loads(list_runs(out)["skipped"].item())
    assert kept["files that could not be read"] == MOST_NAMED + 4
    assert len(kept["files"]) == MOST_NAMED + 4
    assert kept["files"]["empty.cif"] == "empty.cif is empty; fetch it anew."
