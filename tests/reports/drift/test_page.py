"""The page of a drift report: it loads and runs nothing, hides nothing, and breaks on no name."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given

from mooring.diagnosis.report import DriftReport, NotMade, Part
from mooring.reports.drift import facts
from mooring.reports.drift.page import MOST_BYTES, MOST_DRAWN, page
from tests.support.examples import examples
from tests.support.judged import HOSTILE, example, reports, small, spelled

ROOT = Path(__file__).parents[3]
HTML = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "div", "p"),
    *("h1", "h2", "h3", "h4", "ol", "li", "dl", "dt", "dd", "span", "a", "code"),
    *("details", "summary", "figure", "figcaption"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
SVG = {"svg", "title", "desc", "path", "defs", "g", "clipPath", "rect", "text", "tspan", "use"}
SPACE = "{http://www.w3.org/2000/svg}"


def checked(html: str) -> ElementTree.Element:
    """Return the page, which is XML too; assert what holds for every page."""
    assert len(html.encode()) <= MOST_BYTES < 1_000_000
    tree = ElementTree.fromstring(html)
    for element in tree.iter():
        known = SVG if element.tag.startswith(SPACE) else HTML
        assert element.tag.removeprefix(SPACE) in known
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name not in {"src", "srcset", "action"}
            assert name != "href" or value.startswith("#")
    assert set(re.findall(r"url\((.)", html)) <= {"#"}
    assert "@import" not in html
    _check_ids(tree, html)
    _check_outline(tree)
    return tree


def _check_ids(tree: ElementTree.Element, html: str) -> None:
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r"url\(#([^)]*)\)", html))
    for element in tree.iter():
        wanted |= set(element.get("aria-labelledby", "").split())
        wanted |= {element.get("href", "").removeprefix("#")} - {""}
    assert wanted <= set(ids)


def _check_outline(tree: ElementTree.Element) -> None:
    levels = [int(each.tag[1]) for each in tree.iter() if re.fullmatch(r"h[1-6]", each.tag)]
    assert levels[:2] == [1, 2] and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for table in tree.iter("table"):
        assert text_of(table.find("caption"))
    assert {cell.get("scope") for cell in tree.iter("th")} <= {"row", "col"}
    for picture in tree.iter(f"{SPACE}svg"):
        assert picture.get("role") == "img"
        assert text_of(picture.find(f"{SPACE}title")) and text_of(picture.find(f"{SPACE}desc"))


def text_of(element: ElementTree.Element | None) -> str:
    """Return an element's text in one line."""
    assert element is not None
    return " ".join(" ".join(element.itertext()).split())


def by_id(tree: ElementTree.Element, name: str) -> ElementTree.Element:
    """Return the element that is called so."""
    (found,) = (element for element in tree.iter() if element.get("id") == name)
    return found


def sections(tree: ElementTree.Element) -> list[str]:
    """Return the headings of the sections, in their order."""
    return [text_of(heading) for heading in tree.iter("h2")]


@pytest.fixture(scope="module")
def html() -> str:
    """The page of the example."""
    return page(example())


def test_the_diagnosis_comes_first_and_the_evidence_last(html: str) -> None:
    tree = checked(html)
    assert sections(tree) == [
        facts.DECISIONS["retrain"],
        *("What to do next", "Columns", "Score", "Quality of incoming data", "Model quality"),
        *("Window", "Evidence"),
    ]
    assert text_of(tree.find("head/title")) == "retrain: flights, 2013-07-01 to 2013-07-07"
    (diagnosis,) = (each for each in tree.iter("section") if each.get("class") == "verdict bad")
    assert text_of(diagnosis) == (
        "Retrain: the data or the model has drifted, for long enough. "
        "Drifted in at least 2 of the last 3 windows: temp. Worse in 2 of the last 3 windows. "
        "Columns ▲ alarm 1 alarm (temp), 1 watch (seats), 18 quiet "
        "Score ○ quiet Within the range of the reference's own windows. "
        "Quality ▲ alarm carrier: unseen categories, all rows: too few rows "
        "1 not checked (manufacturer: unseen categories): "
        "The reference has too many categories to know them all. "
        "Model quality ▲ alarm roc_auc is lower than the reference ever was by chance. "
        "5,899 rows in 7 days of America/New_York, 1 of them incomplete; model a1a1a1a1a1a1."
    )


@pytest.mark.parametrize("diagnosis", facts.DECISIONS)
def test_every_diagnosis_has_its_sentence(diagnosis: str) -> None:
    tree = checked(page(example(diagnosis=diagnosis, columns=(), score=None, outcomes=None)))
    assert text_of(by_id(tree, "diagnosis")) == facts.DECISIONS[diagnosis]


