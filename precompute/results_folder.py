"""The results folder that a run goes into: whether it may, and what stands there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.models import same_reading
from precompute.one_line import one_line
from precompute.tables import (
    Table,
    known_runs,
    open_folder,
    table_path,
    tables_of_run,
    write_bytes,
)
from precompute.tables.storage import cannot_write, exists


def prepare_folder(folder: str) -> None:
    """Check that results can be written before hours are spent on them.

    Raises
    ------
    AtlasError
        When the folder cannot be written, or holds something else than results.
    """
    filesystem, root = open_folder(folder)
    probe = f"{root}/.atlas-can-write"
    write_bytes(filesystem, probe, b"")
    try:
        filesystem.rm_file(probe)
    except Exception as error:  # every store has exceptions of its own
        raise cannot_write(probe, error) from error
    known_runs(folder)


def unfinished_folder(out: str) -> Path:
    """Name where unfinished work waits: in the results folder, or beside the user's caches."""
    if "://" in out:
        return Path.home() / ".cache" / "protein-attention-atlas" / "unfinished"
    return Path(out) / ".unfinished"


_SETTINGS_OF_A_RUN = (
    "architecture",
    "weights_sha256",
    "dataset_sha256",
    "proteins",
    "seed",
    "max_length",
    "number_type",
)

_LONGEST_NOTE = 80
"""Signs of a note that a message shows."""


def refuse_other_settings(out: str, row: dict[str, Any]) -> None:
    """Refuse to put a run beside one of the same model and dataset with other settings.

    Two such runs in one folder would be told apart by their names alone, and a page
    would show whichever is newer.

    Parameters
    ----------
    out
        Results folder.
    row
        The run's row of `RUNS`, as far as it is known before the run.

    Raises
    ------
    AtlasError
        Saying what differs.
    """
    runs = known_runs(out)
    same = runs[(runs["model"] == row["model"]) & (runs["dataset"] == row["dataset"])]
    # The one that is most like it is named; one that is the same may have others beside it.
    nearest = min(
        (_differences(other, row) for other in same.to_dict("records")), key=len, default=[]
    )
    if nearest:
        raise AtlasError(
            f"{out} holds a run of {row['model']} over {row['dataset']} with other settings "
            f"({'; '.join(nearest)}): choose another --out, or keep both with --add."
        )


def _differences(other: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Say in which settings two runs differ, of their notes only in those that do."""
    differs = [
        f"{name} {_short(other[name])} there, {_short(row[name])} now"
        for name in _SETTINGS_OF_A_RUN
        if _short(other[name]) != _short(row[name])
    ]
    there, now = (same_reading.without_digest(one["notes"]) for one in (other, row))
    differs += [
        f"notes of {name}: {_short(there.get(name))} there, {_short(now.get(name))} now"
        for name in sorted({*there, *now})
        if there.get(name) != now.get(name)
    ]
    if same_reading.differs(other["notes"], row["notes"]):
        differs.append(f"another {same_reading.CONFIGURATION} of the same weights")
    return differs


def name_apart(out: str, rows: Sequence[dict[str, Any]]) -> None:
    """Name runs otherwise whose name another configuration of the same weights has taken.

    The digest of configuration and vocabulary is no part of a run's name, so that names are
    what they were before it was noted.
    """
    taken = known_runs(out).set_index("run")["notes"]
    for row in rows:
        if row["run"] in taken.index and same_reading.differs(taken[row["run"]], row["notes"]):
            digest = parse_json(row["notes"])[same_reading.CONFIGURATION]  # written just now
            row["run"] = f"{row['run']}-{digest[:8]}"


def _short(value: Any) -> str:
    """Write a setting as a message would: none for a missing seed, checksums and notes cut."""
    if value is None or value is pd.NA or value != value:
        return "none"
    text = one_line(str(int(value)) if isinstance(value, float) else str(value))
    most = 12 if len(text) == 64 else _LONGEST_NOTE
    return f"{text[:most]}…" if len(text) > most else text


def is_finished(out: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether each of some runs, as rows of `RUNS`, is listed, with all files in place."""
    filesystem, root = open_folder(out)
    listed = set(known_runs(out)["run"])
    return all(
        row["run"] in listed
        and all(
            exists(filesystem, table_path(root, table, row["run"]))
            for table in tables_of_run(row["notes"])
        )
        for row in rows
    )


def is_written(out: str, name: str, listing: Table, tables: Sequence[Table]) -> bool:
    """Tell whether a run is in another list of runs, with all its files in place."""
    filesystem, root = open_folder(out)
    listed = name in set(known_runs(out, listing)["run"])
    return listed and all(exists(filesystem, table_path(root, table, name)) for table in tables)
