"""JavaScript of others that the pages serve themselves: 3Dmol.js and Plotly.

`make app` and the Dockerfile put the files into ``static/`` by npm, pinned in package.json, with
their licences; all that stands there is served, so that nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

STATIC = Path(__file__).parents[2] / "static"
MOLECULE_VERSION = "2.5.5"
"""3Dmol.js, as in package.json."""
MOLECULE_INTEGRITY = "sha384-OsczYbldvrHgslr9fFp/i4GiLSeuw9l+QIlv99ITw8soOwXcoGeflFMLg+CU/X1d"
"""Hash of ``build/3Dmol-min.js`` in the npm package; a browser refuses a CDN's other file."""

_BUNDLE = "plotly-cartesian.min.js"


@dataclass(frozen=True)
class Library:
    """Where a browser gets a library from."""

    url: str
    integrity: str | None = None
    served_here: bool = True


def molecule_library() -> Library:
    """Say where the pages get 3Dmol.js from: this server where it has it, else a CDN."""
    return _static("3Dmol-min.js") or Library(
        f"https://cdn.jsdelivr.net/npm/3dmol@{MOLECULE_VERSION}/build/3Dmol-min.js",
        MOLECULE_INTEGRITY,
        False,
    )


def chart_library() -> Library:
    """Say where the pages get Plotly from: the partial bundle of npm, else the whole one.

    The plotly package carries the whole one (4.8 MB instead of 1.5), so that a page with charts
    needs no network either way.
    """
    return _static(_BUNDLE) or Library(f"{_base()}/{_whole_plotly()}")


def chart_bundle() -> tuple[str, str]:
    """Give the text of Plotly's bundle and of its licence, to stand in a file of its own."""
    served = STATIC / _BUNDLE
    if served.is_file():
        licence = STATIC / "plotly-LICENSE.txt"
        return served.read_text("utf-8"), licence.read_text("utf-8") if licence.is_file() else ""
    import plotly

    package = Path(plotly.__file__).parent
    return (package / "package_data/plotly.min.js").read_text("utf-8"), "Plotly, MIT licence"


def _static(name: str) -> Library | None:
    if _is_here(STATIC / name) and st.get_option("server.enableStaticServing"):
        return Library(f"{_base()}/app/static/{name}")
    return None


@cache
def _is_here(path: Path) -> bool:
    """Tell whether a file is there, once: nobody adds one while the server runs."""
    return path.is_file()


def _base() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


@cache
def _whole_plotly() -> str:
    """Have Streamlit serve the file that the plotly package carries; give its address."""
    import plotly

    folder = Path(plotly.__file__).parent / "package_data"
    component = st.components.v1.declare_component("plotly_package", path=str(folder))
    return f"component/{component.name}/plotly.min.js"
