"""One run of contacts: one model over the proteins of one dataset that have a structure.

Twenty proteins, of families that are drawn, are learnt from first; then all proteins of other
families are scored. Each protein is read by the model once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np

from precompute.chain import Chain
from precompute.contacts.frames import contact_frames
from precompute.contacts.learning import (
    PROTEINS,
    Features,
    Learnt,
    fit_regression,
    published_weights,
    rank_heads,
)
from precompute.contacts.means import MOST_HEADS
from precompute.contacts.measuring import ContactItem, ContactShard, ContactWork
from precompute.contacts.pairs import find_pairs
from precompute.drawn import Sample, keep_readable, read_as
from precompute.engines import Engine
from precompute.errors import AtlasError
from precompute.families_split import Families, draw_families, find_families
from precompute.models import same_reading
from precompute.models.loading import Checkpoint
from precompute.progress import Progress
from precompute.results_folder import is_written
from precompute.resumed import cut_shards, measure_shards, shard_store
from precompute.run_row import package_versions, run_identity, run_name, run_row
from precompute.settings import Settings
from precompute.tables import CONTACT_RUN_TABLES, CONTACT_RUNS, add_run, to_json

KEPT = 6
"""Proteins of which maps are kept, the longest of them of `_LONGEST_KEPT` residues."""
_SHORTEST_KEPT, _LONGEST_KEPT = 50, 350
_KEPT_BETA = 0.5
"""Contacts are learnt between C-beta atoms where more of the residues than this have a place."""
VERSION = 2
"""Of what is measured and how: other numbers are another run."""


@dataclass(frozen=True, eq=False)
class Split:
    """Proteins of a sample, by what they are for.

    Attributes
    ----------
    sample
        The sample, of proteins with contacts, each sequence once.
    families
        Of its chains.
    learnt, scored
        Places of chains in the sample.
    atoms
        Between which atoms contacts are learnt.
    """

    sample: Sample
    families: Families
    learnt: tuple[int, ...]
    scored: tuple[int, ...]
    atoms: str

    def chains(self, places: Sequence[int]) -> list[Chain]:
        """Give the chains at some places."""
        return [self.sample.chains[place] for place in places]


def split_sample(sample: Sample, seed: int, progress: Progress) -> Split:
    """Draw the families that are learnt from, and leave out what cannot be scored.

    Parameters
    ----------
    sample
        Of a dataset with structures.
    seed
        Of the draw.
    progress
        Told of what is left out.

    Raises
    ------
    AtlasError
        When no protein has a structure, or too few families do.
    """
    seen: set[str] = set()
    good = []
    for place, chain in enumerate(
        progress.over(sample.chains, f"contacts of {sample.dataset.name}", "protein")
    ):
        if chain.sequence in seen or not _has_contacts(chain):
            continue
        seen.add(chain.sequence)
        good.append(place)
    left_out = len(sample.chains) - len(good)
    if not good:
        raise AtlasError(
            f"None of the {left_out} proteins of {sample.dataset.label} has a structure with "
            "contacts: give a dataset with coordinates, such as structures or cameo."
        )
    if left_out:
        progress.say(
            f"{sample.dataset.label}: {left_out} proteins left out: without contacts, or of a "
            "sequence that is there already."
        )
    sample = replace(
        sample,
        records=tuple(sample.records[place] for place in good),
        chains=tuple(sample.chains[place] for place in good),
        skipped={**sample.skipped, "proteins without contacts, or of a sequence twice": left_out},
    )
    sequences = [chain.sequence for chain in sample.chains]
    families = find_families(sequences)
    learnt, scored = draw_families(families, sequences, PROTEINS, seed)
    known = [
        0 if chain.beta_carbons is None else np.isfinite(chain.beta_carbons[:, 0]).sum()
        for chain in sample.chains
    ]
    most = sum(known) > _KEPT_BETA * sum(len(chain) for chain in sample.chains)
    return Split(sample, families, tuple(learnt), tuple(scored), "beta" if most else "alpha")


def _has_contacts(chain: Chain) -> bool:
    if chain.alpha_carbons is None:
        return False
    return any(contact.any() for contact in find_pairs(chain).contact.values())


def run_contacts(
    checkpoint: Checkpoint,
    sample: Sample,
    settings: Settings,
    out: str,
    command: str,
    progress: Progress,
    engine: Engine,
    *,
    jacobian: bool = False,
) -> str:
    """Measure what one model's heads know of contacts and write the run.

    Parameters
    ----------
    checkpoint
        Model and weights.
    sample
        The proteins.
    settings
        What to measure and where.
    out
        Results folder: local path or fsspec URL.
    command
        Kept in the `contact_runs` table.
    progress
        Shown while proteins are measured.
    engine
        Where shards are measured.
    jacobian
        Compute the categorical Jacobian too.

    Returns
    -------
    str
        Name of the run.

    Raises
    ------
    AtlasError
        When the model, the data or the folder cannot be used.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    weights = checkpoint.sha256()
    (sample,) = read_as(checkpoint.model, [sample])
    if not checkpoint.model.reads_any:
        (sample,) = keep_readable([sample], checkpoint.load(), progress)
    seed = settings.seed or 0
    split = split_sample(sample, seed, progress)
    reading = checkpoint.reading_digest()
    identity = {
        **run_identity(checkpoint, weights, [sample], settings),
        same_reading.CONFIGURATION: reading,
        "contacts": [VERSION, jacobian, split.families.method],
    }
    name = run_name(checkpoint.model.name, sample.dataset.name, identity)
    if is_written(out, name, CONTACT_RUNS, CONTACT_RUN_TABLES):
        progress.say(f"Already there, with the same settings and data: {name}.")
        return name
    work = ContactWork(
        *(checkpoint, weights, settings, reading), atoms=split.atoms, seed=seed, jacobian=jacobian
    )
    measure = partial(_measure, engine, work, identity, out, progress)
    first, before = measure(
        "learnt", [_item(c, n) for n, c in enumerate(split.chains(split.learnt))]
    )
    layers, heads = next(one.pop("shape") for one in first.values()).tolist()
    own = [field.name for field in fields(Features)]
    features = [Features(**{name: one[name] for name in own}) for one in first.values()]
    order, precision = rank_heads(features)
    fitted, _ = fit_regression(features)
    del first, features
    by_name = {"regression": fitted}
    published = published_weights(checkpoint, len(order))
    if published is not None:
        by_name["published_regression"] = published
    learnt = Learnt(tuple(order[:MOST_HEADS].tolist()), by_name)
    kept = _choose_kept(split)
    items = [
        replace(_item(chain, number), learnt=learnt, kept=number in kept)
        for number, chain in enumerate(split.chains(split.scored))
    ]
    scored, between = measure("scored", items)
    seconds = time.perf_counter() - clock + before + between
    row = {
        **run_row(checkpoint, weights, split.sample, settings),
        "run": name,
        "layers": layers,
        "heads": heads,
        "device": engine.device or "measured by an earlier, unfinished run",
        "versions": to_json(package_versions() | _sklearn()),
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "wall_seconds": round(seconds, 3),
        "proteins": len(split.scored),
        "protein_ids": [chain.identifier for chain in split.chains(split.scored)],
        "learnt_ids": [chain.identifier for chain in split.chains(split.learnt)],
        "families": split.families.count,
        "split": split.families.method,
        "atoms": split.atoms,
        "kept": int(np.count_nonzero(fitted)),
    }
    row_frame, tables = contact_frames(
        row, split.chains(split.scored), sorted(kept), scored, order, precision, learnt
    )
    add_run(out, row_frame, tables, CONTACT_RUNS)
    for part in ("learnt", "scored"):
        _store(out, identity, part, settings.device).remove()
    return name


