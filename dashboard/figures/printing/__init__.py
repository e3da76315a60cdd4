"""The kit of figures for print: a journal's sizes and type, measured texts, files.

A figure for print is a pure function from a frame to a `figure.PaperFigure`, which draws
matplotlib; it stands beside the one that the page shows, in a file called ``…_print.py``.
Nothing here imports Streamlit, and matplotlib only where a figure is drawn.
"""
