"""A project to change."""

import pytest

from tests.support.graph import copy_project
from tests.support.project import Project


@pytest.fixture
def project(reproduced, tmp_path) -> Project:
    """A copy of it to change."""
    return copy_project(reproduced, tmp_path)
