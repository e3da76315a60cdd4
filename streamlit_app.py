"""What Streamlit runs: the frame of every page, and within it the page that is asked for."""

from dashboard.page.opening import open_app

open_app()
