"""Write the sections of the Methods page from the registries: Markdown and HTML, no drawing."""

from __future__ import annotations

import html
from collections.abc import Iterable

from dashboard.figures.look.citation import bibtex, works_of
from dashboard.page.links import anchor_of
from dashboard.pages.methods import comparisons, statistics
from dashboard.pages.methods.entry import PAPER, Method
from dashboard.pages.methods.paper import INCONSISTENCIES
from dashboard.pages.methods.provenance import facts, provenance
from dashboard.results.loaded import Loaded
from precompute.datasets import DATASETS
from precompute.errors import AtlasError
from precompute.features import FEATURES, Feature
from precompute.head_labels import RULE
from precompute.models import MODELS

MOST_RUNS = 30
STATISTICS: tuple[tuple[str, str, tuple[Method, ...]], ...] = (
    ("arcs-and-shares", "Arcs and shares", statistics.ARCS),
    ("intervals-and-tests", "Intervals and tests", statistics.INTERVALS),
    ("one-head", "One head", statistics.HEADS),
    ("layers", "Layers", comparisons.LAYERS),
    ("amino-acids-and-substitution", "Amino acids and substitution", comparisons.AMINO_ACIDS),
    ("two-sources", "Two models or runs", comparisons.COMPARE),
)
"""Anchor, title and statistics of each section of formulas."""
DEFINITIONS = ("definitions", "Properties")
LABELS = ("head-labels", "Labels of heads")
INCONSISTENT = ("inconsistencies", "Where the paper is inconsistent")
DATA = ("data-sets", "Data sets")
REGISTERED_MODELS = ("models", "Models")
LOADED = ("provenance", "What is loaded")
CITE = ("citation", "How to cite")


def contents() -> str:
    """Write the table of contents, in Markdown."""
    lines = []
    for anchor, title, methods in STATISTICS:
        lines.append(f"- **[{title}](#{anchor})**")
        lines += [f"  - [{method.title}](#{method.anchor})" for method in methods]
    lines.append(f"- **[{DEFINITIONS[1]}](#{DEFINITIONS[0]})**")
    lines += [f"  - [{name}](#{anchor})" for anchor, name in _groups()]
    for anchor, title in (LABELS, INCONSISTENT, DATA, REGISTERED_MODELS, LOADED, CITE):
        lines.append(f"- **[{title}](#{anchor})**")
    return "\n".join(lines)


def method_markdown(method: Method) -> str:
    """Write one statistic: what it is, formula, denominator, source, code."""
    lines = [heading(method.anchor, method.title, 5), method.text]
    if method.formula:
        lines.append(f"$$\n{method.formula}\n$$")
    last = []
    if method.denominator:
        last.append(f"Denominator or n: {html.escape(method.denominator)}.")
    if method.source:
        last.append(f"Source: {html.escape(method.source)}.")
    if method.code:
        last.append(f"Code: {_code(method.code)}.")
    written = "\n\n".join([*lines, *([_meta(" ".join(last))] if last else [])])
    return written.replace(" %", "\u00a0%")


def definitions() -> list[str]:
    """Write every property's definition, from the registry."""
    blocks = []
    for anchor, title in _groups():
        own = [feature for feature in FEATURES.values() if anchor_of(feature.name) == anchor]
        blocks.append(heading(anchor, title, 5))
        if len(own) == 1:
            blocks.append(f"An arc has it when {own[0].definition}.")
        else:
            items = "".join(
                f"<li><b>{html.escape(feature.label)}</b>: {html.escape(feature.definition)}</li>"
                for feature in own
            )
            blocks.append(f'<ul class="atlas-many">{items}</ul>')
        eligible = list(dict.fromkeys(feature.eligibility for feature in own))
        paper = "in the paper" if own[0].in_paper else "not in the paper"
        blocks.append(_meta(f"Defined when: {'; '.join(eligible)}. {paper.capitalize()}."))
    return blocks


def label_rule() -> str:
    """Write the rule that labels heads, from the rule's own module."""
    rules = "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(RULE, 1))
    return (
        "A label says in plain words what a head’s arcs go to. It is made by one rule and by "
        f"nobody’s judgement:\n\n{rules}\n\n"
        + _meta(f"Code: {_code(('precompute.head_labels.label_head',))}.")
    )


