"""The registry of datasets: what each one carries, where it comes from, how it is read.

To add a dataset, add a file beside this one that opens it as `Chains`, and its line here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from precompute.datasets import binding_sites, modifications, proteinnet, secondary_structure
from precompute.datasets.alignment_files import USUAL_FOLDER
from precompute.datasets.alignments import AlignmentChains
from precompute.datasets.cameo import CAMEO_FILE, open_cameo
from precompute.datasets.chains import Chains
from precompute.datasets.families import FamilyChains
from precompute.datasets.lmdb_file import LmdbChains
from precompute.datasets.parquet_file import open_records
from precompute.datasets.structure_file import structure_suffix
from precompute.datasets.structures import StructureChains
from precompute.errors import AtlasError
from precompute.features import (
    AMINO_ACID_FEATURES,
    OFFSET_FEATURES,
    SECONDARY_STRUCTURE_FEATURES,
)


@dataclass(frozen=True)
class Dataset:
    """One dataset.

    Attributes
    ----------
    name, label
        Identifier in tables and URLs; what a reader sees.
    properties
        The features it carries beside amino acids and offsets, which every sequence has.
    source
        Where the original stands.
    mirrors
        Where copies stand.
    open
        Opens a path as chains.
    files
        Names under which its training data stand in a folder of datasets.
    published_background_residues
        How many tokens of `max_length` fewer than it the paper's background counts of
        each chain: 0 for contacts (512 residues), 1 for sites (511); None where the
        paper has no background.
    holds_alignments
        Whether a chain comes with its family's alignment.
    shipped
        Where its data stand in this project, if they do.
    """

    name: str
    label: str
    properties: tuple[str, ...]
    source: str
    mirrors: tuple[str, ...]
    open: Callable[[Path], Chains]
    files: tuple[str, ...] = ()
    published_background_residues: int | None = None
    holds_alignments: bool = False
    shipped: Path | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """All features that a pass over this dataset measures."""
        return (*self.properties, *AMINO_ACID_FEATURES, *OFFSET_FEATURES)


_TAPE = "s3.amazonaws.com/songlabdata/proteindata/data_pytorch"

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "proteinnet",
            "ProteinNet",
            ("contact",),
            f"{_TAPE}/proteinnet.tar.gz",
            ("hf://datasets/proteinea/contact_prediction", "hf://datasets/fredzzp/contact_data"),
            partial(open_records, read_chain=proteinnet.read_chain),
            ("proteinnet/proteinnet_train.lmdb", "proteinnet_train.lmdb", "proteinnet_parquet"),
            published_background_residues=0,
        ),
        Dataset(
            "secondary_structure",
            "Secondary structure (NetSurfP)",
            SECONDARY_STRUCTURE_FEATURES,
            f"{_TAPE}/secondary_structure.tar.gz",
            ("hf://datasets/chao1224/ProteinDT",),
            partial(LmdbChains, read_chain=secondary_structure.read_chain),
            (
                "secondary_structure/secondary_structure_train.lmdb",
                "secondary_structure_train.lmdb",
            ),
        ),
        Dataset(
            "binding_sites",
            "Binding sites",
            ("binding_site",),
            "github.com/salesforce/provis, data/binding_sites",
            (),
            partial(LmdbChains, read_chain=binding_sites.read_chain),
            ("binding_sites/binding_site_train.lmdb", "binding_site_train.lmdb"),
            published_background_residues=1,
        ),
        Dataset(
            "modifications",
            "Protein modifications",
            ("modification",),
            "github.com/salesforce/provis, data/protein_modifications",
            (),
            partial(LmdbChains, read_chain=modifications.read_chain),
            (
                "protein_modifications/protein_modification_train.lmdb",
                "protein_modification_train.lmdb",
            ),
            published_background_residues=1,
        ),
        Dataset(
            "structures",
            "Structures",
            ("contact", *SECONDARY_STRUCTURE_FEATURES, "binding_site", "modification"),
            "a folder of PDB or mmCIF files of your own",
            (),
            StructureChains,
            ("structures",),
        ),
        Dataset(
            "alignments",
            "Alignments",
            ("contact", *SECONDARY_STRUCTURE_FEATURES, "binding_site", "modification"),
            "a folder of alignments (A3M, aligned FASTA, Stockholm, Clustal) of your own, with "
            "structures where there are any",
            (),
            AlignmentChains,
            (USUAL_FOLDER,),
            holds_alignments=True,
        ),
        Dataset(
            "cameo",
            "CAMEO after ESM-2",
            ("contact",),
            "github.com/Rome-1/plm-contact-fusion (ships with this project)",
            (),
            open_cameo,
            shipped=CAMEO_FILE,
        ),
        Dataset(
            "families",
            "Family sequences",
            (),
            "a folder of alignments (aligned FASTA) of your own",
            (),
            FamilyChains,
            ("families",),
        ),
    )
}
"""Every dataset by name."""


def find_dataset(name: str) -> Dataset:
    """Look a dataset up by name.

    Raises
    ------
    AtlasError
        When the registry does not have it.
    """
    if name not in DATASETS:
        raise AtlasError(f"There is no dataset {name}; there are {', '.join(DATASETS)}.")
    return DATASETS[name]


def locate(dataset: Dataset, path: Path) -> Path:
    """Find a dataset's file: the path itself, or its usual name in a folder of datasets.

    A folder of one's own is read whole, also where a folder in it has such a name. Alignments
    are looked for by `precompute.datasets.alignment_files`, and their structures around them.

    Raises
    ------
    AtlasError
        When nothing is there.
    """
    if not path.exists():
        raise AtlasError(f"There is nothing at {path}; give --data the {dataset.label} data.")
    usual = usual_place(dataset, path)
    if usual is None or dataset.holds_alignments:
        return path
    own = dataset.open is StructureChains and any(map(structure_suffix, path.glob("[!.]*.*")))
    return path if own else usual


def usual_place(dataset: Dataset, path: Path) -> Path | None:
    """Find a dataset by its usual name in a folder of datasets; None where it has none there."""
    return next((path / name for name in dataset.files if (path / name).exists()), None)


def data_folder() -> Path:
    """Name the folder of datasets: ``$ATLAS_DATA``, or one beside the user's caches."""
    named = os.environ.get("ATLAS_DATA")
    return Path(named) if named else Path.home() / ".cache" / "protein-attention-atlas" / "data"
