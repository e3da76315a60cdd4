"""`compare` on results whose truth is known."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precompute.command_line import main
from precompute.commands.compare import compare_results
from precompute.heads import measured_heads
from precompute.published import read_published
from precompute.statistics import protein_interval
from precompute.tables import (
    BACKGROUND,
    COLUMN_DISTANCE,
    HEAD_COUNTS,
    PUBLISHED_COLUMN_DISTANCE,
    PUBLISHED_HEADS,
    RUNS,
    add_run,
)
from precompute.tally import THRESHOLDS

ARCS, PROTEINS = 1000, 50
SHIFTED = (3, 4)


def counts_like_the_paper(run: str) -> pd.DataFrame:
    """TapeBert's published contacts as counts, but for one head and the masked ones."""
    heads = read_published(PUBLISHED_HEADS)
    own = heads[(heads["model"] == "tape_bert") & (heads["feature"] == "contact")]
    frame = own[["model", "feature", "layer", "head"]].copy()
    percent = own["percent"].fillna(0.0).to_numpy().copy()
    percent[(own["layer"] == SHIFTED[0]) & (own["head"] == SHIFTED[1])] += 30
    arcs = np.where(own["masked"], 99, ARCS * 1000)
    hits = np.round(percent / 100 * arcs).astype(int)
    per_protein = hits / PROTEINS
    frame = frame.assign(
        run=run, dataset="proteinnet", attention="self", threshold=0.3, arcs=arcs, eligible=arcs
    ).assign(hits=hits, proteins=PROTEINS)
    # Every protein alike, up to a little scatter.
    frame["hits_squared"] = (per_protein**2 * PROTEINS * 1.01).round().astype(int)
    frame["hits_arcs"] = (per_protein * arcs).round().astype(int)
    frame["arcs_squared"] = (arcs.astype(float) ** 2 / PROTEINS).round().astype(int)
    frame["hits_eligible"], frame["eligible_squared"] = frame["hits_arcs"], frame["arcs_squared"]
    return frame


def write_run(folder: Path, run: str, **row: object) -> None:
    counts = counts_like_the_paper(run)
    counts["model"] = row.get("model", "tape_bert")
    values = {
        column.name: {"string": "{}", "int16": 12, "double": 1.0}.get(str(column.type), 1)
        for column in RUNS.columns
    }
    values |= {"run": run, "model": "tape_bert", "dataset": "proteinnet", "protein_ids": ["a"]}
    values |= {"protein_records": [0], "thresholds": list(THRESHOLDS), **row}
    background = pd.DataFrame(
        [(run, "proteinnet", "contact", "published", 1266, 100_000, 50)],
        columns=list(BACKGROUND.column_names),
    )
    add_run(folder, pd.DataFrame([values]), {HEAD_COUNTS: counts, BACKGROUND: background})


def test_compare_finds_the_one_head_that_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(tmp_path / "results", "tape_bert-proteinnet-1")
    arguments = ["compare", str(tmp_path / "results"), "--heads", "--csv", str(tmp_path / "c.csv")]
    assert main(arguments) == 0
    printed = capsys.readouterr().out.splitlines()
    summary = next(line for line in printed if line.startswith("tape_bert-proteinnet-1  contact"))
    masked = read_published(PUBLISHED_HEADS).query("model == 'tape_bert' and feature == 'contact'")[
        "masked"
    ]
    kept = int((~masked).sum())
    assert f"{kept} of 144" in summary
    assert f"  {kept - 1}  " in summary, "all but one within the drawing's resolution"
    assert f"at {SHIFTED[0]}-{SHIFTED[1]}" in summary
    assert "+30.00" in summary
    first_head = next(line for line in printed if "  3-4  " in line)
    assert first_head.rstrip().endswith("no")
    own = [line.split() for line in printed if re.search(r"contact +\d+-\d+ ", line)]
    said = {(int(row[2].split("-")[0]), int(row[2].split("-")[1])): row[-1] for row in own}
    assert len(said) == kept
    frame = compare_results(str(tmp_path / "results")).set_index(["layer", "head"])
    inside = frame["within_interval"].map({True: "yes", False: "no"})[list(said)]
    assert inside.to_dict() == said
    assert set(said.values()) == {"yes", "no"}
    table = pd.read_csv(tmp_path / "c.csv")
    assert len(table) == 144
    assert table["difference"].notna().sum() == kept
    assert table.loc[table["difference"].abs() > 1, ["layer", "head"]].to_numpy().tolist() == [
        list(SHIFTED)
    ]


def test_compare_says_what_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(tmp_path / "results", "mine-1", model="mine")
    write_run(tmp_path / "results", "small-1", layers=2, heads=3)
    assert main(["compare", str(tmp_path / "results")]) == 1
    printed = capsys.readouterr()
    (mine,) = [line for line in printed.out.splitlines() if "mine-1" in line]
    assert mine.endswith(
        "the paper has no mine, and shares of arcs are published of its models alone."
    )
    assert "2 × 3" in printed.out
    assert "no run that can be compared" in printed.err
    assert main(["compare", str(tmp_path / "nowhere")]) == 1


