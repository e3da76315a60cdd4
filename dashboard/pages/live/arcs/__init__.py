"""The arcs of one head: along the sequence, as a map, and for print."""
