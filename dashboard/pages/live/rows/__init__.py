"""An alignment: its rows, and which of them the query reads."""
