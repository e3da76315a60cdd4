"""Runs of contacts as the page and the shell read and draw them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dashboard.__main__ import main
from dashboard.figures.look import template
from dashboard.pages.contacts import printed, screen
from dashboard.pages.contacts.words import LEGENDS, NOT_SCORED, warning
from dashboard.results.contacts import (
    ContactRun,
    comparison_frame,
    find_contact_runs,
    means_frame,
    open_protein,
    opened_methods,
    opened_names,
    samples,
    weights_grid,
)
from dashboard.structure.trace import trace_structure
from precompute.errors import AtlasError
from precompute.tables import (
    CONTACT_HEADS,
    CONTACT_RUN_TABLES,
    CONTACT_RUNS,
    add_run,
    list_runs,
    read_table,
)
from tests.twins import Print, Screen

ASKED = ("all", "L", "alpha")


@pytest.fixture
def run(contacts_folder: Path) -> ContactRun:
    runs, problems = find_contact_runs([str(contacts_folder)])
    assert problems == []
    (found,) = runs.values()
    return found


def test_a_folder_of_contacts_alone_is_a_results_folder(contacts_folder: Path) -> None:
    assert list_runs(contacts_folder).empty


def test_frames_hold_methods_and_what_is_published(run: ContactRun) -> None:
    frame = comparison_frame([run], *ASKED)
    assert list(frame["method"]) == [
        *("best head", "mean of 8 heads", "regression, fitted here", "regression of the checkpoint")
    ]
    published = comparison_frame([run], "long", "L/2", "alpha")
    assert "Zhang's 200 proteins" in set(published.loc[published["published"], "test_set"])
    means = means_frame([run], *ASKED)
    assert means["heads"].tolist() == list(range(1, 9))
    assert comparison_frame([run], "all", "L", "beta").empty
    assert "30 to 36 points" in warning([run])


def test_n_is_of_what_is_drawn(run: ContactRun) -> None:
    assert samples([run], *ASKED) == {run.name: "n = 6 proteins"}
    # Two have no contact so far apart, say.
    more = replace(run, proteins=8)
    source = printed.contacts_source([more], samples([more], *ASKED).values())
    assert source.header[1].endswith("n = 6 of 8 proteins")
    assert samples([run], "all", "L", "beta") == {}
    for shown in ("weight", "precision"):
        assert "n = 20 proteins" in printed.heads_source(run, shown).header[1]
    assert "n = " not in printed.heads_source(run, "published_weight").header[1]
    name = next(iter(opened_names(run)))
    opened = open_protein(run, name, "mean.8", "alpha")
    assert f"1 protein, {len(opened.sequence)} residues" in str(
        printed.protein_source(run, opened).header
    )


@pytest.mark.parametrize("width", [57, 89, 183])
def test_print_tells_every_method_apart(width: float, run: ContactRun) -> None:
    frame = comparison_frame([run], *ASKED)
    paper = printed.comparison_figure(frame, "P@L (%)", printed.contacts_source([run], []))
    (axes,) = Print(paper, width).axes
    said = [text.get_text() for text in (*axes.texts, *axes.get_yticklabels())]
    assert said == screen.comparison_names(frame)


def test_the_page_and_print_show_the_same(run: ContactRun) -> None:
    source = printed.contacts_source([run], samples([run], *ASKED).values())
    frame = comparison_frame([run], *ASKED)
    figure = screen.comparison(frame, "P@L (%)", source.header)
    (measured, _) = figure.data
    paper = Print(printed.comparison_figure(frame, "P@L (%)", source))
    (axes,) = paper.axes
    drawn = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert list(drawn[0].get_xdata()) == list(measured.x)
    # A telephone has 340 pixels: the most of them are the axis, and names stand above their rows.
    assert figure.layout.meta["least"] - figure.layout.margin.l - figure.layout.margin.r > 250
    named = [one.hovertext for one in figure.layout.annotations if one.name == "row"]
    assert named == [template.plain(name) for name in screen.comparison_names(frame)]
    values = weights_grid(run, "weight")
    assert values.shape == (2, 4)
    one = Screen(screen.weights_map(values, LEGENDS["weight"], source.header))
    assert one.cells == Print(printed.weights_figure(values, LEGENDS["weight"], source)).cells
    means = means_frame([run], *ASKED)
    (line,) = screen.means_chart(means, "P@L (%)", source.header).data
    (axes,) = Print(printed.means_figure(means, "P@L (%)", source)).axes
    assert list(axes.get_lines()[0].get_ydata()) == list(line.y)


def test_an_opened_protein_gives_its_own_precision(run: ContactRun) -> None:
    name = next(iter(opened_names(run)))
    for method in opened_methods(run):
        opened = open_protein(run, name, method, "alpha")
        assert len(opened.pairs) == opened.known.sum()
        assert (opened.pairs["score"].diff().dropna() <= 0).all()
        touching = opened.contacts[opened.pairs["i"] - 1, opened.pairs["j"] - 1]
        assert (touching == opened.pairs["contact"]).all()
        assert ((opened.pairs["distance"] < 8) == opened.pairs["contact"]).all()
    figure = screen.protein_map(opened, (name, "x"))
    right, wrong = figure.data[1:]
    assert len(right.x) + len(wrong.x) == len(opened.pairs)
    structure, keys = trace_structure(opened.sequence, opened.places, opened.known)
    assert structure.text.count("\nATOM ") == opened.known.sum()
    assert [bool(key) for key in keys] == opened.known.tolist()
    with pytest.raises(AtlasError, match="keeps no map"):
        open_protein(run, "nobody", "mean.1", "alpha")


@pytest.mark.parametrize("view", printed.VIEWS)
def test_the_shell_makes_each_figure(
    view: str,
    run: ContactRun,
    contacts_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["figure", "contacts", "--view", view, "--results", str(contacts_folder)]
    protein = next(iter(opened_names(run)))
    arguments += ["--separation", "all", "--protein", protein]
    arguments += ["--method", "mean.8", "--out", str(tmp_path / "figure.pdf")]
    assert main(arguments) == 0
    assert (tmp_path / "figure.pdf").stat().st_size > 1000
    capsys.readouterr()
    assert main([*arguments, "--caption"]) == 0
    said = capsys.readouterr().out
    if view == "protein":
        assert f"{protein} by mean of 8 heads" in said
        assert {"run": [run.name], "protein": [protein], "method": ["mean.8"]}.items() <= (
            parse_qs(said.partition("/Contacts?")[2].rstrip(".\n")).items()
        )


def test_the_shell_says_which_runs_there_are(
    contacts_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["figure", "contacts", "--run", "none", "--results", str(contacts_folder), "--caption"]
    assert main(given) == 1
    assert (
        "There is no run none of contacts in the results; there are esm2" in capsys.readouterr().err
    )


@pytest.mark.parametrize("view", ["precision", "heads"])
def test_the_shell_draws_nothing_where_nothing_is_scored(
    view: str, contacts_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["figure", "contacts", "--view", view, "--results", str(contacts_folder), "--caption"]
    assert main([*given, "--separation", "all", "--atoms", "beta"]) == 1
    assert capsys.readouterr().err == f"dashboard: {NOT_SCORED}\n"


def test_the_shell_says_that_a_checkpoint_has_no_regression(
    run: ContactRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {one: read_table(run.folder, one, run=run.name) for one in CONTACT_RUN_TABLES}
    tables[CONTACT_HEADS]["published_weight"] = None
    add_run(tmp_path, read_table(run.folder, CONTACT_RUNS), tables, CONTACT_RUNS)
    given = ["figure", "contacts", "--view", "weights", "--results", str(tmp_path), "--caption"]
    assert main([*given, "--shown", "published_weight"]) == 1
    said = f"The checkpoint of {run.title} carries no regression of contacts."
    assert capsys.readouterr().err == f"dashboard: {said}\n"


def test_where_c_beta_is_not_known_it_is_said(
    run: ContactRun, contacts_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    protein = next(iter(opened_names(run)))
    given = ["figure", "contacts", "--view", "protein", "--results", f" {contacts_folder} , "]
    for atoms, said in (("alpha", False), ("beta", True)):
        assert main([*given, "--protein", protein, "--atoms", atoms, "--caption"]) == 0
        caption = capsys.readouterr().out
        assert ("The places of its C-beta atoms are not known" in caption) == said
        assert "method=mean.8" in caption, "of fewer than ten heads there is no mean of ten"


def test_a_refusal_lists_what_is_kept(
    run: ContactRun, contacts_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["figure", "contacts", "--view", "protein", "--results", str(contacts_folder)]
    for more in ([], ["--protein", "none"], ["--method", "mean.10"]):
        assert main([*given, *more, "--caption"]) == 1
        said = capsys.readouterr().err
        assert next(iter(opened_names(run))) in said
        assert "mean.8" in said
        assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["contacts", "pairs", "heads"])
def test_a_results_folder_that_is_none_is_said(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder, said in (("nowhere", "does not exist"), ("file", "is a file, not a folder")):
        assert main(["figure", name, "--results", str(tmp_path / folder), "--caption"]) == 1
        assert said in capsys.readouterr().err


def test_contacts_cite_their_own_dataset(run: ContactRun) -> None:
    cited = printed.contacts_source([replace(run, dataset="cameo")], []).cite
    assert "berman2000" in cited
    assert "alquraishi2019" not in cited
    cited = printed.contacts_source([replace(run, dataset="cameo")], [], published=True).cite
    assert {"berman2000", "alquraishi2019"} <= set(cited)