def test_compare_says_what_others_have_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in ("esm_msa1b", "esm2_t6_8m", "prost_t5"):
        write_run(tmp_path / "results", f"{model}-1", model=model)
    assert main(["compare", str(tmp_path / "results")]) == 1
    said = {
        line.split(":")[1].strip().removesuffix("-1"): line
        for line in capsys.readouterr().out.splitlines()
    }
    assert "; published of esm_msa1b: column attention and distance (MsaPhylo)" in said["esm_msa1b"]
    assert said["esm_msa1b"].endswith(" and precision of contacts, on the page Contacts.")
    assert said["esm2_t6_8m"].endswith(
        "; published of esm2_t6_8m: precision of contacts, on the page Contacts."
    )
    assert said["prost_t5"].endswith("of its models alone.")


def column_frame(run: str) -> pd.DataFrame:
    """MsaPhylo's values as a run has them: half as large, but for one head of the other sign."""
    published = read_published(PUBLISHED_COLUMN_DISTANCE).query("tree == 'ml'")
    key = ["control", "layer", "head"]
    frames = []
    for definition, factor in (("corrected", 0.25), ("published", 0.5), ("published_cls", 0.5)):
        frame = published[key].assign(run=run, definition=definition, alignments=7)
        frame["spearman"] = factor * published["spearman"]
        frame.loc[(frame["layer"] == 3) & (frame["head"] == 12), "spearman"] *= -1
        frame["spearman_lower"] = frame["spearman"] - 0.1
        frame["spearman_upper"] = frame["spearman"] + 0.1
        for name in ("pearson", "pearson_lower", "pearson_upper"):
            frame[name] = np.nan
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def test_column_attention_is_set_beside_msaphylos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for run, shape in (("esm_msa1b-alignments-1", (12, 12)), ("small", (3, 4))):
        values = {
            column.name: {"string": "x", "int16": 12, "double": 1.0}.get(str(column.type), 1)
            for column in RUNS.columns
        }
        values |= {"run": run, "model": "esm_msa1b", "dataset": "alignments", "protein_ids": ["a"]}
        values |= {"protein_records": [0], "thresholds": list(THRESHOLDS)}
        values |= {"layers": shape[0], "heads": shape[1], "notes": '{"column attention": "yes"}'}
        add_run(tmp_path, pd.DataFrame([values]), {COLUMN_DISTANCE: column_frame(run)})
    target = tmp_path / "c.csv"
    assert main(["compare", str(tmp_path), "--heads", "--csv", str(target)]) == 0
    printed = capsys.readouterr().out.splitlines()
    lines = [line.split() for line in printed if line.startswith("esm_msa1b-alignments-1  ")]
    none = next(line for line in lines if line[1] == "none")
    assert none[2:9] == ["144", "of", "144", "7", "0.364", "0.182", "0.091"]
    assert none[10] == "143", "one head has the other sign"
    assert {line[1] for line in lines} == {"none", "columns", "covariance", "rows"}
    first = next(line for line in lines if len(line[2].split("-")) == 2 and line[1] == "none")
    assert first[2] == "3-12", "the largest published one first"
    assert first[3:7] == ["-0.521", "+0.260", "+0.781", "+0.130"]
    assert not target.exists(), "no property of heads was compared"
    table = pd.read_csv(tmp_path / "c-columns.csv")
    assert len(table) == 4 * 144
    assert set(table["run"]) == {"esm_msa1b-alignments-1"}


def test_intervals_of_a_head_frame_are_those_of_its_counts(tmp_path: Path) -> None:
    counts = counts_like_the_paper("r")
    background = pd.DataFrame(
        [("r", "proteinnet", "contact", "published", 1266, 100_000, 50)],
        columns=list(BACKGROUND.column_names),
    )
    frame = measured_heads(counts, background, "r", 12, 12).set_index(["layer", "head"])
    row = counts.set_index(["layer", "head"]).loc[(12, 4)]
    kept = int((counts["arcs"] >= 100).sum())
    interval = protein_interval(
        *(row[c] for c in ("hits", "arcs", "proteins")),
        *(row[c] for c in ("hits_squared", "hits_arcs", "arcs_squared")),
        alpha=0.05 / kept,
    )
    ours = frame.loc[(12, 4)]
    assert ours["interval_lower"] == pytest.approx(100 * interval.lower)
    assert ours["interval_upper"] == pytest.approx(100 * interval.upper)
    assert ours["log2_enrichment"] == pytest.approx(np.log2(ours["percent"] / 1.266))
    assert frame["masked"].sum() == (counts["arcs"] == 99).sum()
