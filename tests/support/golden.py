"""Whole files that tests compare with, rewritten only on request."""

import os
from pathlib import Path

import pytest

SWITCH = "MOORING_REWRITE"


def assert_golden(path: Path, text: str) -> None:
    """Compare with a committed file; with MOORING_REWRITE=1, but never in CI, write it instead."""
    if os.environ.get(SWITCH):
        if os.environ.get("CI"):
            pytest.fail(f"{SWITCH} is set in CI, where nothing would be compared")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert found == text, f"{path.name} differs; if it should, run the test with {SWITCH}=1"
