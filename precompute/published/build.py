"""Build the published tables: of the paper's figures as transcribed, and of MsaPhylo's tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from precompute.errors import AtlasError
from precompute.features import PAPER_FEATURES, SECONDARY_STRUCTURES
from precompute.published.contacts import published_contacts
from precompute.tables import (
    PUBLISHED_AMINO_ACID_CORRELATIONS,
    PUBLISHED_COLUMN_DISTANCE,
    PUBLISHED_CONTACTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_LAYER_MEANS,
    PUBLISHED_PROBES,
    PUBLISHED_TOP_HEADS,
    Table,
    write_table,
)

_PROBE_METRICS = {
    "secondary_structure": "F1",
    "binding_site": "precision at L/20",
    "contact": "precision at L/5",
}
_DRAWN_NAMES = {
    "Helix": "secondary_structure:helix",
    "Strand": "secondary_structure:strand",
    "Turn/Bend": "secondary_structure:turn_bend",
    "Binding Site": "binding_site",
    "Contact": "contact",
}

_COLUMN_VALUES = {
    ("ml", "none"): "ml_mean_rho",
    ("nj", "none"): "nj_mean_rho",
    ("ml", "columns"): "ml_shuffled_columns_sc",
    ("ml", "covariance"): "ml_shuffled_covariance_scovar",
    ("ml", "rows"): "ml_shuffled_rows_sr",
}
_FAMILIES = 20
"""Pfam families that MsaPhylo's means are over."""


def build_published(source: Path, target: Path) -> list[str]:
    """Rebuild every published table; the same input gives the same bytes.

    Parameters
    ----------
    source
        Folder with the transcription: ``heads.csv.gz``, ``layer_max.csv``,
        ``top_heads.csv``, ``top_heads_counts.csv``, ``aa_correlation.csv``,
        ``probing.csv``, ``combined_tape_bert.csv``, ``msa_column_distance.csv``,
        ``contact_precision.csv``.
    target
        Folder to write the Parquet files to.

    Returns
    -------
    list of str
        Paths of the written files.

    Raises
    ------
    AtlasError
        When a file is missing or its content is not what the paper's figures hold.
    """
    frames: dict[Table, pd.DataFrame] = {
        PUBLISHED_HEADS: _heads(source),
        PUBLISHED_LAYER_MAXIMA: _layer_maxima(source),
        PUBLISHED_TOP_HEADS: _top_heads(source),
        PUBLISHED_AMINO_ACID_CORRELATIONS: _amino_acid_correlations(source),
        PUBLISHED_PROBES: _probes(source),
        PUBLISHED_LAYER_MEANS: _layer_means(source),
        PUBLISHED_COLUMN_DISTANCE: _column_distance(source),
        PUBLISHED_CONTACTS: published_contacts(_read(source, "contact_precision.csv")),
    }
    return [write_table(target, table, frame) for table, frame in frames.items()]


def _read(source: Path, name: str) -> pd.DataFrame:
    path = source / name
    try:
        return pd.read_csv(path)
    except FileNotFoundError as error:
        raise AtlasError(
            f"{path} does not exist; name the folder that holds the transcription of the "
            "paper's figures."
        ) from error
    except (OSError, ValueError) as error:
        raise AtlasError(f"{path} cannot be read as CSV: {error}.") from error


def _feature_name(name: str) -> str:
    """Translate the paper's code's name of a feature to ours."""
    if name.startswith("aa_to_"):
        return f"amino_acid:{name.removeprefix('aa_to_')}"
    if name.startswith("sec_struct_to_"):
        code = int(name.removeprefix("sec_struct_to_"))
        return f"secondary_structure:{SECONDARY_STRUCTURES[code]}"
    return {
        "contact_map": "contact",
        "binding_site_to": "binding_site",
        "protein_modification_to": "modification",
    }[name]


def _sort(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    return frame[list(table.column_names)].sort_values(list(table.key), ignore_index=True)


def _heads(source: Path) -> pd.DataFrame:
    frame = _read(source, "heads.csv.gz")
    frame["feature"] = frame["feature"].map(_feature_name)
    unknown = set(PAPER_FEATURES) ^ set(frame["feature"])
    if unknown:
        raise AtlasError(f"heads.csv.gz should hold the paper's 27 properties; see {unknown}.")
    shown = frame.loc[~frame["masked"], ["percent", "resolution"]]
    if shown.isna().any(axis=None):
        raise AtlasError("heads.csv.gz has shown heads without a value or a resolution.")
    return _sort(frame, PUBLISHED_HEADS)


def _layer_maxima(source: Path) -> pd.DataFrame:
    frame = _read(source, "layer_max.csv")
    frame["feature"] = frame["feature"].map(_feature_name)
    return _sort(frame, PUBLISHED_LAYER_MAXIMA)


def _top_heads(source: Path) -> pd.DataFrame:
    drawn = _read(source, "top_heads.csv")
    counts = _read(source, "top_heads_counts.csv")
    key = ["model", "feature", "rank", "layer", "head"]
    frame = drawn.merge(
        counts[[*key, "m_scored", "arcs", "hits", "expected_chance_solutions"]],
        on=key,
        validate="1:1",
    ).rename(
        columns={
            "ci_half_width": "interval_half_width",
            "m_scored": "heads_scored",
            "expected_chance_solutions": "chance_solutions",
        }
    )
    off = (100 * frame["hits"] / frame["arcs"] - frame["percent"]).abs().max()
    if len(frame) != len(drawn) or off > 1e-4:
        raise AtlasError("top_heads_counts.csv does not belong to top_heads.csv.")
    frame["feature"] = frame["feature"].map(_feature_name)
    return _sort(frame, PUBLISHED_TOP_HEADS)


def _amino_acid_correlations(source: Path) -> pd.DataFrame:
    frame = _read(source, "aa_correlation.csv").rename(
        columns={"aa1": "amino_acid_1", "aa2": "amino_acid_2"}
    )
    return _sort(frame, PUBLISHED_AMINO_ACID_CORRELATIONS)


def _probes(source: Path) -> pd.DataFrame:
    frame = _read(source, "probing.csv")
    frame["feature"] = frame["feature"].map(_DRAWN_NAMES)
    frame["metric"] = frame["feature"].str.split(":").str[0].map(_PROBE_METRICS)
    frame["model"] = "tape_bert"
    return _sort(frame, PUBLISHED_PROBES)


def _layer_means(source: Path) -> pd.DataFrame:
    frame = _read(source, "combined_tape_bert.csv")
    frame["feature"] = frame["feature"].map(_DRAWN_NAMES)
    frame["model"] = "tape_bert"
    return _sort(frame, PUBLISHED_LAYER_MEANS)


def _column_distance(source: Path) -> pd.DataFrame:
    """Lay MsaPhylo's values out: a row for each head, kind of tree and control."""
    wide = _read(source, "msa_column_distance.csv")
    parts = []
    for (tree, control), name in _COLUMN_VALUES.items():
        whole = (tree, control) == ("ml", "none")
        parts.append(
            pd.DataFrame(
                {
                    "model": "esm_msa1b",
                    "tree": tree,
                    "control": control,
                    "layer": wide["layer"] + 1,
                    "head": wide["head"] + 1,
                    "spearman": wide[name],
                    "lowest": wide["ml_min"] if whole else None,
                    "highest": wide["ml_max"] if whole else None,
                    "alignments": _FAMILIES,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    if len(wide) != 144 or not frame["spearman"].between(-1, 1).all():
        raise AtlasError("msa_column_distance.csv should hold the correlations of 144 heads.")
    return _sort(frame, PUBLISHED_COLUMN_DISTANCE)
