"""Where heads come from: sources by name, thresholds, what runs share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from dashboard.results import loaded as results
from dashboard.results.head import Head
from dashboard.results.head_facts import examples, head_label, head_labels
from dashboard.results.loaded import proteins_in_common, read_heads
from dashboard.results.sources import (
    DEFAULT_THRESHOLD,
    HeadSource,
    every_threshold,
    list_sources,
)
from precompute.errors import AtlasError
from precompute.features import PAPER_FEATURES
from precompute.statistics import effective_arcs
from precompute.tables import HEAD_COUNTS, read_table
from tests import measured, positions


@pytest.fixture
def sources(results_folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, HeadSource]:
    monkeypatch.setenv(results.RESULTS_VARIABLE, str(results_folder))
    return list_sources(results.load())


TAPE = f"tape_bert:{measured.TAPE_RUN}"


def test_every_source_has_a_name_of_its_own(sources: dict[str, HeadSource]) -> None:
    assert list(sources)[:5] == [
        f"{model}:published"
        for model in ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
    ]
    assert {TAPE, f"{measured.OWN_MODEL}:{measured.OWN_RUN}"} <= set(sources)
    assert len({source.long_title for source in sources.values()}) == len(sources)
    assert sources["prot_xlnet:published"].sample == "n ≤ 5,000 proteins"
    assert sources[TAPE].sample == f"n = {measured.PROTEINS} proteins"


def test_published_heads_have_one_threshold(sources: dict[str, HeadSource]) -> None:
    paper = sources["prot_albert:published"]
    assert paper.thresholds == (DEFAULT_THRESHOLD,)
    heads = read_heads(paper, DEFAULT_THRESHOLD)
    assert heads.source.shape == (12, 64)
    assert tuple(heads.frames) == PAPER_FEATURES
    with pytest.raises(AtlasError, match=r"0\.30 only"):
        read_heads(paper, "0.60")


@pytest.mark.parametrize("threshold", ["0.30", "0.60"])
def test_a_run_at_a_threshold(
    threshold: str, sources: dict[str, HeadSource], results_folder: Path
) -> None:
    assert sources[TAPE].thresholds == ("0.30", "0.60")
    heads = read_heads(sources[TAPE], threshold)
    assert set(heads.frames) == set(measured.FEATURES)
    counts = read_table(results_folder, HEAD_COUNTS, run=measured.TAPE_RUN)
    counts = counts[np.isclose(counts["threshold"], float(threshold))]
    for feature in ("binding_site", "amino_acid:K"):
        own = counts[counts["feature"] == feature].set_index(["layer", "head"])
        tested = heads.tested()
        for row in tested[tested["feature"] == feature].sample(20, random_state=1).itertuples():
            count = own.loc[(row.layer, row.head)]
            assert row.arcs == count["arcs"]
            if count["arcs"] < 100:
                assert np.isnan(row.effective_arcs)  # type: ignore[arg-type]
                continue
            assert row.percent == pytest.approx(100 * count["hits"] / count["arcs"])
            sums = ("hits", "arcs", "proteins", "hits_squared", "hits_arcs", "arcs_squared")
            expected = float(effective_arcs(*(count[name] for name in sums)))
            assert row.effective_arcs == pytest.approx(expected)
            assert row.effective_arcs <= row.arcs


def test_a_threshold_no_run_has(sources: dict[str, HeadSource]) -> None:
    with pytest.raises(AtlasError, match=r"threshold 0\.85; it has 0\.30, 0\.60"):
        read_heads(sources[TAPE], "0.85")
    assert {"0.30", "0.60"} <= set(every_threshold(sources.values()))
    assert every_threshold([sources["tape_bert:published"]]) == (DEFAULT_THRESHOLD,)


def test_proteins_of_two_runs(sources: dict[str, HeadSource]) -> None:
    own = sources[f"{measured.OWN_MODEL}:{measured.OWN_RUN}"]
    assert proteins_in_common(sources[TAPE], own) == measured.PROTEINS
    assert proteins_in_common(sources[TAPE], sources["tape_bert:published"]) is None


def test_a_changed_run_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from precompute.tables import BACKGROUND, add_run

    monkeypatch.setenv(results.RESULTS_VARIABLE, str(tmp_path))
    seen = []
    for seed in (1, 2):
        counts = measured.head_counts(
            measured.count_arcs(measured.own_shares(), seed), "again", measured.OWN_MODEL
        )
        row = measured.run_row("again", measured.OWN_MODEL, 3, 4, "2026-11-21T00:00:00Z")
        add_run(tmp_path, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background("again")})
        source = list_sources(results.load())[f"{measured.OWN_MODEL}:again"]
        heads = read_heads(source, "0.30")
        assert read_heads(source, "0.30") is heads  # kept while nothing changes
        seen.append(heads)
    assert seen[0].identity != seen[1].identity
    assert not seen[0].frames["binding_site"].equals(seen[1].frames["binding_site"])


def test_a_broken_run_is_a_sentence(
    results_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    folder = tmp_path / "results"
    shutil.copytree(results_folder, folder)
    path = folder / "head_counts" / f"{measured.TAPE_RUN}.parquet"
    path.write_bytes(path.read_bytes()[:500])
    monkeypatch.setenv(results.RESULTS_VARIABLE, str(folder))
    source = list_sources(results.load())[TAPE]
    with pytest.raises(AtlasError, match="not a readable Parquet file"):
        read_heads(source, "0.30")


def test_what_is_said_of_a_head_follows_the_files_it_is_read_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table beside the counts may be replaced alone: labels and proteins are read anew."""
    folder = positions.write_positions(tmp_path)
    monkeypatch.setenv(results.RESULTS_VARIABLE, str(folder))
    source = list_sources(results.load())[f"{positions.MODEL}:{positions.RUN}"]
    heads, sink = read_heads(source).showing("contact"), Head(positions.MODEL, 2, 2)
    before = head_label(heads, sink), head_labels(heads)[2, 2]
    assert [str(label) for label in before] == ["special-token sink"] * 2
    assert len(examples(heads, Head(positions.MODEL, 2, 1)))

    for name in ("special_attention", "head_examples"):
        path = folder / name / f"{positions.RUN}.parquet"
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    assert read_heads(source).identity == heads.whole().identity  # the counts are as they were
    after = head_label(heads, sink), head_labels(heads)[2, 2]
    assert not any("sink" in str(label) for label in after)
    assert not len(examples(heads, Head(positions.MODEL, 2, 1)))
