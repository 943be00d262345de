"""A stand-in for the reader of prediction logs, where there is none yet."""

import importlib.util
import sys
from types import ModuleType

if importlib.util.find_spec("mooring.records") is None:
    records, log = ModuleType("mooring.records"), ModuleType("mooring.records.log")
    log.read_predictions = None  # type: ignore[attr-defined]
    sys.modules |= {"mooring.records": records, "mooring.records.log": log}
