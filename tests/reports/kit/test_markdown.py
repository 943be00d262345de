"""Untrusted text in Markdown: it is shown, and neither formats, links nor notifies."""

import pytest

from mooring.reports.kit.markdown import escaped, table


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("two\nlines\r\n# and", r"two lines \# and"),
        ("[a](http://b) ![c](d)", r"\[a\](http\://b) \!\[c\](d)"),
        ("*a* _b_ `c` ~d~ a_b", r"\*a\* \_b\_ \`c\` \~d\~ a_b"),
        ("\\", r"\\"),
        ("&lt; @ada $x$", r"\&lt; \@&#8203;ada \$x\$"),
        ("closes #12, GH-12 and o/r#3", r"closes \#&#8203;12, GH-&#8203;12 and o/r\#&#8203;3"),
        ("www.example.org", r"www\.example.org"),
        ("- a - b", r"\- a - b"),
        ("---", r"\---"),
        ("12. a", r"12\. a"),
        ("-1.5", "-1.5"),
        ("\x00a\u202eb", "a b"),
        ("x" * 700, "x" * 599 + "…"),
    ],
)
def test_untrusted_text_is_one_line_without_markup(text: str, line: str) -> None:
    assert escaped(text) == line


def test_a_text_is_truncated_before_it_is_escaped() -> None:
    assert escaped("||||", 3) == r"\|\|…"


def test_a_table_s_cells_stay_in_their_columns() -> None:
    assert table(("a", "b"), [("1|2", "x\ny")]) == "| a | b |\n| --- | --- |\n| 1\\|2 | x y |"
