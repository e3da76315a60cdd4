"""The paper's results as they ship."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precompute.command_line import main
from precompute.features import PAPER_FEATURES
from precompute.models import MODELS
from precompute.published import MINIMUM_ARCS, TABLES_FOLDER, read_published
from precompute.tables import (
    PUBLISHED_AMINO_ACID_CORRELATIONS,
    PUBLISHED_COLUMN_DISTANCE,
    PUBLISHED_CONTACTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_LAYER_MEANS,
    PUBLISHED_PROBES,
    PUBLISHED_TABLES,
    PUBLISHED_TOP_HEADS,
)

BEST_HEADS = {
    # The paper's highest heads: layer-head and percent.
    "tape_bert": {"contact": (12, 4, 44.67), "binding_site": (11, 6, 48.78)}
    | {"modification": (11, 6, 63.54)},
    "prot_albert": {"contact": (11, 3, 55.67), "binding_site": (2, 26, 57.49)}
    | {"modification": (2, 28, 46.64)},
    "prot_bert": {"contact": (30, 14, 58.50), "binding_site": (24, 7, 50.66)}
    | {"modification": (26, 2, 38.15)},
    "prot_bert_bfd": {"contact": (30, 9, 63.25), "binding_site": (26, 1, 45.57)}
    | {"modification": (12, 12, 42.34)},
    "prot_xlnet": {"contact": (26, 6, 44.49), "binding_site": (11, 16, 15.15)}
    | {"modification": (11, 16, 7.24)},
}


def test_published_contacts_are_both_sources() -> None:
    table = read_published(PUBLISHED_CONTACTS)
    key = ["label", "test_set", "method", "measure"]
    values = table.set_index(key)["percent"]
    assert values["TapeBert", "trRosetta 14842", "regression", "L"] == 11.2
    assert values["ProtBert-BFD", "CAMEO", "regression", "L"] == 23.9
    assert values["GREMLIN", "trRosetta 14842", "coevolution", "L/5"] == 62.8
    new = values.xs("CAMEO-PTA25 (29 new chains)", level="test_set")
    assert new["ESM-2 650M", "mean of 10 heads", "L/2"] == 45.9
    old = values.xs("Zhang's 200 proteins", level="test_set")
    lost = (old - new).xs("mean of 10 heads", level="method").dropna()
    assert lost["ESM-2 3B", "L/2"] == pytest.approx(32.7)
    assert set(table["model"].dropna()) <= set(MODELS)
    assert set(table["separation"]) == {"long"}


def test_every_head_of_every_model_is_there() -> None:
    heads = read_published(PUBLISHED_HEADS)
    assert len(heads) == 63_504
    for name, model in MODELS.items():
        if not model.in_paper:
            continue
        own = heads[heads["model"] == name]
        assert set(own["feature"]) == set(PAPER_FEATURES)
        for _, rows in own.groupby("feature"):
            grid = rows.pivot_table(index="layer", columns="head", values="masked", aggfunc="size")
            assert grid.shape == (model.layers, model.heads)
            assert list(grid.index) == list(range(1, model.layers + 1))
            assert list(grid.columns) == list(range(1, model.heads + 1))


@pytest.mark.parametrize("model", BEST_HEADS)
@pytest.mark.parametrize("feature", ["contact", "binding_site", "modification"])
def test_best_heads_are_the_papers(model: str, feature: str) -> None:
    heads = read_published(PUBLISHED_HEADS)
    own = heads[(heads["model"] == model) & (heads["feature"] == feature)]
    best = own.loc[own["percent"].idxmax()]
    layer, head, percent = BEST_HEADS[model][feature]
    assert (best["layer"], best["head"]) == (layer, head)
    assert best["percent"] == pytest.approx(percent, abs=0.005)
    top = read_published(PUBLISHED_TOP_HEADS)
    first = top[(top["model"] == model) & (top["feature"] == feature) & (top["rank"] == 1)]
    assert (first["layer"].item(), first["head"].item()) == (layer, head)


def test_maxima_are_the_largest_of_each_layer() -> None:
    heads, maxima = read_published(PUBLISHED_HEADS), read_published(PUBLISHED_LAYER_MAXIMA)
    largest = heads.groupby(["model", "feature", "layer"]).agg(
        percent=("percent", "max"), resolution=("resolution", "max")
    )
    both = maxima.merge(largest.reset_index(), on=["model", "feature", "layer"])
    off = (both["max_percent"] - both["percent"]).abs()
    assert (off <= both["resolution"] + 1e-4).all()


def test_amino_acids_of_a_head_sum_to_one() -> None:
    """The twenty shares of a head and the few X partition its arcs: a check on the reading."""
    heads = read_published(PUBLISHED_HEADS)
    own = heads[heads["feature"].str.startswith("amino_acid:") & ~heads["masked"]]
    total = own.groupby(["model", "layer", "head"])[["percent", "resolution"]].sum()
    assert ((total["percent"] - 100).abs() <= total["resolution"] + 1.5).mean() > 0.99


def test_each_table_names_source_and_accuracy() -> None:
    for table in PUBLISHED_TABLES:
        metadata = pq.read_schema(TABLES_FOLDER / f"{table.name}.parquet").metadata
        known = (b"provis", b"MsaPhylo", b"facebookresearch/esm")
        assert any(name in metadata[b"source"] for name in known)
        assert metadata[b"accuracy"]
    size = sum(path.stat().st_size for path in TABLES_FOLDER.iterdir())
    assert size < 1_500_000


def test_other_tables_are_whole() -> None:
    correlations = read_published(PUBLISHED_AMINO_ACID_CORRELATIONS)
    assert correlations.groupby("model").size().to_dict() == dict.fromkeys(
        ["prot_bert", "prot_bert_bfd", "prot_xlnet", "tape_bert"], 380
    )
    assert correlations["correlation"].between(-1, 1).all()
    assert len(read_published(PUBLISHED_PROBES)) == 72
    means = read_published(PUBLISHED_LAYER_MEANS)
    centres = means.groupby("feature")["centre_of_gravity"].first().round(2)
    assert centres.to_dict() == {
        "binding_site": 7.46,
        "contact": 8.22,
        "secondary_structure:helix": 6.59,
        "secondary_structure:strand": 7.05,
        "secondary_structure:turn_bend": 6.91,
    }
    top = read_published(PUBLISHED_TOP_HEADS)
    assert (top["arcs"] > MINIMUM_ARCS).all()
    background = top.groupby("feature")["background_percent"].agg(["min", "max"])
    assert np.allclose(background["min"], background["max"], atol=1e-5)


def test_column_attention_is_as_its_authors_tabled_it() -> None:
    """Means of all 144 heads, and single ones counted from 0, as they stand in MsaPhylo."""
    table = read_published(PUBLISHED_COLUMN_DISTANCE)
    assert table.groupby(["tree", "control"]).size().to_dict() == {
        ("ml", "columns"): 144,
        ("ml", "covariance"): 144,
        ("ml", "none"): 144,
        ("ml", "rows"): 144,
        ("nj", "none"): 144,
    }
    size = table["spearman"].abs().groupby([table["tree"], table["control"]]).mean().round(3)
    assert size["ml"].to_dict() == {
        "none": 0.364,
        "columns": 0.352,
        "covariance": 0.077,
        "rows": 0.134,
    }
    own = table[(table["tree"] == "ml") & (table["control"] == "none")]
    by_head = own.set_index(["layer", "head"])
    for layer, head, value in ((2, 11, -0.521), (1, 9, -0.494), (0, 4, 0.439), (8, 2, 0.257)):
        assert by_head.loc[(layer + 1, head + 1), "spearman"] == pytest.approx(value, abs=1e-3)
    assert (own["spearman"] < 0).sum() == 136
    assert own["lowest"].le(own["spearman"]).all()
    assert own["highest"].ge(own["spearman"]).all()


@pytest.mark.shared
def test_rebuilding_gives_the_same_bytes(shared: Path, tmp_path: Path) -> None:
    assert main(["published", str(shared / "published"), "--out", str(tmp_path)]) == 0
    for table in PUBLISHED_TABLES:
        rebuilt, shipped = (
            folder / f"{table.name}.parquet" for folder in (tmp_path, TABLES_FOLDER)
        )
        pd.testing.assert_frame_equal(pd.read_parquet(rebuilt), pd.read_parquet(shipped))
        writer = pq.ParquetFile(shipped).metadata.created_by
        if writer == f"parquet-cpp-arrow version {pa.__version__}":
            assert rebuilt.read_bytes() == shipped.read_bytes()


def test_building_from_nothing_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["published", str(tmp_path / "nowhere"), "--out", str(tmp_path)]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
