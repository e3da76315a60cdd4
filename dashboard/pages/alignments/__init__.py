"""The Alignments page: column attention against the distance of rows."""
