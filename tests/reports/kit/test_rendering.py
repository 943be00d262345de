"""Templates: every text is one escaped line, whatever it holds."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from mooring.reports.kit.rendering import LONGEST, render


def rendered(directory: Path, template: str, **values: object) -> str:
    path = directory / "one.html.j2"
    path.write_text(template)
    return render(path, **values)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;"),
        ("a\r\n\x00\u202eb\u2028c", "a b c"),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…"),
        (Markup("<b>\n</b>"), "<b>\n</b>"),
        (3, "3"),
    ],
)
def test_a_value_is_one_escaped_line_unless_it_is_markup(
    tmp_path: Path, value: object, text: str
) -> None:
    assert rendered(tmp_path, "{{ value }}", value=value) == text


def test_a_page_has_the_shared_layout_parts_and_style(tmp_path: Path) -> None:
    head = "{% extends layout %}{% from parts import pairs %}"
    body = "{% block body %}{{ pairs('<A>', [('b', 'c')]) }}{% endblock %}"
    html = rendered(tmp_path, head + body)
    assert "default-src 'none'" in html and "prefers-color-scheme: dark" in html
    assert "<caption>&lt;A&gt;</caption>" in html
    assert '<tr><th scope="row">b</th><td>c</td></tr>' in html


def test_a_missing_template_value_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError, match="'lacking' is undefined"):
        rendered(tmp_path, "{{ lacking }}")
