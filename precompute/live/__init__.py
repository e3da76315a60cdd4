"""One protein at a time: got, read, run, its arcs ranked, and written for other programs.

What a page, a command or a notebook asks for live. Nothing here knows of Streamlit.
"""
