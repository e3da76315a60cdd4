"""A line below a figure in the look of `streamlit.caption`, as part of other HTML.

Each element of a page costs its server a fifth of a millisecond or more: a legend and what is said
below it are one.
"""

from __future__ import annotations

import html


def caption_html(text: str) -> str:
    """Write a caption; names from strangers may stand in it."""
    return f'<p class="atlas-caption">{html.escape(text)}</p>'
