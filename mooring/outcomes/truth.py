"""What the label of a row is, when labels are repeated or contradict each other.

In: labels as they were written. Out: one label for each key that has one.
"""

import pandas as pd
import pyarrow as pa


def one_label_per_key(labels: pa.Table) -> tuple[pd.DataFrame, pd.Index]:
    """Return key and label of each key that has one, and the keys that have several.

    A missing label is no label yet, and equal ones are one. The order of rows changes nothing.
    """
    known = labels.select(["key", "label"]).to_pandas().dropna().drop_duplicates()
    contradictory = known.duplicated("key", keep=False)
    return known[~contradictory], pd.Index(known.loc[contradictory, "key"].unique())
