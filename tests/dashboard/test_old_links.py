"""Links that are out, in papers and mails, select what they always did.

A page's names and values stand here as they were when the links were made; a link that is
not read as before is no reason to change this list.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dashboard.page.address import Choices
from dashboard.results.loaded import RESULTS_VARIABLE
from tests import measured
from tests.pages.test_changes import visit

RUN, OWN = measured.TAPE_RUN, f"{measured.OWN_MODEL}:{measured.OWN_RUN}"
FIVE = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
DEFAULTS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "Heads": {
        "feature": "contact",
        "models": ("prot_bert_bfd",),
        "measure": "percent",
        "scale": "own",
        "results": "both",
        "run": (),
        "threshold": "0.30",
        "denominator": "published",
        "table": "off",
        "head": "",
    },
    "Live": {
        "protein": "example:1MVO",
        "kind": "",
        "chain": "",
        "second": "",
        "second_kind": "",
        "second_chain": "",
        "model": "demo",
        "depth": "128",
        "thin": "diverse",
        "layer": "",
        "head": "",
        "also": (),
        "threshold": "0.30",
        "direction": "each",
        "separation": "0",
        "most": "200",
        "arrows": "no",
        "colour": "contact",
        "residues": "attention",
        "sites": "yes",
        "labels": "0",
        "residue": "",
        "by": "contact",
        "selection": "",
        "together": "no",
        "best": "10",
        "pair": "",
    },
    "Amino_acids": {
        "source": "prot_bert_bfd:published",
        "threshold": "0.30",
        "amino_acid": "P",
        "order": "chemistry",
        "scale": "own",
        "head": "",
    },
    "Substitution": {
        "source": "prot_bert_bfd:published",
        "threshold": "0.30",
        "matrix": "BLOSUM62",
        "order": "clustering",
        "shown": "heads",
    },
    "Layers": {
        "source": ("tape_bert:published",),
        "feature": (
            "secondary_structure:helix",
            "secondary_structure:turn_bend",
            "secondary_structure:strand",
            "binding_site",
            "contact",
        ),
        "axis": "layer",
        "scale": "own",
        "threshold": "0.30",
        "probed": (),
        "protocol": "corrected",
        "classes": "properties",
    },
    "Compare": {
        "part": "two",
        "first": "prot_bert:published",
        "second": "prot_bert_bfd:published",
        "feature": "contact",
        "threshold": "0.30",
        "view": "auto",
        "pairs": "",
        "attention": "first_to_second",
        "clustered": tuple(f"{model}:published" for model in FIVE),
        "clusters": "8",
    },
    "Contacts": {
        "runs": (),
        "separation": "long",
        "measure": "L",
        "atoms": "alpha",
        "run": "",
        "shown": "weight",
        "protein": "",
        "method": "",
    },
    "Alignments": {
        "run": "",
        "family": "",
        "control": "none",
        "definition": "corrected",
        "statistic": "spearman",
        "tree": "ml",
        "head": "",
        "table": "off",
        "quarter": "1",
        "threshold": "0.30",
    },
}
"""What a page shows where its address says nothing."""
LINKS: tuple[tuple[str, dict[str, str | tuple[str, ...]]], ...] = (
    (
        "Heads?feature=binding_site&models=tape_bert&measure=enrichment&head=tape_bert.11.6",
        {
            "feature": "binding_site",
            "models": ("tape_bert",),
            "measure": "enrichment",
            "head": "tape_bert.11.6",
        },
    ),
    ("Heads?head=prot_bert_bfd.30.9", {"head": "prot_bert_bfd.30.9"}),
    (
        "Heads?feature=amino_acid%3AP&models=tape_bert&models=prot_xlnet&scale=shared",
        {"feature": "amino_acid:P", "models": ("tape_bert", "prot_xlnet"), "scale": "shared"},
    ),
    (
        "Heads?" + "&".join(f"models={name}" for name in FIVE) + "&results=published&table=marked",
        {"models": FIVE, "results": "published", "table": "marked"},
    ),
    (
        f"Heads?models=tape_bert&results=measured&run={RUN}&threshold=0.45&denominator=corrected",
        {
            "models": ("tape_bert",),
            "results": "measured",
            "run": (RUN,),
            "threshold": "0.45",
            "denominator": "corrected",
        },
    ),
    ("Heads?models=", {"models": ()}),
    (
        "Heads?measure=z&table=all&threshold=0.6",
        {"measure": "z", "table": "all", "threshold": "0.60"},
    ),
    (
        "Heads?feature=secondary_structure%3Aturn_bend&threshold=.9",
        {"feature": "secondary_structure:turn_bend", "threshold": "0.90"},
    ),
    (
        "Live?protein=example%3A1MVO&chain=A&model=demo&layer=1&head=10",
        {"chain": "A", "layer": "1", "head": "10"},
    ),
    ("Live?protein=pdb%3A1T8K&threshold=0.1", {"protein": "pdb:1T8K", "threshold": "0.10"}),
    (
        "Live?protein=uniprot%3AP69905&also=1-2&also=1-3&direction=larger&separation=6&most=50",
        {
            "protein": "uniprot:P69905",
            "also": ("1-2", "1-3"),
            "direction": "larger",
            "separation": "6",
            "most": "50",
        },
    ),
    (
        "Live?kind=upload&threshold=0.10&by=secondary_structure%3Ahelix",
        {"kind": "upload", "threshold": "0.10", "by": "secondary_structure:helix"},
    ),
    (
        "Live?arrows=yes&colour=separation&residues=structure&sites=no&labels=10&residue=51A",
        {
            "arrows": "yes",
            "colour": "separation",
            "residues": "structure",
            "sites": "no",
            "labels": "10",
            "residue": "51A",
        },
    ),
    (
        "Live?by=selection&selection=45-60%2C72&residue=%23105",
        {"by": "selection", "selection": "45-60,72", "residue": "#105"},
    ),
    (
        "Live?direction=mean&colour=one&residues=grey&threshold=0.02&by=marked",
        {
            "direction": "mean",
            "colour": "one",
            "residues": "grey",
            "threshold": "0.02",
            "by": "marked",
        },
    ),
    (
        "Amino_acids?source=prot_albert%3Apublished&amino_acid=W&order=alphabet&head=11.3",
        {"source": "prot_albert:published", "amino_acid": "W", "order": "alphabet", "head": "11.3"},
    ),
    (
        f"Amino_acids?source={OWN}&order=clustering&scale=shared&threshold=0.6",
        {"source": OWN, "order": "clustering", "scale": "shared", "threshold": "0.60"},
    ),
    (
        "Substitution?source=tape_bert:published&matrix=PAM250&order=alphabet&shown=difference",
        {
            "source": "tape_bert:published",
            "matrix": "PAM250",
            "order": "alphabet",
            "shown": "difference",
        },
    ),
    (
        "Substitution?matrix=GONNET1992&order=chemistry&shown=figure&threshold=0.9",
        {"matrix": "GONNET1992", "order": "chemistry", "shown": "figure", "threshold": "0.90"},
    ),
    (
        "Layers?source=tape_bert%3Apublished&source=prot_xlnet%3Apublished&feature=contact"
        "&axis=depth&scale=shared",
        {
            "source": ("tape_bert:published", "prot_xlnet:published"),
            "feature": ("contact",),
            "axis": "depth",
            "scale": "shared",
        },
    ),
    (
        f"Layers?source={OWN}&feature=amino_acid%3AG&threshold=0.3",
        {"source": (OWN,), "feature": ("amino_acid:G",)},
    ),
    (
        "Layers?protocol=paper&classes=8",
        {"protocol": "paper", "classes": "8"},
    ),
    ("Compare?attention=within_second", {"attention": "within_second"}),
    (
        "Compare?clustered=tape_bert:published&clustered=prot_bert:published&clusters=12",
        {
            "part": "clusters",
            "clustered": ("tape_bert:published", "prot_bert:published"),
            "clusters": "12",
        },
    ),
    ("Heads?feature=diagonal_percent", {"feature": "diagonal_percent"}),
    (
        "Contacts?separation=short&measure=L/5&atoms=beta&shown=precision",
        {"separation": "short", "measure": "L/5", "atoms": "beta", "shown": "precision"},
    ),
    (
        "Live?protein=alignment:PF00076&depth=64&thin=first",
        {"protein": "alignment:PF00076", "depth": "64", "thin": "first"},
    ),
    (
        "Live?protein=example:1MVO&together=yes&best=3&pair=12:51A",
        {"together": "yes", "best": "3", "pair": "12:51A"},
    ),
    (
        "Live?protein=pdb:1JYR&chain=A&second=pdb:1JYR&second_chain=L",
        {"protein": "pdb:1JYR", "chain": "A", "second": "pdb:1JYR", "second_chain": "L"},
    ),
    ("Live?second_kind=upload", {"second_kind": "upload"}),
    ("Alignments?quarter=4&threshold=0.5", {"quarter": "4", "threshold": "0.50"}),
    ("Layers?source=&feature=", {"source": (), "feature": ()}),
    (
        "Compare?first=tape_bert%3Apublished&second=prot_xlnet%3Apublished&feature=binding_site"
        "&view=heads",
        {
            "first": "tape_bert:published",
            "second": "prot_xlnet:published",
            "feature": "binding_site",
            "view": "heads",
        },
    ),
    (
        f"Compare?first=tape_bert:published&second=tape_bert:{RUN}&threshold=0.3",
        {"first": "tape_bert:published", "second": f"tape_bert:{RUN}"},
    ),
    (
        "Alignments?control=covariance&tree=nj&definition=published&head=1.5&table=on"
        "&statistic=pearson",
        {
            "control": "covariance",
            "tree": "nj",
            "definition": "published",
            "statistic": "pearson",
            "head": "1.5",
            "table": "on",
        },
    ),
)
"""Links, and what they select beside the defaults."""


OF_RUNS = {
    "Alignments": {"run", "family"},
    "Contacts": {"runs", "run", "protein", "method"},
    "Layers": {"probed"},
    "Compare": {"pairs"},
}
"""What names runs of kinds that are not here; each page's own tests have them."""


