"""docs/proofs.md: `make prove` replaces what ran, records a failure as one, and leaves no stale row."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import IDENTITY, ROOT
from tests.support.proofs import HEAD, LAWS, parse, render

PAGE = "docs/proofs.md"
PROOFS = """
import pytest
from hypothesis import given, strategies as st

@pytest.mark.prove
@pytest.mark.parametrize("size", [1, 2])
def test_bytes_are_kept(size, record_property):
    record_property("files", 10_000 * size)
    record_property("share", 0.123456)
    assert size == 1

@pytest.mark.prove
def test_a_tool_is_there():
    pytest.skip("no tool")

@given(st.integers())
def test_a_law(number): pass

@given(st.integers())
def test_another_law(number): assert number < 1

def test_a_short_form(): pass
"""


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two proofs and two laws, which were run once."""
    tmp_path = tmp_path_factory.mktemp("proved")
    (tmp_path / "test_all.py").write_text(PROOFS)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\naddopts='-p no:cacheprovider'\nmarkers=['prove']"
    )
    (tmp_path / ".gitignore").write_text("__pycache__\n.hypothesis\n")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "start"]):
        subprocess.run(["git", *command], cwd=tmp_path, env=environment(), check=True)
    assert prove(tmp_path) == 1
    return tmp_path


def environment() -> dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT)} | IDENTITY


def prove(directory: Path, *options: str) -> int:
    """Run the proofs; return the exit status."""
    pytest_ = (sys.executable, "-m", "pytest", "-q", "-p", "tests.support.proofs")
    command = [*pytest_, "-m", "prove or hypothesis", "--record-proofs", PAGE, *options]
    return subprocess.run(command, cwd=directory, env=environment(), capture_output=True).returncode


def written(directory: Path) -> str:
    """Return the page, with what differs from run to run left out."""
    text = (directory / PAGE).read_text()
    return re.sub(
        r"\d{4}-\d\d-\d\d \d\d:\d\d \| [0-9a-f]{12}( with changes)? \| \d+ ", r"…\1 ", text
    )


def test_each_proof_that_ran_is_on_the_page_and_one_that_did_not_is_not(proved: Path) -> None:
    assert written(proved) == HEAD + (
        "\n## Laws of Hypothesis\n\n`hypothesis`\n\n"
        "| case | result | ended (UTC) | commit | s | figures |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| test_all.py | **1 failed** | … | laws: 2; examples of each: 100 |\n"
        "\n## Bytes are kept\n\n`test_all.py::test_bytes_are_kept`\n\n"
        "| case | result | ended (UTC) | commit | s | figures |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| 1 | passed | … | files: 10,000; share: 0.1235 |\n"
        "| 2 | **failed** at test_all.py:10 | … | files: 20,000; share: 0.1235 |\n"
    )


def test_a_proof_that_is_run_again_replaces_its_own_row_only(proved: Path) -> None:
    before = written(proved).splitlines()
    repaired = (proved / "test_all.py").read_text().replace("assert size == 1", "assert size")
    (proved / "test_all.py").write_text(repaired)
    assert prove(proved, "-k", "bytes and 2") == 0
    after = written(proved).splitlines()
    assert after[:-1] == before[:-1]
    assert after[-1] == "| 2 | passed | … with changes | files: 20,000; share: 0.1235 |"


def test_every_row_of_the_committed_page_is_of_a_proof_that_is_there() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    runs = parse(text)
    assert render(runs.values()) == text
    for proof, case in runs:
        path, _, name = (case if proof == LAWS else proof).partition("::")
        source = (ROOT / path).read_text(encoding="utf-8")
        before, definition, _ = source.partition(f"\ndef {name}(")
        decorators = before.rpartition("\n\n")[2] if definition else ""
        assert proof == LAWS or "pytest.mark.prove" in decorators, (proof, case)
