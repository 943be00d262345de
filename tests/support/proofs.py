"""docs/proofs.md: what each long proof found, when, and on which commit. `make prove` writes it.

With `--record-proofs PAGE`, the row of every proof that ran (marker `prove`) is replaced as soon as it
ends, so a run that is cut short keeps what it did. A proof's figures are what it gave to
`record_property`. Laws of Hypothesis have one row a file.
"""

import datetime
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from mooring import files

HEAD = """# Proofs

What `make prove` found: the long forms of what `make test` and `make test-slow` hold in short. The command
writes this page itself, and `make prove ONLY=NAME` replaces the rows of what it ran.
"""
COLUMNS = ("case", "result", "ended (UTC)", "commit", "s", "figures")
LAWS = "hypothesis"
"""The marker that Hypothesis gives to its tests, and what stands for all of them on the page."""


@dataclass(frozen=True)
class Run:
    """One run of one case of a proof."""

    proof: str
    case: str
    result: str
    ended: str
    commit: str
    seconds: str
    figures: str

    @property
    def row(self) -> tuple[str, ...]:
        """Its cells on the page."""
        return (self.case, self.result, self.ended, self.commit, self.seconds, self.figures)


def render(runs: Iterable[Run]) -> str:
    """Return the page: a section for each proof, a row for each of its cases."""
    sections: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.proof, run.case)):
        sections.setdefault(run.proof, []).append(run)
    parts = [HEAD]
    for proof, cases in sections.items():
        rows = [COLUMNS, ("---",) * len(COLUMNS), *(run.row for run in cases)]
        table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        parts.append(f"## {title(proof)}\n\n`{proof}`\n\n{table}")
    return "\n".join(parts)


def title(proof: str) -> str:
    """Return a proof's name as a sentence."""
    words = proof.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return "Laws of Hypothesis" if proof == LAWS else words[0].upper() + words[1:]


def parse(page: str) -> dict[tuple[str, str], Run]:
    """Return what a page holds, by proof and case."""
    found, proof = {}, ""
    for line in page.splitlines():
        if line.startswith("`") and line.endswith("`"):
            proof = line.strip("`")
        cells = tuple(cell.strip() for cell in line.strip("|").split(" | "))
        if line.startswith("|") and cells != COLUMNS and not cells[0].startswith("---"):
            found[proof, cells[0]] = Run(proof, *cells)
    return found


class Recorder:
    """Follows a session and keeps the page."""

    def __init__(self, page: Path, root: Path) -> None:
        self._page, self._root = page, root
        self._commit = commit(root, page)
        self._reports: list[pytest.TestReport] = []
        self._laws: dict[str, list[tuple[bool, float]]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a phase of a test; after the last, replace its row."""
        if not {"prove", LAWS} & set(report.keywords):
            return
        self._reports.append(report)
        if report.when == "teardown":
            phases = [each for each in self._reports if each.nodeid == report.nodeid]
            self._reports = [each for each in self._reports if each.nodeid != report.nodeid]
            if not any(each.skipped for each in phases):
                self._write(self._run(phases))

    def _run(self, phases: list[pytest.TestReport]) -> Run:
        failed = next((each for each in phases if each.failed), None)
        proof, _, case = phases[0].nodeid.partition("[")
        run = Run(
            proof=proof,
            case=cell(case.removesuffix("]")) or "all",
            result="passed" if failed is None else f"**failed** at {self._place(failed)}",
            ended=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M"),
            commit=self._commit,
            seconds=f"{sum(each.duration for each in phases):.0f}",
            figures=figures(phases[-1].user_properties),
        )
        return run if "prove" in phases[0].keywords else self._law(run, phases)

    def _law(self, run: Run, phases: list[pytest.TestReport]) -> Run:
        """Return the run of all laws of a file so far."""
        path = run.proof.partition("::")[0]
        of_file = self._laws.setdefault(path, [])
        of_file.append((run.result == "passed", sum(each.duration for each in phases)))
        n_failed = sum(not passed for passed, _ in of_file)
        return replace(
            run,
            **{"proof": LAWS, "case": path},
            result=f"**{n_failed} failed**" if n_failed else "passed",
            seconds=f"{sum(seconds for _, seconds in of_file):.0f}",
            figures=f"laws: {len(of_file)}; examples of each: {settings().max_examples:,}",
        )

    def _place(self, report: pytest.TestReport) -> str:
        crash = getattr(report.longrepr, "reprcrash", None)
        if crash is None:
            return "its start"
        path = Path(crash.path)
        inside = path.is_relative_to(self._root)
        return f"{path.relative_to(self._root) if inside else path.name}:{crash.lineno}"

    def _write(self, run: Run) -> None:
        held = parse(self._page.read_text(encoding="utf-8")) if self._page.exists() else {}
        files.write_text(self._page, render((held | {(run.proof, run.case): run}).values()))


def figures(properties: Iterable[tuple[str, object]]) -> str:
    """Return what a proof found, in the order in which it said so."""
    return cell("; ".join(f"{name}: {number(value)}" for name, value in properties))


def number(value: object) -> str:
    """Return a figure: whole numbers in full, others to four digits."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def cell(text: str) -> str:
    """Return a text that cannot end the cell it stands in."""
    return " ".join(text.replace("|", "&#124;").split())


def commit(root: Path, page: Path) -> str:
    """Return the commit that is proved, and whether anything but the page differs from it."""

    def git(*arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=root, check=True, capture_output=True, text=True
        ).stdout.strip()

    changed = git("status", "--porcelain", "--", ".", f":(exclude){page}")
    return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare where to write."""
    parser.addoption("--record-proofs", metavar="PAGE", help="replace the rows of what ran")


def pytest_configure(config: pytest.Config) -> None:
    """Record, in the process that hears of all tests."""
    page = config.getoption("--record-proofs")
    if page and not hasattr(config, "workerinput"):
        recorder: Any = Recorder(config.rootpath / page, config.rootpath)
        config.pluginmanager.register(recorder, "proofs")
