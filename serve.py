"""What `streamlit run serve.py` serves: the dashboard with its log.

`streamlit run streamlit_app.py` serves the same pages without it.
"""

from starlette.middleware import Middleware
from streamlit import App

from dashboard.page.log import hide_messages, start_log
from dashboard.serving.watching import Watching

hide_messages()
start_log()
app = App("streamlit_app.py", middleware=[Middleware(Watching)])
