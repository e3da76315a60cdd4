"""Published precision of contacts: ESM's tables, and those of the fusion of heads."""

from __future__ import annotations

import pandas as pd

from precompute.tables import PUBLISHED_CONTACTS

_FUSION = "arXiv 2606.21876 (Rome-1/plm-contact-fusion)"
_NAMES = {
    "TapeBert": "tape_bert",
    "ProtBert-BFD": "prot_bert_bfd",
    "ESM-2 8M": "esm2_t6_8m",
    "ESM-2 35M": "esm2_t12_35m",
    "ESM-2 150M": "esm2_t30_150m",
    "ESM-2 650M": "esm2_t33_650m",
    "ESM-2 3B": "esm2_t36_3b",
    "ESM-MSA-1b": "esm_msa1b",
}
"""Names in the registry of the models that have one."""
_QUANTITIES = {"P@L": "L", "P@L/2": "L/2", "P@L/5": "L/5"}
_COEVOLUTION = ("mfDCA", "PSICOV", "GREMLIN")
_METHODS = ("best head", "mean of 10 heads", "categorical Jacobian")

NEW, OLD = "CAMEO-PTA25 (29 new chains)", "Zhang's 200 proteins"
_VALUES: dict[str, dict[str, tuple[float | None, ...]]] = {
    NEW: {
        "ESM-2 650M": (39.6, 45.9, 36.9),
        "ESM-2 3B": (34.7, 46.3, 36.9),
        "ProtT5-XL": (35.4, 41.8, 35.9),
        "ESM-1b": (34.0, 34.8, 28.9),
        "AMPLIFY-350M": (25.5, 26.2, None),
    },
    OLD: {
        "ESM-2 8M": (24.9, 21.1, 23.4),
        "ESM-2 35M": (45.5, 48.3, 47.3),
        "ESM-2 150M": (62.6, 66.7, 65.5),
        "ESM-2 650M": (67.8, 76.2, 73.3),
        "ESM-2 3B": (72.2, 79.0, 74.2),
        "ESM-1b": (56.4, 66.1, 64.1),
        "AMPLIFY-350M": (51.0, 53.9, 49.0),
        "ProtT5-XL": (64.4, 72.7, 70.0),
        "ESM-C 300M": (72.1, None, 76.0),
        "ESM-C 600M": (74.7, None, 78.7),
    },
    "CASP14-FM": {"ESM-2 650M": (14.5, 16.6, 10.3)},
}
"""Percent of long-range pairs at L/2 by the three methods; of two models the fusion is not given.

AMPLIFY's and ProtT5's Jacobians are those of representations."""


def published_contacts(transcribed: pd.DataFrame) -> pd.DataFrame:
    """Put both publications' values of contacts into one table.

    Parameters
    ----------
    transcribed
        ESM's tables: model, test_set, range, quantity, percent, source. Values of other things
        than contacts are left out.
    """
    esm = transcribed[transcribed["quantity"].isin(_QUANTITIES)]
    rows = [
        {
            "label": row["model"],
            "test_set": row["test_set"],
            "method": "coevolution" if row["model"] in _COEVOLUTION else "regression",
            "separation": row["range"],
            "measure": _QUANTITIES[row["quantity"]],
            "percent": row["percent"],
            "source": row["source"],
        }
        for row in esm.to_dict("records")
    ]
    for test_set, models in _VALUES.items():
        for label, values in models.items():
            rows += [
                {
                    "label": label,
                    "test_set": test_set,
                    "method": method,
                    "separation": "long",
                    "measure": "L/2",
                    "percent": value,
                    "source": _FUSION,
                }
                for method, value in zip(_METHODS, values, strict=True)
                if value is not None
            ]
    frame = pd.DataFrame(rows)
    frame["model"] = frame["label"].map(_NAMES)
    return frame[list(PUBLISHED_CONTACTS.column_names)]
