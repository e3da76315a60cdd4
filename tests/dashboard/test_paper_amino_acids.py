"""Figures of amino acids for print: room, type, and exactly the frame."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashboard.__main__ import main
from dashboard.figures.printing import shell
from dashboard.figures.printing.figure import Source
from dashboard.figures.printing.save import save
from dashboard.pages.amino_acids.shares_print import head_shares_figure
from dashboard.pages.amino_acids.small_heatmaps_print import (
    ORDERS,
    amino_acids_figure,
)
from dashboard.pages.amino_acids.top_by_model_print import model_tops_figure
from dashboard.pages.substitution.matrix_print import substitution_figure
from dashboard.pages.substitution.pairs_print import pairs_figure
from dashboard.results.amino_acids import (
    amino_acid_frames,
    backgrounds,
    head_shares,
    letters_in_order,
    of_amino_acids,
)
from dashboard.results.frames import top_heads
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.clustering import cluster
from precompute.pairs import middle, pairs_with_intervals
from precompute.published import read_published
from precompute.similarity import correlation_matrix, head_vectors, matrix_pairs, resampled_pairs
from precompute.substitution import read_matrix
from precompute.tables import PUBLISHED_HEADS
from tests import measured
from tests.printing import WIDTHS, check_print, drawn

SOURCE = Source("A model of a rather long name", "published", "", "", "0.3", "n = 5,000 proteins")
ALL = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")


@cache
def frames_of(model: str) -> dict[str, pd.DataFrame]:
    return amino_acid_frames(shell.read_paper(model).frames)


def pairs_of(model: str, matrix: str) -> tuple[pd.DataFrame, np.ndarray]:
    vectors = head_vectors(pd.concat(frames_of(model).values()))
    r = correlation_matrix(vectors.percent)
    resampled = resampled_pairs(vectors.percent, 50)
    frame = pairs_with_intervals(
        matrix_pairs(r), read_matrix(matrix), middle(resampled), None, None
    )
    return frame, r


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("model", ["tape_bert", "prot_albert", "prot_xlnet"])
def test_twenty_maps_have_room(model: str, width: int) -> None:
    shared = width != 120
    figure = amino_acids_figure(frames_of(model), SOURCE, LETTERS, shared=shared)
    texts = {text.text for text in check_print(figure, width, "A")}
    for letter in LETTERS:
        highest = frames_of(model)[letter]["percent"].max()
        assert f"{letter} {highest:.1f}" in texts


def test_the_maps_show_the_shipped_table() -> None:
    figure = amino_acids_figure(frames_of("prot_bert"), SOURCE, BY_CHEMISTRY, shared=True)
    with drawn(figure, 183) as (made, _):
        meshes = [axes.collections[0] for axes in made.axes[:20]]
        shown = [np.ma.filled(mesh.get_array().reshape(30, 16), np.nan) for mesh in meshes]
    table = read_published(PUBLISHED_HEADS).query("model == 'prot_bert'")
    for letter, values in zip(BY_CHEMISTRY, shown, strict=True):
        own = table[table["feature"] == f"amino_acid:{letter}"]
        expected = own.pivot(index="layer", columns="head", values="percent").to_numpy()
        np.testing.assert_allclose(values, expected)
    assert len(figure.frame) == 20 * 480


@pytest.mark.parametrize("width", WIDTHS)
def test_shares_of_a_head_have_room(width: int) -> None:
    frames = frames_of("tape_bert")
    shares = head_shares(frames, 12, 4, dict.fromkeys(LETTERS, 5.0))
    figure = head_shares_figure(shares, SOURCE, "12-4", BY_CHEMISTRY)
    texts = [text.text for text in check_print(figure, width, "B")]
    assert [text for text in texts if text in LETTERS] == list(BY_CHEMISTRY)
    assert "background" in figure.caption
    assert backgrounds(frames) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_highest_heads_of_all_models_have_room(width: int) -> None:
    tops = [top_heads(frames_of(model)["P"], 5) for model in ALL]
    labels = [(f"Model {model} of a long name", "published") for model in ALL]
    frame = pd.concat(tops, ignore_index=True)
    figure = model_tops_figure(frame, labels, SOURCE)
    texts = [text.text for text in check_print(figure, width, "C")]
    for layer, head in zip(frame["layer"], frame["head"], strict=True):
        assert f"{layer}-{head}" in texts


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("matrix", "order"),
    [("BLOSUM62", "clustering"), ("MCLACHLAN", "chemistry"), ("GENETIC", "alphabet")],
)
def test_matrices_have_room(matrix: str, order: str, width: int) -> None:
    frame, r = pairs_of("prot_xlnet", matrix)
    tree = cluster(r) if order == "clustering" else None
    letters = BY_CHEMISTRY if order == "chemistry" else LETTERS
    places = tree.order if tree else [LETTERS.index(letter) for letter in letters]
    figure = substitution_figure(frame, SOURCE, matrix, places, tree=tree)
    texts = [text.text for text in check_print(figure, width, "D")]
    assert sum(text in LETTERS for text in texts) - texts.count("D") + 4 == 80
    assert texts.count("D") == 5  # the panel letter, and aspartate on four axes


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("model", ["tape_bert", "prot_albert"])
def test_pairs_have_room(model: str, width: int) -> None:
    frame, _ = pairs_of(model, "BLOSUM62")
    figure = pairs_figure(frame, SOURCE, "BLOSUM62", "r = 0.73.")
    texts = {text.text for text in check_print(figure, width, "E")}
    furthest = frame.loc[frame["standardised_residual"].abs().nlargest(8).index]
    assert set(furthest["amino_acid_1"] + furthest["amino_acid_2"]) <= texts
    assert figure.frame is frame


def test_files_are_the_same_twice() -> None:
    frame, r = pairs_of("tape_bert", "BLOSUM62")
    tree = cluster(r)
    for figure in (
        substitution_figure(frame, SOURCE, "BLOSUM62", tree.order, tree=tree),
        pairs_figure(frame, SOURCE, "BLOSUM62", ""),
        amino_acids_figure(frames_of("tape_bert"), SOURCE),
    ):
        for kind in ("pdf", "svg"):
            assert save(figure, kind, 89) == save(figure, kind, 89)


def test_vectors_and_not_pictures() -> None:
    frame, _ = pairs_of("tape_bert", "BLOSUM62")
    drawing = save(substitution_figure(frame, SOURCE, "BLOSUM62", range(20)), "svg", 89)
    assert b"<image" not in drawing
    maps = save(amino_acids_figure(frames_of("tape_bert"), SOURCE), "svg", 89)
    assert b"<image" not in maps


# From the shell


def run(*arguments: str) -> int:
    return main(["figure", *arguments])


def test_substitution_from_the_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, figure = tmp_path / "pairs.csv", tmp_path / "figure.pdf"
    done = run(
        *("substitution", "--model", "tape_bert", "--out", str(figure)),
        *("--table", str(table), "--caption"),
    )
    assert done == 0
    said = capsys.readouterr().out
    assert "Pearson r = 0.73" in said
    assert "Mantel" in said
    assert figure.read_bytes().startswith(b"%PDF")
    pairs = pd.read_csv(table, keep_default_na=False, na_values=[""])
    assert len(pairs) == 190
    assert np.corrcoef(pairs["score"], pairs["correlation"])[0, 1] == pytest.approx(0.73, abs=0.005)
    assert pairs["paper_difference"].abs().max() < 0.01


def test_amino_acids_from_the_shell(tmp_path: Path, results_folder: Path) -> None:
    out = str(tmp_path / "figure.svg")
    for order in ORDERS:
        assert run("amino-acids", "--model", "tape_bert", "--order", order, "--out", out) == 0
    own = ("--results", str(results_folder), "--run", measured.OWN_RUN)
    assert run("amino-acids", *own, "--threshold", "0.6", "--head", "2-3", "--out", out) == 0
    assert run("substitution", *own, "--pairs", "--matrix", "PAM30", "--out", out) == 0
    heads = of_amino_acids(shell.read_paper("tape_bert"))
    assert sorted(letters_in_order("clustering", heads)) == list(LETTERS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("substitution", "--model", "tape_bert", "--matrix", "BLASTN"), "no matrix BLASTN"),
        (("amino-acids", "--model", "gpt"), "no published values of the model gpt"),
        (("amino-acids", "--model", "tape_bert", "--head", "x"), "x names no head"),
        (("amino-acids", "--model", "tape_bert", "--head", "99-1"), "no head 99-1"),
        (("substitution", "--model", "tape_bert", "--threshold", "0.5"), "threshold 0.3 only"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figure.pdf"
    assert run(*arguments, "--out", str(out)) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not out.exists()
