"""The text of a pull request: whole, escaped, and never too long for GitHub."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from mooring.diagnosis.report import DriftReport
from mooring.reports.drift.pull_request import LEFT_OUT, MOST_CHARACTERS, pull_request
from tests.support.golden import assert_golden
from tests.support.judged import HOSTILE, example, reports, spelled

GOLDEN = Path(__file__).with_name("pull_request.md")
STRUCTURE = {
    *("heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close"),
    *("ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
}
WORDS = {"text", "text_special", "entity", "strong_open", "strong_close", "em_open", "em_close"}
OURS = {"mooring drift verify"}


def rendered(text: str) -> list[tuple[str, str]]:
    """Return what a strict reading of GitHub's Markdown finds: the kind and the content of each piece."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found = []
    for block in parser.parse(text):
        assert block.type in STRUCTURE, (block.type, block.content)
        found += [(each.type, each.content) for each in block.children or ()]
    return found


def check(text: str) -> None:
    """Assert that nothing but our own words is marked up."""
    assert len(text) < MOST_CHARACTERS
    assert "\r" not in text and text.endswith("\n") and not text.endswith("\n\n")
    for kind, content in rendered(text):
        assert kind in WORDS or (kind, content) in {("code_inline", ours) for ours in OURS}, content


def test_the_example_is_told_as_it_was() -> None:
    assert_golden(GOLDEN, pull_request(example()))


def test_the_diagnosis_and_what_to_do_come_before_the_rest() -> None:
    lines = pull_request(example()).splitlines()
    assert lines[0] == "## Drift of flights, 2013-07-01 to 2013-07-07: retrain"
    assert lines[2].startswith("**Retrain: the data or the model has drifted, for long enough.**")
    assert lines[6] == "### What to do next"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_escaped(text: str) -> None:
    written = pull_request(spelled(text, example()))
    check(written)
    assert not re.search(r"(?<!\\)[<>]", written)
    assert not re.search(r"@\w|(?<!&)#\w|GH-\d|(?<!\\)://|www\.", written)


@given(reports)
def test_any_report_gives_markdown_of_tables_and_text(report: DriftReport) -> None:
    check(pull_request(report))


def test_a_large_report_is_cut_where_github_would_refuse_it() -> None:
    large = spelled("|" * 600, example())
    written = pull_request(large.model_copy(update={"quality": large.quality * 100}))
    check(written)
    assert written.endswith(f"\n\n{LEFT_OUT}\n")


@given(reports)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(report: DriftReport) -> None:
    width = 0
    lines = pull_request(report).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        cells = line.replace(r"\|", "").count("|") if line.startswith("|") else 0
        width = cells if before == "" else width
        assert cells in (0, width), line


def test_the_same_report_gives_the_same_text() -> None:
    assert pull_request(example()) == pull_request(example())
