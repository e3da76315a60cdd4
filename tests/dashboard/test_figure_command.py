"""Figures from the shell: what is written, and what is said where nothing can be."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from dashboard.__main__ import FIGURES, main
from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.look.scale import find_scale
from dashboard.figures.printing import shell
from dashboard.figures.printing.figure import PaperFigure, Source
from dashboard.figures.printing.save import save
from dashboard.figures.printing.style import JOURNALS, too_high
from dashboard.figures.printing.words import print_source
from dashboard.pages.live.arcs.protein_print import KINDS
from dashboard.results import loaded as results
from dashboard.results.folders import RESULTS_VARIABLE
from dashboard.results.frames import top_heads
from dashboard.results.head_clusters import cluster_sources
from precompute.demo import RESULTS_FOLDER as DEMO_RESULTS
from precompute.errors import AtlasError
from precompute.heads import DENOMINATORS
from precompute.live.getting.inputs import open_source
from precompute.live.running.attention import attend, units
from precompute.models import find_model
from precompute.models.loading import Checkpoint
from precompute.models.weights import find_weights
from precompute.published import read_published
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    HEAD_SHAPE,
    PUBLISHED_HEADS,
    add_run,
    list_runs,
    read_table,
)
from tests import measured, positions

ROOT = Path(__file__).parents[2]
DEMO_RUN = next(name for name in list_runs(DEMO_RESULTS)["run"] if "structures" in name)


def read(run: results.Run, *given: Any) -> results.Heads:
    """Give a run's heads as pages have them."""
    return results.read_heads(results.HeadSource(run.model, run.model, run), *given)


def figure(*arguments: str | Path) -> int:
    return main(["figure", *map(str, arguments)])


def test_a_figure_its_table_caption_and_citations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pdf, table, bib = (tmp_path / name for name in ("deep/fig2.pdf", "t.csv", "c.bib"))
    files = ("--out", pdf, "--table", table, "--bib", bib, "--caption")
    assert figure("heads", "--model", "prot_bert_bfd", "--width", "120", *files) == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    drawn = pd.read_csv(table)
    paper = read_published(PUBLISHED_HEADS)
    paper = paper[(paper["model"] == "prot_bert_bfd") & (paper["feature"] == "contact")]
    both = drawn.merge(paper, on=["layer", "head"], validate="1:1")
    assert len(both) == len(paper) == 480
    pd.testing.assert_series_equal(both["percent_x"], both["percent_y"], check_names=False)
    assert "elnaggar2022" in bib.read_text()
    caption = capsys.readouterr().out
    assert "30-9 (layer-head), 63.25 %" in caption
    assert "/Heads?feature=contact&models=prot_bert_bfd&results=published" in caption


def test_the_same_command_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        assert figure("top-heads", "--model", "prot_xlnet", "--out", tmp_path / name) == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_size_letter_and_address_are_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "a.PNG"
    look = (
        "--width",
        183,
        "--dpi",
        600,
        "--letter",
        "D",
        "--address",
        "https://atlas.example.org/",
    )
    assert (
        figure("heads", "--model", "tape_bert", "--feature", "binding_site", *look, "--out", path)
        == 0
    )
    image = Image.open(path)
    assert image.size[0] == pytest.approx(183 / 25.4 * 600, abs=1)
    permalink = (
        "https://atlas.example.org/Heads?feature=binding_site&models=tape_bert&results=published"
    )
    assert image.text["Permalink"] == permalink  # type: ignore[attr-defined]
    tables = shell.read_paper("tape_bert")
    made = heads_figure(
        tables.frames["binding_site"], print_source([tables], ["binding_site"], permalink)
    )
    assert path.read_bytes() == save(made, "png", 183, 600, "D")