def test_columns_are_ranked_and_only_the_quiet_ones_are_folded(html: str) -> None:
    tree = checked(html)
    shown = [each for each in tree.iter("details") if each.get("class") == "column"]
    ranked = [column.name for column in example().columns]
    assert [text_of(each.find("summary")).split()[0] for each in shown] == ranked
    assert [name for name, each in zip(ranked, shown, strict=True) if "open" in each.attrib] == [
        "temp",
        "seats",
    ]


def test_every_column_is_drawn_by_bin_and_over_time_with_its_threshold(html: str) -> None:
    tree = checked(html)
    drawn = [text_of(picture) for picture in tree.iter(f"{SPACE}svg")]
    assert sum(text.startswith("Reference and current") for text in drawn) == 21
    assert sum(text.startswith("Excess over time") for text in drawn) == 21
    assert "4.2 against a threshold of 1.5. Beyond it in 14 of 14 windows" in drawn[1]
    assert [text.partition(" In the ")[0] for text in drawn[-3:-1]] == [
        "roc_auc over time",
        "brier over time",
    ]
    assert drawn[-1].startswith("Calibration 5,420 labelled rows in 10 bins of similar scores.")


def test_a_day_that_still_fills_is_marked(html: str) -> None:
    tree = checked(html)
    (table,) = (each for each in tree.iter("table") if text_of(each).startswith("Days of"))
    states = [text_of(row[-1]) for row in table.iter("tr")]
    assert states == ["state", *["complete"] * 6, "◐ incomplete"]


def test_unknown_figures_are_stated() -> None:
    tree = checked(page(example(columns=(), score=None, quality=(), outcomes=None, next_steps=())))
    text = text_of(tree.find("body"))
    for sentence in (
        "No column was judged.",
        "The score was not judged.",
        "84 checks found nothing.",
        "1 not checked (manufacturer: unseen categories): ",
        "No labels yet, so model quality is unknown.",
        "What to do next Nothing.",
    ):
        assert sentence in text
    assert not list(tree.iter(f"{SPACE}svg"))


def test_nothing_found_and_not_checked_share_no_sentence() -> None:
    few = NotMade(
        cause="too_few_rows", checks=("x: null", "x: inf"), reason="41 rows on 2013-07-07."
    )
    parts = example().parts
    quality = Part(level="cannot_tell", made=2, not_made=(few,))
    report = example(quality=(), parts=parts.model_copy(update={"quality": quality}))
    (told,) = (part for part in facts.parts(report) if part.id == "quality")
    assert told == (
        *("quality", "Quality", "cannot_tell", "2 checks found nothing"),
        "2 not checked (x: more missing values, x: infinite numbers): 41 rows on 2013-07-07.",
    )
    tree = checked(page(report))
    shown = [text_of(each) for each in tree.iter("dd")]
    assert "? cannot tell 2 checks found nothing" in shown
    assert told.not_checked in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_escaped(text: str) -> None:
    report = spelled(text, small())
    tree = checked(page(report))
    first = next(each for each in tree.iter("h3"))
    name = facts.named(report.columns[0].spoken)
    assert text_of(first) == " ".join(f"{name} ▲ alarm".split())


@examples(5)
@given(reports)
def test_any_report_gives_a_page(report: DriftReport) -> None:
    checked(page(report))


@pytest.mark.slow
def test_sixty_columns_are_drawn_below_one_megabyte() -> None:
    report = example(columns=(example().columns * 3)[:MOST_DRAWN])
    tree = checked(page(report))
    assert (
        len([each for each in tree.iter("details") if each.get("class") == "column"]) == MOST_DRAWN
    )


@pytest.mark.slow
def test_an_oversized_report_is_truncated_and_counted() -> None:
    large = spelled("<&" * 300, example())
    assert large.outcomes is not None
    update = {
        **{"columns": large.columns * 6, "quality": large.quality * 100},
        "next_steps": large.next_steps * 100,
        "outcomes": large.outcomes.model_copy(update={"figures": large.outcomes.figures * 60}),
        "settings": {f"{n}{'&' * 300}": "&" * 300 for n in range(200)},
        "evidence": large.evidence.model_copy(
            update={"files": {f"{n}{'&' * 300}": "f" * 64 for n in range(200)}}
        ),
    }
    report = large.model_copy(update=update)
    text = text_of(checked(page(report)))
    drawn = r"\d+ of 120 columns are drawn: those with the largest effects, and of segments only"
    assert re.search(drawn, text)
    assert "20 more are in report.json only." in text
    assert "100 more are in report.json only." in text


def test_another_process_with_other_settings_makes_the_same_page(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.support.judged import small; "
        "from mooring.reports.drift.page import page; sys.stdout.buffer.write(page(small()).encode())"
    )
    (tmp_path / "matplotlibrc").write_text("axes.labelsize: 30\nsvg.fonttype: path\n")
    other = {"PYTHONHASHSEED": "5", "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=os.environ | other,
        check=True,
        capture_output=True,
    )
    assert done.stdout.decode() == page(small())