@pytest.fixture(scope="module")
def pages(results_folder: Path) -> Iterator[dict[str, Choices]]:
    """Every page's own reader of addresses, with two measured runs beside the paper's values."""
    found: dict[str, Choices] = {}
    arrive = Choices._arrive

    def note(self: Choices) -> None:
        found[self.page.capitalize()] = self
        arrive(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RESULTS_VARIABLE, str(results_folder))
        patch.setattr(Choices, "_arrive", note)
        for path in sorted(Path("pages").glob("[1-8]_*.py")):
            visit(path.stem, {})
        yield found


@pytest.mark.parametrize(("link", "chosen"), LINKS, ids=[link for link, _ in LINKS])
def test_a_link_selects_what_it_did(
    link: str, chosen: dict[str, str | tuple[str, ...]], pages: dict[str, Choices]
) -> None:
    page, _, query = link.partition("?")
    values, notes = pages[page].read(parse_qs(query, keep_blank_values=True))
    assert notes == []
    assert values == {**DEFAULTS[page], **chosen}
    # What the page writes of it is a link to the same again.
    again = pages[page].read(pages[page].write(values))
    assert again == (values, [])


@pytest.mark.parametrize("page", DEFAULTS)
def test_every_parameter_of_a_page_is_in_a_link(page: str, pages: dict[str, Choices]) -> None:
    assert list(pages[page].parameters) == list(DEFAULTS[page])
    linked = {name for link, chosen in LINKS if link.startswith(page) for name in chosen}
    linked |= OF_RUNS.get(page, set())
    assert linked | {"threshold"} >= set(DEFAULTS[page]) - {"model"}
    assert pages[page].read({}) == (DEFAULTS[page], [])
    assert pages[page].write(DEFAULTS[page]) == {}
