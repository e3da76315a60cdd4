"""The optional renderer stmol, in an environment of its own, drawn by real Chromium."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.dashboard.test_molecule import ATTACK, helix

pytestmark = [pytest.mark.browser, pytest.mark.stmol, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "static/3Dmol-min.js"

STMOL_PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest

PAGE = '''
import json, sys
from pathlib import Path
from dashboard.structure.molecule import show_structure
from precompute.live.writing import Structure
given = json.loads(Path(sys.argv[1]).read_text())
shown = Structure(given["text"], tuple(given["chains"]), given["drawing"])
show_structure(shown, key="m", height=300)
'''
app = AppTest.from_string(PAGE, default_timeout=120).run()
print(json.dumps({
    "exceptions": [e.message for e in app.exception],
    "warnings": [w.value for w in app.warning],
    "captions": [element.proto.body for element in app.get("html")],
    "documents": [i.proto.srcdoc for i in app.get("iframe")],
}))
"""


@pytest.fixture(scope="module")
def stmol_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with Streamlit and the extra "stmol", and nothing else."""
    folder = tmp_path_factory.mktemp("stmol")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin/python"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = ["streamlit", *extras["optional-dependencies"]["stmol"]]
    options = ["--quiet", "--no-compile", "--constraint", ROOT / "requirements.txt"]
    command = [python, "-m", "pip", "install", *options, *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"the extra stmol could not be installed: {done.stderr.splitlines()[-1:]}")
    assert done.returncode == 0, done.stderr
    return python


def stmol_page(python: Path, structure: Path) -> dict[str, list[str]]:
    environment = {**os.environ, "ATLAS_VIEWER": "stmol", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [python, "-c", STMOL_PAGE, structure],
        cwd=structure.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    assert result["exceptions"] == []
    assert result["warnings"] == []
    return result


def test_stmol_draws_the_structure(stmol_python: Path, tmp_path: Path, browser: Browser) -> None:
    if not LIBRARY.is_file() and os.environ.get("ATLAS_REQUIRE_BROWSER") != "1":
        pytest.skip("3Dmol.js is not installed: npm was not found")
    structure = helix(30, ATTACK)
    file = tmp_path / "structure.json"
    parts = {name: getattr(structure, name) for name in ("text", "chains", "drawing")}
    file.write_text(json.dumps(parts))
    result = stmol_page(stmol_python, file)
    assert "3Dmol.js 2.5.5 through stmol" in result["captions"][0]
    (document,) = result["documents"]
    assert "</script><script>document" not in document

    page = browser.new_page(viewport={"width": 700, "height": 300})
    page.route("**/3Dmol-min.js", lambda route: route.fulfill(path=LIBRARY))
    page.set_content(document)
    page.locator("canvas").first.wait_for()
    page.wait_for_function(
        "Object.keys(window).some(k => k.startsWith('viewer_')"
        " && window[k]?.selectedAtoms?.({}).length === 30)"
    )
    colours = 0
    for _ in range(50):  # drawn some frames after the atoms are there
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
        colours = len(picture.getcolors(picture.width * picture.height) or [])
        if colours > 20:
            break
        page.wait_for_timeout(100)
    title = page.title()
    page.close()
    assert title != "broken"
    assert colours > 20, "the view is empty"
