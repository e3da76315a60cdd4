"""The floor of a switch inside an app: from a bare page to one with one plain heatmap."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st


def empty() -> None:
    st.text("nothing here")


def heatmap() -> None:
    values = np.random.default_rng(0).random((30, 16), dtype=np.float32)
    st.plotly_chart(go.Figure(go.Heatmap(z=values)))


pages = [st.Page(empty, title="Empty"), st.Page(heatmap, title="Heatmap")]
for page in pages:
    st.sidebar.page_link(page)
st.navigation(pages, position="hidden").run()
