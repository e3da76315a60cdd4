"""Published accuracy of secondary structure in eight classes, to set beside what is measured.

Share of the residues of CB513 whose class is right, in percent, of networks fitted on each
model's last layer: README of facebookresearch/esm, at 1ff6afe (April 2022); the first version of
ESM-MSA-1, at a4335c8 (February 2021), reached 72.9.
"""

from __future__ import annotations

CB513 = {
    "tape_bert": 58.0,
    "prot_bert_bfd": 70.0,
    "esm1b": 71.6,
    "esm_msa1b": 73.4,
}
"""By model of the registry."""
