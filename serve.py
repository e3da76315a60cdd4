"""What `streamlit run serve.py` serves: the dashboard with its log, metrics, bounds, deep health.

`streamlit run streamlit_app.py` serves the same pages without them.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.middleware import Middleware
from streamlit import App
from streamlit.runtime import get_instance

from dashboard.health.deep import deep_route
from dashboard.health.metrics import Numbers, serve_metrics
from dashboard.health.uploads import Uploads
from dashboard.health.watching import Watching
from dashboard.page.settings import odd_settings, wrong_settings
from precompute.log import hide_messages, listen, start_log

TURN = 0.01
"""Seconds that a visitor's thread draws before another may: Python's own 5 ms lose time in turns.

p95 of a rerun in s, two cores, 30 s each. 50 visitors by one process: with 5 ms 2.6, 2.5 and 2.1;
with 10 ms 2.7 and 1.3; with 20 ms 1.5 and 1.1; with 50 ms 2.1. 100 visitors with 5 and with 10 ms:
by one process 5.2 and 4.0, by two 1.8 and 0.8.
"""


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[dict[str, Any]]:
    """Serve the metrics for as long as the dashboard."""
    del app
    numbers = Numbers()
    listen(numbers)
    get_instance().stats_mgr.register_provider(numbers)
    server = serve_metrics(get_instance())
    yield {}
    if server is not None:
        server.shutdown()


if wrong := wrong_settings():
    sys.exit("\n".join(wrong))
for sentence in odd_settings():
    print(sentence, file=sys.stderr)
sys.setswitchinterval(TURN)
hide_messages()
start_log()
app = App(
    "streamlit_app.py",
    routes=[deep_route()],
    middleware=[Middleware(Watching), Middleware(Uploads)],
    lifespan=lifespan,
)
