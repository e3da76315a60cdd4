"""Everything needed to repeat the runs that are loaded, as a visitor reads it."""

from __future__ import annotations

from typing import Any

from dashboard.results.kept import kept
from dashboard.results.loaded import Run, stamp_list
from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.models.weights import CHECKPOINT
from precompute.tables import RUNS, read_table

_LISTS = ("protein_ids", "protein_records")
"""Columns with an entry a protein; the table has them, a page does not."""


@kept(256, lambda run: stamp_list(run.folder))
def provenance(run: Run) -> dict[str, Any]:
    """Give a run's row of the `runs` table, without its list of proteins.

    Raises
    ------
    AtlasError
        When the table cannot be read any more.
    """
    columns = [name for name in RUNS.column_names if name not in _LISTS]
    table = read_table(run.folder, RUNS, columns=columns, filters=[("run", "==", run.name)])
    if table.empty:
        raise AtlasError(f"The run {run.name} is not in {run.folder} any more; reload the page.")
    row: dict[str, Any] = {str(name): value for name, value in table.iloc[0].items()}
    return row


def facts(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Write a run's row as names and values.

    Parameters
    ----------
    row
        Of `provenance`.

    Returns
    -------
    list of tuple
        Plain text: what users chose as names and notes is in it.
    """
    seed = row["seed"]
    thresholds = ", ".join(f"{value:.2f}" for value in row["thresholds"])
    return [
        ("run", str(row["run"])),
        ("model", f"{row['model']}, {row['layers']} × {row['heads']} heads, {row['architecture']}"),
        ("weights", f"{row['model_source']}, revision {row['model_revision']}"),
        ("SHA-256 of the weights", str(row["weights_sha256"])),
        ("data set", f"{row['dataset']}, {row['dataset_size']:,} proteins"),
        ("data from", str(row["dataset_source"])),
        ("SHA-256 of the data", str(row["dataset_sha256"])),
        ("measured", f"{row['proteins']:,} proteins, {row['residues']:,} residues"),
        ("sample", f"seed {int(seed)}" if seed == seed and seed is not None else "stored order"),
        ("thresholds", thresholds),
        ("longest input", f"{row['max_length']:,} tokens, two special ones included"),
        ("left out or cut", _counts(str(row["skipped"]))),
        ("labels, letters", _pairs(str(row["notes"]))),
        ("number type, device", f"{row['number_type']}, {row['device']}"),
        ("versions", _pairs(str(row["versions"]))),
        ("started, wall time", f"{row['started']}, {row['wall_seconds']:,.0f} s"),
        ("command", str(row["command"])),
    ]


_MOST_FILES = 5
"""Files left out whose sentences are shown."""


def _counts(text: str) -> str:
    """Write what was skipped, with nothing left out: a zero is said too."""
    parsed = _parse(text)
    if not isinstance(parsed, dict):
        return text
    files = parsed.pop("files", {})
    said = [f"{name}: {count}" for name, count in parsed.items()]
    if isinstance(files, dict):
        said += [str(sentence).rstrip(".") for sentence in list(files.values())[:_MOST_FILES]]
        if len(files) > _MOST_FILES:
            said.append(f"and {len(files) - _MOST_FILES:,} more files")
    return "; ".join(said) or "nothing"


def _pairs(text: str) -> str:
    parsed = _parse(text)
    if not isinstance(parsed, dict):
        return text
    parsed.pop(CHECKPOINT, None)  # a place on the machine that measured is for Live alone
    return (
        "; ".join(f"{name} {value}" for name, value in parsed.items()) or "as the data bring them"
    )


def _parse(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError:
        return None
