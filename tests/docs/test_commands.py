"""Every command in the README and the guides runs, and prints what the page says.

In a `console` block a line that starts with `$ ` is a command; the lines below it are in its output,
where `…` stands for any text.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mooring.cli import COMMANDS
from tests.support.graph import copy_project
from tests.support.project import ROOT, Project

GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *GUIDES]
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN_BY_CI = {"make tools", "make test", "make test-slow", "make prove", "make check", "make bench"}


def steps(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a page with the lines that it must print."""
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *printed = step.splitlines()
            yield command.partition("  #")[0].strip(), [line for line in printed if line.strip()]


def matches(expected: str, output: str) -> bool:
    """Return whether a line of the page is in the output; spaces may differ in number."""
    parts = [re.escape(part).replace(r"\ ", r"\s+") for part in expected.strip().split("…")]
    return re.search(".*".join(parts), output) is not None


def test_every_subcommand_is_documented() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in COMMANDS if f"mooring {name}" not in text] == []


def test_every_make_target_is_documented() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    text = "".join(p.read_text(encoding="utf-8") for p in [*PAGES, ROOT / "CONTRIBUTING.md"])
    assert [target for target in targets.split() if f"make {target}" not in text] == []


def test_the_readme_opens_with_the_two_commands() -> None:
    commands = [command for command, _ in steps(ROOT / "README.md")]
    assert commands[:2] == ["make repro", "make test"]


def test_the_readme_is_read_in_five_minutes_and_names_every_guide() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) <= 1000
    assert [page.name for page in GUIDES if f"docs/guides/{page.name}" not in text] == []


@pytest.mark.parametrize(
    "page", [*PAGES, *(ROOT / "docs/runbooks").glob("*.md")], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.slow
def test_the_commands_of_each_page_print_what_it_says(flights: Project, tmp_path: Path) -> None:
    project = checkout(flights, tmp_path / "mooring")
    for page in PAGES:  # in one checkout: the README's graph is what the guides start from
        for command, expected in steps(page):
            if command in RUN_BY_CI:
                continue
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=project.path,
                env=project.environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            missing = [line for line in expected if not matches(line, done.stdout)]
            assert not missing, f"{page.name}: $ {command}\nexited {done.returncode}\n{done.stdout}"


def checkout(flights: Project, directory: Path) -> Project:
    """Return a copy as `make repro` leaves a fresh clone: the graph has run, nothing is committed."""
    project = copy_project(flights, directory)
    project.run("git", "reset", "--quiet", "HEAD~1")
    os.symlink(ROOT / ".venv", project.path / ".venv")
    return project