def inconsistencies() -> str:
    """Write what the paper does beside what is done here, in Markdown."""
    rows = "\n".join(f"| {theirs} | {ours} |" for theirs, ours in INCONSISTENCIES)
    return f"| {PAPER} | here |\n|---|---|\n{rows}"


def data_sets() -> str:
    """Write the registry of data sets as a table, in Markdown."""
    rows = []
    for dataset in DATASETS.values():
        own = ", ".join(FEATURES[name].label.lower() for name in dataset.properties) or "none"
        places = "; ".join(map(_breakable, (dataset.source, *dataset.mirrors)))
        rows.append(f"| {dataset.label} (`{dataset.name}`) | {own} | {places} |")
    return (
        "Every sequence has amino acids and offsets; the properties below need labels.\n\n"
        "| data set | properties | where it is from; copies |\n|---|---|---|\n" + "\n".join(rows)
    )


def models() -> str:
    """Write the registry of models as a table, in Markdown."""
    rows = [
        f"| {model.label} (`{model.name}`) | {model.layers} × {model.heads} | {model.width:,} "
        f"| {model.special_tokens} | {_breakable(model.source)}; {model.original} "
        f"| {'yes' if model.in_paper else 'no'} |"
        for model in MODELS.values()
    ]
    return (
        "| model | layers × heads | width | special tokens | weights; first published "
        "| in the paper |\n|---|---|---|---|---|---|\n" + "\n".join(rows)
    )


def loaded_markdown(loaded: Loaded) -> str:
    """Say what is loaded, in Markdown of our own words only."""
    count = len(loaded.runs)
    runs = f"{count} measured {'run' if count == 1 else 'runs'}" if count else "no measured runs"
    return (
        f"The published values of five models and 27 properties ({PAPER}, arXiv 2006.15222; "
        "n = 5,000 proteins a model and property, ProtXLNet at most; θ = 0.3), read off the "
        f"paper’s vector figures; and {runs}. Open a run to see all that is needed to repeat it; "
        "its proteins’ ids are in `runs.parquet`."
    )


def runs_html(loaded: Loaded) -> str:
    """Write each run's provenance, closed until it is asked for."""
    blocks = []
    for run in loaded.runs[:MOST_RUNS]:
        title = (
            f"{html.escape(loaded.labels[run.model])}, {html.escape(run.dataset)}, "
            f"n = {run.proteins:,} proteins, {html.escape(run.started[:10])}"
        )
        try:
            rows = "".join(
                f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(value)}</td></tr>'
                for name, value in facts(provenance(run))
            )
            body = f"<table><tbody>{rows}</tbody></table>"
        except AtlasError as error:
            body = f"<p>{html.escape(str(error))}</p>"
        blocks.append(f"<details><summary>{title}</summary>{body}</details>")
    if len(loaded.runs) > MOST_RUNS:
        blocks.append(f"<p>and {len(loaded.runs) - MOST_RUNS} older runs</p>")
    return f'<div class="atlas-facts">{"".join(blocks)}</div>'


def cited(loaded: Loaded) -> str:
    """Write what everything that is loaded rests on, as BibTeX."""
    shown = [name for name, model in MODELS.items() if model.in_paper]
    runs = loaded.runs
    return bibtex(
        works_of([*shown, *(run.model for run in runs)], (run.dataset for run in runs), FEATURES)
    )


def heading(anchor: str, title: str, level: int = 3) -> str:
    """Write a heading whose place in the address stays when its words change."""
    return f'<h{level} data-anchor="{anchor}">{html.escape(title)}</h{level}>'


def _meta(text: str) -> str:
    """Write the small line under a definition."""
    return f'<p class="atlas-meta">{text}</p>'


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"<code>{html.escape(name)}</code>" for name in names)


def _breakable(text: str) -> str:
    """Let a long path break after its slashes."""
    return text.replace("/", "/<wbr>")


def _groups() -> list[tuple[str, str]]:
    """Give anchor and title of each group of definitions."""
    groups: dict[str, list[Feature]] = {}
    for feature in FEATURES.values():
        groups.setdefault(anchor_of(feature.name), []).append(feature)
    return [
        (anchor, own[0].label if len(own) == 1 else own[0].group) for anchor, own in groups.items()
    ]
