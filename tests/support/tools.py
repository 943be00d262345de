"""Programs that tests run and that pip does not install."""

import shutil

import pytest

PACKAGE_OF = {"promtool": "prometheus", "prometheus-pushgateway": "prometheus-pushgateway"}
"""The Debian package of each."""


def tool(name: str) -> str:
    """Return the path of a program; fail the test, with what installs it, where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing. Fix: apt-get install {PACKAGE_OF[name]}")
    return found
