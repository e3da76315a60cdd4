"""What stands below the figures of a page."""

from __future__ import annotations

import html
import re

from streamlit.testing.v1 import AppTest

_CAPTION = re.compile(r'<p class="atlas-caption">(.*?)</p>')


def captions(app: AppTest) -> list[str]:
    """Streamlit's captions, and those that are part of other HTML, in the order of each kind."""
    written = "".join(element.proto.body for element in app.get("html"))
    return [one.value for one in app.caption] + [*map(html.unescape, _CAPTION.findall(written))]
