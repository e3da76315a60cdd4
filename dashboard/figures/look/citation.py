"""What to cite beside a figure or table, as BibTeX.

The works stand in ``references.bib``. The facts of this software are those of
``CITATION.cff``; a test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from precompute.models import MODELS

SOFTWARE, PAPER = "atlas", "vig2021"
"""Keys of the two works that everything here rests on."""

_ENTRY = re.compile(r"^@\w+\{(\w+),\n.*?^\}\n", re.MULTILINE | re.DOTALL)

_OF_ORIGINAL: dict[str, str] = {
    "Rao et al., TAPE, 2019": "rao2019",
    "Elnaggar et al., ProtTrans, 2021": "elnaggar2022",
    "Lin et al., ESM-2, 2023": "lin2023",
    "Rives et al., ESM-1b, 2021": "rives2021",
    "EvolutionaryScale, ESM Cambrian, 2024": "evolutionaryscale2024",
    "Heinzinger et al., ProstT5, 2024": "heinzinger2024",
    "Elnaggar et al., Ankh, 2023": "elnaggar2023",
    "Munsamy et al., ZymCTRL, 2022": "munsamy2022",
    "Ferruz et al., ProtGPT2, 2022": "ferruz2022",
    "Nijkamp et al., ProGen2, 2023": "nijkamp2023",
    "Ruffolo et al., AntiBERTy, 2021": "ruffolo2021",
    "Rao et al., MSA Transformer, 2021": "rao2021",
    "Min et al., PLUS, 2021": "min2021",
}
"""The work that made a model, by `precompute.models.Model.original`."""
_OF_DATASET: dict[str, tuple[str, ...]] = {
    "proteinnet": ("alquraishi2019", "rao2019"),
    "secondary_structure": ("klausen2019", "rao2019"),
    "binding_sites": ("berman2000",),
    "modifications": ("berman2000",),
    "structures": ("kabsch1983", "berman2000"),
    "alignments": ("kabsch1983", "berman2000"),
    "families": ("mistry2021",),
    "cameo": ("berman2000",),
}
"""The works that made a dataset, by its name; the paper made its own of the PDB."""
OF_COLUMNS = ("chen2026", "lupo2022")
"""The works whose measures of column attention are used, the first that of the published values."""
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


@cache
def entries() -> dict[str, str]:
    """Read every work's entry by its key, in the order of the file.

    An entry begins with ``@kind{key,`` and ends with a brace, each on a line of its own; what
    stands between goes into files as it is, plain ASCII as BibTeX asks for.
    """
    text = Path(__file__).with_name("references.bib").read_text(encoding="ascii")
    return {found[1]: found[0] for found in _ENTRY.finditer(text)}


def bibtex(keys: Iterable[str] = ()) -> str:
    """Write this software, the paper, and further works as a ``.bib`` file.

    Parameters
    ----------
    keys
        Of `entries`.

    Returns
    -------
    str
        Each work once, plain ASCII.
    """
    return "\n".join(entries()[key] for key in dict.fromkeys([SOFTWARE, PAPER, *keys]))
