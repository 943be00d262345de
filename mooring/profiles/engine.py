"""whylogs, imported once, safely and quietly: the only module of Mooring that imports it.

In: nothing. Out: the names of whylogs 1.6.4 that the rest of the package builds on.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

os.environ["WHYLOGS_NO_ANALYTICS"] = "1"
# whylogs 1.6.4, its last release, names one type as numpy 1 did.
np.unicode_ = np.str_  # type: ignore[attr-defined]


@contextmanager
def _absent(module: str) -> Iterator[None]:
    """Make `import module` fail inside the block, unless it has been imported already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


# whylogs needs scikit-learn only for embeddings, and works without it.
# Importing it would be more than half of the start-up time of everything that reads a profile.
with _absent("sklearn.cluster"):
    from whylogs.core.errors import DeserializationError
    from whylogs.core.metrics import MetricConfig
    from whylogs.core.metrics.column_metrics import (
        ColumnCountsMetric,
        TypeCountersMetric,
    )
    from whylogs.core.metrics.metric_components import (
        FractionalComponent,
        FrequentStringsComponent,
        HllComponent,
        IntegralComponent,
        KllComponent,
    )
    from whylogs.core.metrics.metrics import (
        CardinalityMetric,
        DistributionMetric,
        FrequentItemsMetric,
        Metric,
    )
    from whylogs.core.proto import (
        ChunkHeader,
        ChunkMessage,
        ChunkOffsets,
        DatasetProfileHeader,
        DatasetProperties,
        DatasetSegmentHeader,
    )
    from whylogs.core.view.column_profile_view import ColumnProfileView
    from whylogs.core.view.dataset_profile_view import DatasetProfileView as View
    from whylogs_sketching import (
        frequent_items_error_type,
        frequent_strings_sketch,
        hll_union,
        kll_doubles_sketch,
    )

__all__ = [
    "CONFIG",
    "CardinalityMetric",
    "ChunkHeader",
    "ChunkMessage",
    "ChunkOffsets",
    "ColumnCountsMetric",
    "ColumnProfileView",
    "DatasetProfileHeader",
    "DatasetProperties",
    "DatasetSegmentHeader",
    "DeserializationError",
    "DistributionMetric",
    "FractionalComponent",
    "FrequentItemsMetric",
    "FrequentStringsComponent",
    "HllComponent",
    "IntegralComponent",
    "KllComponent",
    "Metric",
    "MetricConfig",
    "TypeCountersMetric",
    "View",
    "frequent_items_error_type",
    "frequent_strings_sketch",
    "hll_union",
    "kll_doubles_sketch",
]

CONFIG = MetricConfig(track_unicode_ranges=False)
