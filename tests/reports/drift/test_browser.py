"""The page in Chromium without a network: on a phone and a desk, by day and by night, and read aloud."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mooring.reports.drift.page import page
from tests.support.browser import Browser
from tests.support.judged import HOSTILE, example, small, spelled

SIZES = [(width, dark) for width in (390, 1200) for dark in (False, True)]
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
TOO_WIDE = "document.scrollingElement.scrollWidth - innerWidth"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
TEXTS = """
[...document.querySelectorAll('svg')].map(svg => [svg, ...svg.querySelectorAll('text')].map(each => {
  const { left, right, top, bottom } = each.getBoundingClientRect();
  return { text: each.textContent, left, right, top, bottom };
}))
"""
"""Where each picture is, and then each of its texts."""
NAMED = {"image", "heading", "table", "region", "link", "DisclosureTriangle"}
PIXEL, LEADING = 1.0, 4.0
"""A text's box has as many pixels above and below its letters."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the example."""
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page(example()), encoding="utf-8")
    return path


def overlaps(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Return whether the letters of two texts share more than a pixel in both directions."""
    across = min(first["right"], second["right"]) - max(first["left"], second["left"])
    down = min(first["bottom"], second["bottom"]) - max(first["top"], second["top"])
    return across > PIXEL and down > LEADING


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_the_page_fits_the_screen_and_makes_no_request(
    browser: Browser, file: Path, width: int, dark: bool
) -> None:
    browser.open(file, width=width, dark=dark)
    assert browser.run(BACKGROUND) == ("rgb(18, 22, 28)" if dark else "rgb(255, 255, 255)")
    assert browser.run(TOO_WIDE) <= 0
    browser.run(UNFOLD)
    assert browser.run("innerWidth") == width
    assert browser.run(TOO_WIDE) <= 0
    assert browser.requests() == [file.as_uri()]
    assert browser.complaints() == []


@pytest.mark.parametrize("width", [390, 1200])
def test_chart_labels_do_not_overlap_or_overflow(browser: Browser, file: Path, width: int) -> None:
    browser.open(file, width=width, dark=False)
    browser.run(UNFOLD)
    pictures = browser.run(TEXTS)
    assert len(pictures) == 45
    for picture, *texts in pictures:
        assert len(texts) > 5
        for text in texts:
            assert text["left"] >= picture["left"] - PIXEL, text
            assert text["right"] <= picture["right"] + PIXEL, text
            assert text["bottom"] <= picture["bottom"] + PIXEL, text
        for first, second in itertools.combinations(texts, 2):
            assert not overlaps(first, second), (first, second)


def test_every_element_has_an_accessible_name(browser: Browser, file: Path) -> None:
    browser.open(file, width=390, dark=False)
    browser.run(UNFOLD)
    nodes = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in browser.call("Accessibility.getFullAXTree")["nodes"]
        if not node["ignored"]
    ]
    found = {role: [name for each, name in nodes if each == role] for role in NAMED}
    assert [(role, name) for role in NAMED for name in found[role] if not name.strip()] == []
    assert len(found["image"]) == 45
    assert len(found["table"]) == 29
    assert found["heading"][:3] == [
        "Mooring drift: flights, 2013-07-01 to 2013-07-07",
        "Retrain: the data or the model has drifted, for long enough.",
        "What to do next",
    ]
    assert "temp ▲ alarm" in found["heading"]


def test_the_diagnosis_is_seen_without_scrolling_on_a_phone(browser: Browser, file: Path) -> None:
    browser.open(file, width=390, dark=False, height=844)
    bottom = browser.run("document.querySelector('.verdict').getBoundingClientRect().bottom")
    assert bottom <= 844


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[1], HOSTILE[5], HOSTILE[8]])
def test_hostile_text_runs_no_script_and_widens_nothing(
    browser: Browser, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "index.html"
    path.write_text(page(spelled(text, small())), encoding="utf-8")
    browser.open(path, width=390, dark=False)
    browser.run(UNFOLD)
    assert browser.run(TOO_WIDE) <= 0
    assert browser.requests() == [path.as_uri()]
    assert browser.complaints() == []
    assert browser.events("Page.javascriptDialogOpening") == []