def _item(chain: Chain, place: int) -> ContactItem:
    return ContactItem(chain.sequence, ((chain, place),), place=place)


def _store(out: str, identity: dict[str, Any], part: str, device: str) -> Any:
    return shard_store(out, {**identity, "part": part}, device)


def _measure(
    engine: Engine,
    work: ContactWork,
    identity: dict[str, Any],
    out: str,
    progress: Progress,
    part: str,
    items: Sequence[ContactItem],
) -> tuple[dict[int, dict[str, Any]], float]:
    """Measure some proteins; give their arrays by place, and the seconds of earlier sessions."""
    store = _store(out, identity, part, work.settings.device)
    shards = cut_shards(items, work.settings.device)
    found: dict[int, dict[str, Any]] = {}
    earlier = 0.0
    shard: ContactShard
    for shard, was_kept in measure_shards(engine, work, items, shards, store, progress):
        found |= shard.proteins
        earlier += shard.seconds if was_kept else 0.0
    # Shards come as they are finished; what is drawn over proteins has their order.
    return dict(sorted(found.items())), earlier


def _choose_kept(split: Split) -> set[int]:
    """Choose the proteins of which maps are kept: spread over the scored ones, of middle length.

    Maps are found by their proteins' names: of several of one name the first is chosen.
    """
    chains = split.chains(split.scored)
    fitting = [
        number
        for number, chain in enumerate(chains)
        if _SHORTEST_KEPT <= len(chain) <= _LONGEST_KEPT
    ] or list(range(len(chains)))
    first = {chains[number].identifier: number for number in reversed(fitting)}
    fitting = sorted(first.values())
    places = np.linspace(0, len(fitting) - 1, min(KEPT, len(fitting))).round().astype(int)
    return {fitting[place] for place in places}


def _sklearn() -> dict[str, str]:
    from importlib.metadata import version

    return {"scikit-learn": version("scikit-learn")}
