"""What to cite beside a figure or table, as BibTeX.

The facts of this software are those of ``CITATION.cff``; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from precompute import __version__
from precompute.models import MODELS

SOFTWARE, PAPER = "atlas", "vig2021"
"""Keys of the two works that everything here rests on."""


@dataclass(frozen=True)
class Work:
    """One work that can be cited.

    Attributes
    ----------
    kind
        BibTeX's entry type.
    fields
        Its fields in their order, plain ASCII as BibTeX asks for.
    """

    kind: str
    fields: dict[str, str] = field(default_factory=dict)


WORKS: dict[str, Work] = {
    SOFTWARE: Work(
        "misc",
        {
            "author": "{The Protein Attention Atlas developers}",
            "title": "{Protein Attention Atlas}",
            "year": "2026",
            "note": f"Version {__version__}, BSD-3-Clause",
        },
    ),
    PAPER: Work(
        "inproceedings",
        {
            "author": "Vig, Jesse and Madani, Ali and Varshney, Lav R. and Xiong, Caiming and "
            "Socher, Richard and Rajani, Nazneen Fatema",
            "title": "{BERTology} Meets Biology: Interpreting Attention in Protein Language Models",
            "booktitle": "International Conference on Learning Representations (ICLR)",
            "year": "2021",
            "eprint": "2006.15222",
            "archiveprefix": "arXiv",
        },
    ),
    "rao2019": Work(
        "inproceedings",
        {
            "author": "Rao, Roshan and Bhattacharya, Nicholas and Thomas, Neil and Duan, Yan and "
            "Chen, Xi and Canny, John and Abbeel, Pieter and Song, Yun S.",
            "title": "Evaluating Protein Transfer Learning with {TAPE}",
            "booktitle": "Advances in Neural Information Processing Systems",
            "volume": "32",
            "year": "2019",
            "eprint": "1906.08230",
            "archiveprefix": "arXiv",
        },
    ),
    "elnaggar2022": Work(
        "article",
        {
            "author": "Elnaggar, Ahmed and Heinzinger, Michael and Dallago, Christian and Rehawi, "
            "Ghalia and Wang, Yu and Jones, Llion and Gibbs, Tom and Feher, Tamas and Angerer, "
            "Christoph and Steinegger, Martin and Bhowmik, Debsindhu and Rost, Burkhard",
            "title": "{ProtTrans}: Toward Understanding the Language of Life Through "
            "Self-Supervised Learning",
            "journal": "IEEE Transactions on Pattern Analysis and Machine Intelligence",
            "volume": "44",
            "number": "10",
            "pages": "7112--7127",
            "year": "2022",
            "doi": "10.1109/TPAMI.2021.3095381",
        },
    ),
    "ruffolo2021": Work(
        "misc",
        {
            "author": "Ruffolo, Jeffrey A. and Gray, Jeffrey J. and Sulam, Jeremias",
            "title": "Deciphering antibody affinity maturation with language models and weakly "
            "supervised learning",
            "year": "2021",
            "eprint": "2112.07782",
            "archiveprefix": "arXiv",
            "doi": "10.48550/arXiv.2112.07782",
        },
    ),
    "lin2023": Work(
        "article",
        {
            "author": "Lin, Zeming and Akin, Halil and Rao, Roshan and Hie, Brian and Zhu, "
            "Zhongkai and Lu, Wenting and Smetanin, Nikita and Verkuil, Robert and Kabeli, Ori and "
            "Shmueli, Yaniv and {dos Santos Costa}, Allan and Fazel-Zarandi, Maryam and Sercu, Tom "
            "and Candido, Salvatore and Rives, Alexander",
            "title": "Evolutionary-scale prediction of atomic-level protein structure with a "
            "language model",
            "journal": "Science",
            "volume": "379",
            "number": "6637",
            "pages": "1123--1130",
            "year": "2023",
            "doi": "10.1126/science.ade2574",
        },
    ),
    "alquraishi2019": Work(
        "article",
        {
            "author": "AlQuraishi, Mohammed",
            "title": "{ProteinNet}: a standardized data set for machine learning of protein "
            "structure",
            "journal": "BMC Bioinformatics",
            "volume": "20",
            "pages": "311",
            "year": "2019",
            "doi": "10.1186/s12859-019-2932-0",
        },
    ),
    "klausen2019": Work(
        "article",
        {
            "author": "Klausen, Michael Schantz and Jespersen, Martin Closter and Nielsen, Henrik "
            r"and Jensen, Kamilla Kj{\ae}rgaard and Jurtz, Vanessa Isabell and S{\o}nderby, Casper "
            "Kaae and Sommer, Morten Otto Alexander and Winther, Ole and Nielsen, Morten and "
            "Petersen, Bent and Marcatili, Paolo",
            "title": "{NetSurfP-2.0}: Improved prediction of protein structural features by "
            "integrated deep learning",
            "journal": "Proteins: Structure, Function, and Bioinformatics",
            "volume": "87",
            "number": "6",
            "pages": "520--527",
            "year": "2019",
            "doi": "10.1002/prot.25674",
        },
    ),
    "berman2000": Work(
        "article",
        {
            "author": "Berman, Helen M. and Westbrook, John and Feng, Zukang and Gilliland, Gary "
            "and Bhat, T. N. and Weissig, Helge and Shindyalov, Ilya N. and Bourne, Philip E.",
            "title": "The {Protein Data Bank}",
            "journal": "Nucleic Acids Research",
            "volume": "28",
            "number": "1",
            "pages": "235--242",
            "year": "2000",
            "doi": "10.1093/nar/28.1.235",
        },
    ),
    "kabsch1983": Work(
        "article",
        {
            "author": "Kabsch, Wolfgang and Sander, Christian",
            "title": "Dictionary of protein secondary structure: pattern recognition of "
            "hydrogen-bonded and geometrical features",
            "journal": "Biopolymers",
            "volume": "22",
            "number": "12",
            "pages": "2577--2637",
            "year": "1983",
            "doi": "10.1002/bip.360221211",
        },
    ),
    "mistry2021": Work(
        "article",
        {
            "author": "Mistry, Jaina and Chuguransky, Sara and Williams, Lowri and Qureshi, "
            "Matloob and Salazar, Gustavo A. and Sonnhammer, Erik L. L. and Tosatto, Silvio C. E. "
            "and Paladin, Lisanna and Raj, Shriya and Richardson, Lorna J. and Finn, Robert D. and "
            "Bateman, Alex",
            "title": "{Pfam}: The protein families database in 2021",
            "journal": "Nucleic Acids Research",
            "volume": "49",
            "number": "D1",
            "pages": "D412--D419",
            "year": "2021",
            "doi": "10.1093/nar/gkaa913",
        },
    ),
    "henikoff1992": Work(
        "article",
        {
            "author": "Henikoff, Steven and Henikoff, Jorja G.",
            "title": "Amino acid substitution matrices from protein blocks",
            "journal": "Proceedings of the National Academy of Sciences",
            "volume": "89",
            "number": "22",
            "pages": "10915--10919",
            "year": "1992",
            "doi": "10.1073/pnas.89.22.10915",
        },
    ),
}
"""Every work by its key."""

_OF_ORIGINAL: dict[str, str] = {
    "Rao et al., TAPE, 2019": "rao2019",
    "Elnaggar et al., ProtTrans, 2021": "elnaggar2022",
    "Lin et al., ESM-2, 2023": "lin2023",
    "Ruffolo et al., AntiBERTy, 2021": "ruffolo2021",
}
"""The work that made a model, by `precompute.models.Model.original`."""
_OF_DATASET: dict[str, tuple[str, ...]] = {
    "proteinnet": ("alquraishi2019", "rao2019"),
    "secondary_structure": ("klausen2019", "rao2019"),
    "binding_sites": ("berman2000",),
    "modifications": ("berman2000",),
    "structures": ("kabsch1983", "berman2000"),
    "families": ("mistry2021",),
}
"""The works that made a dataset, by its name; the paper made its own of the PDB."""
_OF_PUBLISHED: dict[str, tuple[str, ...]] = {
    "contact": _OF_DATASET["proteinnet"],
    "binding_site": _OF_DATASET["binding_sites"],
    "modification": _OF_DATASET["modifications"],
    "secondary_structure": _OF_DATASET["secondary_structure"],
}
"""The works that made the data behind a published property, by the start of its name."""


def works_of(
    models: Iterable[str] = (), datasets: Iterable[str] = (), features: Iterable[str] = ()
) -> tuple[str, ...]:
    """Give the keys of the works that models, datasets and published values rest on.

    Parameters
    ----------
    models, datasets
        Identifiers; those that are not registered ask for nothing.
    features
        Identifiers of properties with published values.
    """
    keys = [_OF_ORIGINAL.get(MODELS[name].original, "") for name in models if name in MODELS]
    for dataset in datasets:
        keys += _OF_DATASET.get(dataset, ())
    for feature in features:
        keys += _OF_PUBLISHED.get(feature.partition(":")[0], ())
    return tuple(dict.fromkeys(key for key in keys if key))


def bibtex(keys: Iterable[str] = ()) -> str:
    """Write this software, the paper, and further works as a ``.bib`` file.

    Parameters
    ----------
    keys
        Of `WORKS`.

    Returns
    -------
    str
        Each work once, plain ASCII.
    """
    wanted = dict.fromkeys([SOFTWARE, PAPER, *keys])
    return "\n".join(_entry(key, WORKS[key]) for key in wanted)


def _entry(key: str, work: Work) -> str:
    lines = [f"  {name:<13} = {{{value}}}," for name, value in work.fields.items()]
    return "\n".join([f"@{work.kind}{{{key},", *lines, "}", ""])
