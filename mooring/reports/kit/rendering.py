"""Render the HTML templates: one layout and one way of escaping for all pages.

In: a template and its values. Out: HTML without external resources or scripts. Every text in a template
becomes one printable, escaped line; only Markup is inserted unchanged.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mooring.reports.kit.wording import line

LAYOUT, PARTS, STYLE = "layout.html.j2", "parts.html.j2", "style.css"
LONGEST = 2000
"""The most characters of one text; longer texts are truncated."""


def render(template: Path, **values: object) -> str:
    """Return the page; the same values give the same bytes. Templates know `layout`, `parts`, `style`."""
    environment = Environment(
        loader=FileSystemLoader([template.parent, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.globals |= {"layout": LAYOUT, "parts": PARTS, "style": STYLE}
    return environment.get_template(template.name).render(**values)


def _shown(value: object) -> object:
    return value if isinstance(value, Markup) else line(str(value), LONGEST)
