r"""The Methods page as Markdown: the prose of ``methods.md``, filled in from code and registries.

A heading there is ``# Title {#anchor}``; a section begins at each ``#``, and its parts at each
``##``. Anchors are addresses (``/Methods#share``) and stay. ``{{name}}`` is a number that the
code uses, or a part that is written from a registry. What is quoted (``>``) stands small.
Between lines of ``$$`` stands TeX as matplotlib reads it (``\geq``, and ``\dfrac`` for large
fractions).
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

from dashboard.figures.look.citation import OF_COLUMNS, bibtex, works_of
from dashboard.page.links import anchor_of
from dashboard.page.some import count_of
from dashboard.pages.methods.provenance import facts, provenance
from dashboard.results.hidden_paths import hide_paths
from dashboard.results.loaded import Loaded
from dashboard.results.other_runs import find_other_runs
from precompute import features, heads, layers, published, similarity, substitution
from precompute.datasets import DATASETS
from precompute.errors import AtlasError
from precompute.features import FEATURES, Feature
from precompute.head_labels import RULE
from precompute.models import MODELS, Model

MOST_RUNS = 30
_HEADING = re.compile(r"^(##?) (.+) \{#([a-z-]+)\}$", re.MULTILINE)
_LEVELS = {"#": 3, "##": 5}


def sections(loaded: Loaded) -> dict[str, str]:
    """Write every section by its anchor, in the order of the page.

    Parameters
    ----------
    loaded
        What is loaded; nothing of it but how many runs there are is written here.
    """
    count = len(loaded.runs)
    runs = f"{count} measured {'run' if count == 1 else 'runs'}" if count else "no measured runs"
    written = {}
    for section in re.split(r"^(?=# )", page(), flags=re.MULTILINE)[1:]:
        found = _HEADING.match(section)
        if found:
            text = _HEADING.sub(lambda own: _heading(*own.groups()), section)
            written[found[3]] = text.replace("{{runs}}", runs)
    return written


def contents() -> str:
    """Write the table of contents, in Markdown."""
    return "\n".join(
        f"- **[{title}](#{anchor})**" if level == "#" else f"  - [{title}](#{anchor})"
        for level, title, anchor in _HEADING.findall(page())
    )


@cache
def page() -> str:
    """Write the page as one text, headings as in the file, all but ``{{runs}}`` filled in."""
    text = Path(__file__).with_name("methods.md").read_text(encoding="utf-8")
    known = {**_settings(), **_registries(), "runs": "{{runs}}"}
    filled = re.sub(r"\{\{([a-z_]+)\}\}", lambda found: known[found[1]], text)
    return filled.replace(" %", "\u00a0%")


def _settings() -> dict[str, str]:
    """Give the numbers that the prose names, as the code has them."""
    return {
        "threshold": f"{published.THRESHOLD:g}",
        "minimum_arcs": f"{published.MINIMUM_ARCS}",
        "minimum_separation": f"{features.MINIMUM_CONTACT_SEPARATION}",
        "contact_distance": f"{features.CONTACT_DISTANCE:g}",
        "maximum_offset": f"{features.MAXIMUM_OFFSET}",
        "alpha": f"{heads.ALPHA:g}",
        "alpha_percent": f"{100 * heads.ALPHA:g}",
        "confidence": f"{100 * (1 - heads.ALPHA):g}",
        "centre_level": f"{100 * layers.LEVEL:g}",
        "centre_draws": f"{layers.DRAWS:,}",
        "centre_seed": f"{layers.SEED}",
        "permutations": f"{substitution.PERMUTATIONS:,}",
        "correlation_level": f"{100 * substitution.LEVEL:g}",
        "resamples": f"{similarity.RESAMPLES:,}",
        "drawings": f"{similarity.DRAWINGS:,}",
        "similarity_seed": f"{similarity.SEED}",
    }


def _registries() -> dict[str, str]:
    """Give the parts that are written from registries."""
    rules = "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(RULE, 1))
    return {
        "definitions": "\n\n".join(definitions()),
        "label_rules": rules,
        "data_sets": data_sets(),
        "models": models(),
        "causal": ", ".join(model.label for model in MODELS.values() if model.causal),
    }


def definitions() -> list[str]:
    """Write every property's definition, from the registry."""
    blocks = []
    for anchor, title in _groups():
        own = [feature for feature in FEATURES.values() if anchor_of(feature.name) == anchor]
        blocks.append(f"## {title} {{#{anchor}}}")
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
        blocks.append(f"> Defined when: {'; '.join(eligible)}. {paper.capitalize()}.")
    return blocks


