"""The server may open as many handles as the system lets it: measured in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPEN_MANY = """
import resource, sys
from pathlib import Path
soft, hard, wanted = map(int, sys.argv[1:4])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
{how}
held = []
try:
    while len(held) < wanted:
        held.append(open("/dev/null", "rb"))
except OSError as error:
    print(type(error).__name__, error.errno)
else:
    print("all", *resource.getrlimit(resource.RLIMIT_NOFILE))
"""
BY_FUNCTION = "from dashboard.page.handles import allow_handles\nallow_handles()"
BY_PAGE = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("streamlit_app.py", default_timeout=120).run()
assert not app.exception
"""


def open_many(how: str, soft: int, hard: int, wanted: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", OPEN_MANY.format(how=how), *map(str, (soft, hard, wanted))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("how", [BY_FUNCTION, BY_PAGE])
def test_a_server_opens_more_than_it_began_with(how: str) -> None:
    assert open_many("", 256, 1500, 1000) == "OSError 24"
    assert open_many(how, 256, 1500, 1000) == "all 1500 1500"


def test_what_is_high_enough_is_left() -> None:
    assert open_many(BY_FUNCTION, 300, 300, 200) == "all 300 300"
