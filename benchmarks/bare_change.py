"""The floor of a change: a bare Streamlit page whose one plain heatmap a button replaces."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

st.session_state.setdefault("seed", 0)
if st.button("Change"):
    st.session_state.seed += 1
values = np.random.default_rng(st.session_state.seed).random((30, 16), dtype=np.float32)
st.plotly_chart(
    go.Figure(go.Heatmap(z=values), layout={"title": {"text": f"number {st.session_state.seed}"}})
)
