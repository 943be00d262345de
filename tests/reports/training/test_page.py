"""The page: self-contained, escaped, readable without eyes, the same bytes each time."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mooring.reports.training.charts import charts
from mooring.reports.training.findings import Findings
from mooring.reports.training.page import page
from tests.reports.training.conftest import Built, moved, read
from tests.support.small import DESCRIPTION, HOSTILE


class Outline(HTMLParser):
    """What a page holds: its tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def rendered(findings: Findings) -> str:
    return page(findings, charts(findings))


def test_a_page_is_built_without_loading_or_running_anything(built: Built) -> None:
    html = built.html
    outline = Outline(html)
    names = {name for name, _ in outline.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for name, attributes in outline.tags:
        for attribute, value in attributes.items():
            assert not attribute.startswith("on"), (name, attribute)
            if attribute in {"src", "href", "xlink:href", "action", "srcset"}:
                assert value and value.startswith("#"), (name, attribute, value)
    assert set(re.findall(r"url\((.)", html)) <= {"#"}
    assert "@import" not in html
    assert len(html.encode()) < 1_000_000


def test_the_verdict_comes_first(built: Built) -> None:
    text = Outline(built.html).text
    first = text.index("Merge: the challenger passes every rule.")
    assert first < text.index(built.findings.verdict["reasons"][0]) < text.index("Model and data")


@pytest.mark.parametrize(
    ("verdict", "state", "sentence"),
    [
        ("do_not_merge", "bad", "Do not merge: the challenger fails a rule."),
        ("cannot_tell", "unsure", "Cannot tell: there is too little evidence."),
    ],
)
def test_other_verdicts_are_as_plain(
    first_release: Path,
    monkeypatch: pytest.MonkeyPatch,
    verdict: str,
    state: str,
    sentence: str,
) -> None:
    monkeypatch.chdir(first_release)
    findings = read()
    html = rendered(replace(findings, verdict=findings.verdict | {"verdict": verdict}))
    assert f'<h2 id="verdict">{sentence}</h2>' in html
    assert f'class="verdict {state}"' in html
    assert "git commit" not in html


def test_text_from_data_and_conf_is_escaped(built: Built) -> None:
    html = built.html
    assert "<script" not in html and "<img" not in html and "<u>" not in html
    text = Outline(html).text
    assert " ".join(DESCRIPTION.split()) in text
    for value in HOSTILE:
        assert f"city={value}" in text


def test_every_chart_has_a_text_alternative(built: Built) -> None:
    drawn = built.drawn
    outline = Outline(built.html)
    pictures = outline.attributes("svg")
    assert len(pictures) == len(outline.attributes("figure")) == len(drawn)
    for chart, picture in zip(drawn, pictures, strict=True):
        assert picture["role"] == "img"
        assert picture["aria-labelledby"] == f"{chart.name}-title {chart.name}-summary"
        assert len(chart.summary) > 20
        assert outline.text.count(chart.summary) == 2  # below the title, and in the picture


def test_ids_are_unique_and_what_is_referred_to_exists(built: Built) -> None:
    html = built.html
    outline = Outline(html)
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r"url\(#([^)]*)\)", html))
    for _, attributes in outline.tags:
        wanted |= set((attributes.get("aria-labelledby") or "").split())
        for name in ("href", "xlink:href"):
            wanted |= {(attributes.get(name) or "").removeprefix("#")} - {""}
    assert wanted <= set(ids)


def test_tables_have_captions_and_scopes_and_headings_do_not_skip(built: Built) -> None:
    outline = Outline(built.html)
    assert len(outline.attributes("caption")) == len(outline.attributes("table")) > 5
    assert {cell.get("scope") for cell in outline.attributes("th")} == {"row", "col"}
    levels = [int(name[1]) for name, _ in outline.tags if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_both_colour_schemes_contrast_enough(first_release: Path, monkeypatch: Any) -> None:
    """At least 4.5 to 1 for text, as WCAG 2.2 asks (1.4.3), and 3 to 1 for what is drawn (1.4.11)."""
    monkeypatch.chdir(first_release)
    light, dark = re.findall(r":root \{(.*?)\}", rendered(read()), re.DOTALL)
    for scheme in (light, dark):
        colours = dict(re.findall(r"--(\w+): (#\w+)", scheme))
        for ground in ("paper", "panel"):
            for name in ("text", "soft", "link", "ink", "good", "bad", "unsure"):
                assert _contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
            for name in ("main", "second", "third"):
                assert _contrast(colours[name], colours[ground]) >= 3, (name, ground)


def _contrast(first: str, second: str) -> float:
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    shares = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_missing_champion_is_reported(
    first_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(first_release)
    html = rendered(read())
    assert "<p>There is no champion yet: production&#39;s release pins no model.</p>" in html
    assert 'id="chart-champion"' not in html


def test_a_champion_that_cannot_be_compared_is_reported(
    challenged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(challenged)
    findings = read()
    nothing = {"overall": None, "slices": {}, "problem": "it predicts <b>."}
    html = rendered(replace(findings, comparison=findings.comparison | nothing))
    assert "<p>The comparison with the champion is not possible: it predicts &lt;b&gt;.</p>" in html
    assert 'id="chart-champion"' not in html


def test_the_champion_is_named_and_compared(
    challenged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(challenged)
    text = Outline(rendered(read())).text
    assert "against the champion's" in text and "in 15 days, a lead of +0" in text
    assert "1" * 64 in text and "2" * 40 in text


def test_windows_without_time_are_described(
    regression: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(regression)
    text = Outline(rendered(read())).text
    assert "random: a hash with seed 7 tests 0.4 of the values of id" in text


def test_a_thousand_slices_still_make_a_small_page(
    first_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(first_release, tmp_path, monkeypatch)
    findings = read()
    many = [
        findings.slices[0] | {"value": f"value {n:04d}", "roc_auc": 0.5 + n / 4000}
        for n in range(1000)
    ]
    html = rendered(replace(findings, slices=many))
    assert len(html.encode()) < 1_000_000
    assert "150 of 1000 slices, the worst in roc_auc first" in html
    assert "city=value 0149" in html and "city=value 0150" not in html
