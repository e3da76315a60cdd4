"""The floor: a bare Streamlit page with one plain 30 × 16 Plotly heatmap."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

values = np.random.default_rng(0).random((30, 16), dtype=np.float32)
st.plotly_chart(go.Figure(go.Heatmap(z=values)))
