"""Every table of every kind of run: what is wrong with one is a sentence, until it is mended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.results.loaded import RESULTS_VARIABLE
from tests import measured
from tests.measured_alignments import measured_alignments
from tests.pages.test_changes import said, visit
from tests.probed import write_probes

ALIGNED = "esm_msa1b"
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "head_shape": ("1_Heads", {"models": ALIGNED, "feature": "entropy", "results": "measured"}),
    "contact": ("8_Contacts", {}),
    "column": ("7_Alignments", {"head": "1.1", "family": "PF00001"}),
    "conservation": ("7_Alignments", {"head": "1.1"}),
    "probe": ("5_Layers", {"probed": "probing"}),
}
"""Where the tables whose names begin so are read; the others are on Heads."""
AT_REST = {
    f"results/{name}"
    for name in ("background", "head_counts", "head_examples", "special_attention")
} | {"more/special_attention"}
"""Tables of another run than the one that Heads shows, and one that may be lacking."""
HEADS = (
    "1_Heads",
    {
        "models": measured.OWN_MODEL,
        "results": "measured",
        "feature": "binding_site",
        "head": f"{measured.OWN_MODEL}.1.1",
    },
)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_back(path: Path, whole: Path) -> None:
    if path.is_dir():
        path.rmdir()
    shutil.copyfile(whole, path)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory, contacts_folder: Path) -> Path:
    """Two results folders with runs of all kinds but over pairs, which have their own test."""
    root = tmp_path_factory.mktemp("every")
    aligned, _ = measured_alignments(root / "aligned", "--nulls", "columns", "--regression")
    measured.write_results(root / "more")
    shutil.copytree(contacts_folder, root / "more", dirs_exist_ok=True)
    write_probes(root / "more", "probing", measured.OWN_MODEL)
    aligned.rename(root / "results")
    shutil.rmtree(root / "aligned")
    return root


@pytest.mark.parametrize("harm", [cut, become_a_folder, Path.unlink])
def test_no_table_ends_a_page(
    harm: Callable[[Path], None], every: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    monkeypatch.setenv("ATLAS_DEMO", "0")
    monkeypatch.setenv(RESULTS_VARIABLE, f"{own}/results,{own}/more")
    tables = sorted((path.relative_to(every) for path in every.rglob("*.parquet")), reverse=True)
    kinds = {"/".join(path.parts[:2]): path for path in tables}
    assert len(kinds) > 20
    silent = set()
    for kind, path in kinds.items():
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(every, own)
        harm(own / path)
        named = path.parts[1]
        page, address = next((PAGES[begun] for begun in PAGES if named.startswith(begun)), HEADS)
        app = visit(page, address)  # says that there is no exception
        if path.stem not in said(app, "alert"):
            silent.add(kind)
        put_back(own / path, every / path)
        app.run()
        assert not app.exception
        assert path.stem not in said(app, "alert"), kind
        harm(own / path)
        if named in ("special_attention", "head_shape"):
            visit("", {})
            visit("6_Compare", {"clustered": [ALIGNED, measured.OWN_MODEL]})
    lists = {path for path in kinds if path.endswith("runs.parquet")} | {"results/head_shape"}
    assert silent <= (lists if harm is Path.unlink else set()) | AT_REST
