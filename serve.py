"""What `streamlit run serve.py` serves: the dashboard with its log, metrics, bounds, deep health.

`streamlit run streamlit_app.py` serves the same pages without them.
"""

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
from precompute.log import hide_messages, listen, start_log


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


hide_messages()
start_log()
app = App(
    "streamlit_app.py",
    routes=[deep_route()],
    middleware=[Middleware(Watching), Middleware(Uploads)],
    lifespan=lifespan,
)
