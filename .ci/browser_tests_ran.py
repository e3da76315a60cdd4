"""Exit with a sentence unless the browser tests of a JUnit report all ran."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def complaint(report: Path) -> str | None:
    """Say what is wrong with a report, or nothing.

    Parameters
    ----------
    report
        The file that ``pytest --junitxml`` wrote.

    Returns
    -------
    str or None
        One sentence when no test of ``tests/browser`` is in it or one was skipped.
    """
    if not report.is_file():
        return f"{report} was not written: the tests did not run to their end"
    cases = [
        case
        for case in ET.parse(report).iter("testcase")
        if (case.get("classname") or "").startswith("tests.browser.")
    ]
    if not cases:
        return "no browser test ran"
    skipped = [str(case.get("name")) for case in cases if case.find("skipped") is not None]
    if skipped:
        return f"{len(skipped)} browser tests were skipped: {', '.join(skipped)}"
    return None


if __name__ == "__main__":
    if problem := complaint(Path(sys.argv[1])):
        sys.exit(f"CI: {problem}")