def test_a_run_is_the_pages_run(
    tmp_path: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    table = tmp_path / "t.parquet"
    assert (
        figure("heads", "--run", measured.OWN_RUN, "--feature", "amino_acid:P", "--table", table)
        == 0
    )
    run = next(run for run in results.load().runs if run.name == measured.OWN_RUN)
    expected = read(run).frames["amino_acid:P"]
    pd.testing.assert_frame_equal(pd.read_parquet(table), expected, check_dtype=False)
    given = ("--results", results_folder, "--model", "tape_bert", "--feature", "binding_site")
    assert figure("top-heads", *given, "--table", table) == 0
    run = next(run for run in results.load().runs if run.name == measured.TAPE_RUN)
    expected = top_heads(read(run).frames["binding_site"])
    pd.testing.assert_frame_equal(pd.read_parquet(table), expected, check_dtype=False)


def test_another_threshold_has_other_counts(tmp_path: Path, results_folder: Path) -> None:
    arcs = []
    for threshold in (0.3, 0.6):
        table = tmp_path / "t.parquet"
        given = ("--results", results_folder, "--run", measured.TAPE_RUN, "--table", table)
        chosen = ("--feature", "binding_site", "--threshold", threshold)
        assert figure("heads", *given, *chosen) == 0
        arcs.append(pd.read_parquet(table)["arcs"].sum())
    # the made-up weights are uniform from 0.3 to 1
    assert arcs[1] / arcs[0] == pytest.approx(0.4 / 0.7, abs=0.01)


def test_what_heads_are_like_is_the_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, run = tmp_path / "t.csv", DEMO_RUN
    given = ("shapes", "--results", DEMO_RESULTS, "--run", run, "--shape", "distance")
    assert figure(*given, "--table", table, "--out", tmp_path / "a.pdf", "--caption") == 0
    sums = read_table(str(DEMO_RESULTS), HEAD_SHAPE, run=run)
    drawn = pd.read_csv(table).merge(sums, on=["layer", "head"], validate="1:1")
    expected = drawn["distance_y"] / drawn["to_residues"]
    assert drawn["distance_x"].to_list() == pytest.approx(expected.to_list())
    said = capsys.readouterr().out
    assert f"/Heads?feature=distance&models=demo&results=measured&run={run}" in said


def test_clusters_are_those_of_the_sources_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, table = ("prot_bert", "tape_bert"), tmp_path / "t.csv"
    named = [f"{model}:published" for model in models]
    given = ("clusters", "--clustered", *named, "--clusters", 3)
    assert figure(*given, "--table", table, "--out", tmp_path / "a.pdf", "--caption") == 0
    drawn = pd.read_csv(table)
    expected = cluster_sources([shell.read_paper(model) for model in models], 3).frame
    assert drawn["cluster"].fillna(0).to_list() == expected["cluster"].fillna(0).to_list()
    assert set(drawn["cluster"].dropna()) == {1, 2, 3}
    link = "/Compare?clustered=prot_bert%3Apublished&clustered=tape_bert%3Apublished&clusters=3"
    assert link in capsys.readouterr().out


@pytest.fixture(scope="module")
def contacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose arcs cannot all be contacts."""
    return positions.write_positions(tmp_path_factory.mktemp("positions"))


@pytest.mark.parametrize("threshold", ["0.3", "0.45"])
@pytest.mark.parametrize("denominator", list(DENOMINATORS))
def test_a_denominator_is_the_pages(
    denominator: str,
    threshold: str,
    contacts: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(contacts))
    chosen = ("--run", positions.RUN, "--denominator", denominator, "--threshold", threshold)
    table = tmp_path / "t.csv"
    files = ("--table", table, "--out", tmp_path / "a.pdf", "--caption")
    assert figure("heads", *chosen, "--measure", "z", *files) == 0
    (run,) = results.load().runs
    shown = read(run, float(threshold), denominator).frames["contact"]
    drawn = pd.read_csv(table)
    for name in ("layer", "head", "percent", "z", "background_percent", "interval_lower"):
        assert drawn[name].to_list() == pytest.approx(shown[name].to_list(), nan_ok=True)
    # and what the page shows is what was counted
    counts = pd.read_parquet(contacts / "head_counts" / f"{positions.RUN}.parquet")
    counts = counts[
        (counts["feature"] == "contact") & (counts["threshold"].round(2) == float(threshold))
    ]
    both = drawn.merge(counts, on=["layer", "head"], suffixes=("", "_counted"), validate="1:1")
    of = both["arcs_counted" if denominator == "published" else "eligible_counted"]
    expected = (100 * both["hits_counted"] / of).where(of >= 100)
    assert both["percent"].to_list() == pytest.approx(expected.to_list(), nan_ok=True)
    assert both["percent"].notna().any()
    said = capsys.readouterr().out
    assert ("eligible arcs" in said) == (denominator == "corrected")
    assert ("&denominator=corrected" in said) == (denominator == "corrected")
    assert ("&threshold=0.45" in said) == (threshold == "0.45")
    assert "&measure=z" in said
    assert figure("top-heads", *chosen, "--table", table) == 0
    highest = top_heads(shown)
    assert pd.read_csv(table)["percent"].to_list() == pytest.approx(highest["percent"].to_list())


def test_the_colours_of_z_are_the_pages(contacts: Path) -> None:
    frame = shell.read_run(str(contacts), positions.RUN, None).frames["contact"]
    scale = find_scale([frame], "z")
    alone, page = (
        save(heads_figure(frame, Source("Own", "run"), "z", limit), "svg", 89, 300, "")
        for limit in (None, scale.limit)
    )
    assert alone == page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["heads"], "Name a model"),
        (["heads", "--model", "tape_bert", "--measure", "z"], "z needs the heads' arcs"),
        (["heads", "--model", "tape_bert", "--denominator", "corrected"], "all arcs in the denom"),
        (["top-heads", "--model", "tape_bert", "--denominator", "corrected"], "all arcs in the"),
        (
            ["heads", "--model", "tape_bert", "--feature", "amino_acid:P", "--measure", "z"],
            "no background",
        ),
        (["heads", "--model", "nope"], "no published values of the model nope"),
        (["heads", "--model", "tape_bert", "--feature", "nope"], "no property nope"),
        (
            ["heads", "--model", "tape_bert", "--feature", "offset:+1"],
            "no published values of TapeBert",
        ),
        (["heads", "--model", "tape_bert", "--threshold", "0.5"], "threshold 0.3 only"),
        (["heads", "--model", "tape_bert", "--threshold", "nan"], "not nan"),
        (["heads", "--run", measured.TAPE_RUN, "--threshold", "0.345"], "threshold 0.345; it has"),
        (["heads", "--run", "nope"], "no run nope"),
        (["heads", "--run", measured.TAPE_RUN, "--threshold", "0.5"], "it has 0.30, 0.60"),
        (["heads", "--run", measured.TAPE_RUN, "--model", "prot_bert"], "no run"),
        (["heads", "--run", measured.TAPE_RUN], "Contact"),
        (["heads", "--results", "nowhere"], "nowhere does not exist"),
        (
            [
                "heads",
                "--model",
                "tape_bert",
                "--feature",
                "amino_acid:P",
                "--measure",
                "enrichment",
            ],
            "no background",
        ),
        (["top-heads", "--model", "tape_bert", "--count", "0"], "not 0"),
        (["shapes", "--model", "tape_bert"], "name a run with --run"),
        (["shapes", "--run", measured.TAPE_RUN], "has no entropy of its heads"),
        (["clusters", "--clustered", *(f"m{number}:r" for number in range(6))], "at most 5"),
        (["clusters", "--clustered", "tape_bert"], "names no source"),
    ],
)
def test_one_sentence_and_no_file(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    results_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    monkeypatch.setenv("ATLAS_DEMO", "0")
    files = (
        "--out",
        tmp_path / "a.pdf",
        "--table",
        tmp_path / "a.csv",
        "--bib",
        tmp_path / "a.bib",
    )
    assert figure(*arguments, *files) == 1
    error = capsys.readouterr().err
    assert error.startswith("dashboard: ")
    assert said in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "files",
    [
        [],
        ["--out", "a.docx"],
        ["--out", "a"],
        ["--table", "a.xlsx"],
        ["--out", "a.pdf", "--table", "a.pdf"],
        ["--bib", "a.txt"],
    ],
)
def test_a_file_that_cannot_be_made(
    files: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert figure("heads", "--model", "tape_bert", *files) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_stays_when_the_new_one_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    assert figure("heads", "--model", "tape_bert", "--out", tmp_path / "taken" / "a.pdf") == 1
    assert "cannot be written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_neither_streamlit_nor_torch_is_needed(tmp_path: Path) -> None:
    """A paper's Makefile waits for a figure, not for a server's imports."""
    script = (
        "import sys; from dashboard.__main__ import main; status = main(sys.argv[1:]); "
        "print(status, [name for name in ('streamlit', 'torch', 'plotly') if name in sys.modules])"
    )
    done = subprocess.run(
        [
            *(sys.executable, "-c", script, "figure", "heads", "--model", "tape_bert"),
            *("--out", str(tmp_path / "a.pdf")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "0 []\n"


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_model_is_run_on_a_protein(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, bib = tmp_path / "t.csv", tmp_path / "c.bib"
    chosen = ("--protein", "example:1MVO", "--kind", kind, "--head", "1-10", "--threshold", "0.1")
    assert figure("protein", *chosen, "--table", table, "--bib", bib, "--caption") == 0
    caption = capsys.readouterr().out
    assert "/Live?protein=example%3A1MVO&chain=A&model=demo&layer=1&head=10" in caption
    assert "Computed live with the model's weights, n = 1 protein." in caption
    assert "vig2021" in bib.read_text()
    drawn = pd.read_csv(table)
    # The same as the model run and its weights counted by hand.
    model = find_model("demo")
    adapter = Checkpoint(model, find_weights(model, None, print)).load()
    attention = attend(adapter, open_source("example:1MVO").sequence)
    weights = attention.head(1, 10).weight
    strong = int((weights >= units(0.1)).sum())
    assert len(drawn) == {"map": len(weights), "arcs": strong, "heads": 16}[kind]
    if kind == "heads":
        row = drawn[(drawn["layer"] == 1) & (drawn["head"] == 10)].iloc[0]
        assert row["arcs"] == strong
        assert row["percent"] == pytest.approx(100 * row["hits"] / strong)


def test_a_caption_says_how_many_arcs_are_not_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--protein", "example:1MVO", "--kind", "arcs", "--head", "1-10")
    assert figure("protein", *chosen, "--threshold", "0.1", "--most", "5", "--caption") == 0
    assert "head 1-10: the strongest 5 of " in capsys.readouterr().out


@pytest.mark.parametrize(
    "chosen",
    [("--threshold", "0.12"), ("--threshold", "0.104"), ("--separation", "5"), ("--most", "150")],
)
def test_what_the_page_does_not_offer_is_in_no_link(
    chosen: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--protein", "example:1MVO", "--kind", "arcs", "--head", "1-10", "--threshold", "0.1")
    assert figure("protein", *given, *chosen, "--caption") == 0
    assert "/Live" not in capsys.readouterr().out


def test_a_property_that_pages_do_not_offer_is_in_no_link(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ("heads", "--results", DEMO_RESULTS, "--run", DEMO_RUN, "--feature")
    for feature, linked in (("offset:0", False), ("contact", True)):
        assert figure(*given, feature, "--caption") == 0
        assert ("/Heads?" in capsys.readouterr().out) == linked


def test_a_model_is_called_as_on_pages(tmp_path: Path) -> None:
    counts = measured.head_counts(measured.count_arcs(measured.own_shares(), 0), "r", "ProtBert")
    row = measured.run_row("r", "ProtBert", 3, 4, "2026-11-21T00:00:00Z")
    add_run(tmp_path, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background("r")})
    assert shell.read_run(str(tmp_path), "r", None).label == "ProtBert (own)"


def test_a_protein_of_ones_own_is_in_no_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "mine.fasta"
    own.write_text(f">secret\n{open_source('example:1MVO').sequence}\n")
    assert (
        figure("protein", "--file", own, "--kind", "arcs", "--threshold", "0.1", "--caption") == 0
    )
    said = capsys.readouterr().out
    assert "/Live" not in said
    assert "arcs over the sequence" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--protein", "example:9ZZZ"), "9ZZZ"),
        (("--protein", "nothing"), "names no protein"),
        (("--file", "no-such-file.pdb"), "cannot be read"),
        (("--protein", "example:1MVO", "--head", "3-1"), "1 × 16 heads, and no 3-1"),
        (("--protein", "example:1MVO", "--head", "x"), "write layer-head"),
        (("--protein", "example:1MVO", "--head", "1-1", "--head", "1-2"), "A map is of one head"),
        (("--protein", "example:1MVO", "--threshold", "0"), "--threshold is above 0"),
        (("--protein", "example:1MVO", "--threshold", "0.001"), "are not kept"),
        (("--protein", "example:1MVO", "--kind", "heads", "--feature", "x"), "known are contact"),
        (("--protein", "example:1MVO", "--weights", "/nowhere"), "/nowhere"),
    ],
)
def test_what_is_wrong_with_a_protein_is_one_sentence(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if "--weights" in arguments:
        arguments = (*arguments, "--model", "prot_bert")
    assert figure("protein", *arguments, "--out", tmp_path / "x.pdf") == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("dashboard: ")
    assert said in last
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        figure(name, "--help")
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert "--out FILE" in said
    assert FIGURES[name][1] in " ".join(said.split())


def test_the_table_is_what_is_drawn() -> None:
    tables = shell.read_paper("tape_bert")
    frame = tables.frames["contact"]
    made = heads_figure(frame, print_source([tables], ["contact"]))
    read = pd.read_csv(io.StringIO(made.frame.to_csv(index=False)))
    assert made.frame is frame
    for column in ("layer", "head", "percent", "layer_maximum", "background_percent"):
        assert read[column].to_list() == pytest.approx(frame[column].to_list(), nan_ok=True)


def test_journals_have_widths_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for journal, own in JOURNALS.items():
        for width in own.widths:
            out = str(tmp_path / f"{journal}{width}.png")
            given = ["--model", "tape_bert", "--journal", journal, "--width", str(width)]
            assert figure("top-heads", *given, "--out", out) == 0
            across, up = Image.open(out).size
            assert abs(across / 300 * 25.4 - width) < 0.2
            assert up / 300 * 25.4 <= own.height
    assert figure("top-heads", "--model", "tape_bert", "--width", "90", "--out", out) == 1
    assert "Nature has no figures of 90 mm; give --width 89, 120 or 183" in capsys.readouterr().err


def test_a_figure_higher_than_a_page_is_refused() -> None:
    assert too_high(247, 89, "nature") == ""
    assert JOURNALS["nature"].greatest == "247 mm in height, 170 with its legend below"
    assert JOURNALS["plos"].greatest == "222 mm in height"
    said = too_high(248, 89, "nature")
    assert said.startswith("At 89 mm the figure is 248 mm high, and Nature prints at most 247 mm")
    made = shell_figure(height=300)
    with pytest.raises(AtlasError, match="300 mm high, and PLOS prints at most 222 mm"):
        save(made, "pdf", 132, journal="plos")
    assert save(made, "pdf", 132)


def shell_figure(height: float) -> PaperFigure:
    return PaperFigure("high", lambda canvas: canvas.figure(height), "", Source(), pd.DataFrame())
