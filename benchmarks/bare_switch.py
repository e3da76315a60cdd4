"""The floor of a switch inside an app: two bare pages, each with one plain heatmap."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st


def draw(seed: int) -> None:
    values = np.random.default_rng(seed).random((30, 16), dtype=np.float32)
    title = {"title": {"text": f"number {seed}"}}
    st.plotly_chart(go.Figure(go.Heatmap(z=values), layout=title))


def one() -> None:
    draw(1)


def other() -> None:
    draw(2)


pages = [st.Page(one, title="One"), st.Page(other, title="Other")]
for page in pages:
    st.sidebar.page_link(page)
st.navigation(pages, position="hidden").run()
