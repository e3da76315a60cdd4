"""What a visitor takes along: arcs as a table, and as scenes of other programs."""