def data_sets() -> str:
    """Write the registry of data sets as a table, in Markdown."""
    rows = []
    for dataset in DATASETS.values():
        own = ", ".join(FEATURES[name].label.lower() for name in dataset.properties) or "none"
        places = "; ".join(map(_breakable, (dataset.source, *dataset.mirrors)))
        rows.append(f"| {dataset.label} (`{dataset.name}`) | {own} | {places} |")
    return "| data set | properties | where it is from; copies |\n|---|---|---|\n" + "\n".join(rows)


def models() -> str:
    """Write the registry of models as a table, in Markdown."""
    rows = [
        f"| {model.label} (`{model.name}`{_seen(model)}) | {model.layers} × {model.heads} "
        f"| {model.width:,} "
        f"| {model.special_tokens} | {_breakable(model.source)}; {model.original} "
        f"| {model.terms or 'this project'} | {'yes' if model.in_paper else 'no'} |"
        for model in MODELS.values()
    ]
    return (
        "| model | layers × heads | width | special tokens | weights; first published "
        "| terms | in the paper |\n|---|---|---|---|---|---|---|\n" + "\n".join(rows)
    )


def _seen(model: Model) -> str:
    """Say how long the longest input in a model's training was, where it reads longer ones."""
    return f"; trained on at most {model.longest_seen} residues" if model.longest_seen else ""


def runs_html(loaded: Loaded) -> str:
    """Write each run's provenance, closed until it is asked for."""
    blocks = []
    for run in loaded.runs[:MOST_RUNS]:
        title = (
            f"{html.escape(loaded.labels[run.model])}, {html.escape(run.dataset)}, "
            f"{run.sample}, {html.escape(run.started[:10])}"
        )
        try:
            rows = "".join(
                f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(value)}</td></tr>'
                for name, value in facts(provenance(run))
            )
            body = f"<table><tbody>{rows}</tbody></table>"
        except AtlasError as error:
            body = f"<p>{html.escape(hide_paths(str(error)))}</p>"
        blocks.append(f"<details><summary>{title}</summary>{body}</details>")
    if len(loaded.runs) > MOST_RUNS:
        blocks.append(f"<p>and {count_of(len(loaded.runs) - MOST_RUNS, 'older run')}</p>")
    others = find_other_runs(loaded)
    blocks += [f"<p>{html.escape(f'{one.title} (run {one.name})')}</p>" for one in others]
    return f'<div class="atlas-facts">{"".join(blocks)}</div>'


def cited(loaded: Loaded) -> str:
    """Write what everything that is loaded rests on, as BibTeX."""
    shown = [name for name, model in MODELS.items() if model.in_paper]
    runs = loaded.runs
    models = [*shown, *(run.model for run in runs)]
    return bibtex([*works_of(models, (run.dataset for run in runs), FEATURES), *OF_COLUMNS])


def _heading(level: str, title: str, anchor: str) -> str:
    """Write a heading whose place in the address stays when its words change."""
    size = _LEVELS[level]
    words = html.escape(title)
    return (
        f'<h{size} id="{anchor}">{words} <a class="atlas-anchor" href="#{anchor}" '
        f'aria-label="Link to {words}"></a></h{size}>'
    )


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
