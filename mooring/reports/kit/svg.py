"""Convert matplotlib's SVG to inline SVG that looks the same at a third of the size.

In: SVG as matplotlib writes it, with text as text. Out: an element with unique ids, a text alternative
and the page's colours.
"""

import html
import re
from collections.abc import Mapping

_TAG = re.compile(r"<[^>]*>")
"""Text holds no angle brackets, since matplotlib escapes them."""
_INVISIBLE = re.compile(r'<path d="[^"]*" style="fill: none"/>')
_GROUP = re.compile(r'<g id="[^"]*"')
"""Only paths and clips are referenced by id."""
_REFERENCE = re.compile(r'(\bid="|url\(#|href="#)')
_SPARE = re.compile(
    r"""font-family: 'DejaVu Sans', sans-serif; |; stroke-linecap: square|xlink:(?=href)|"""
    r""" transform="rotate\(-0 [^)]*\)"| (?=\n)|\n(?=[A-Zz"])"""
)
_DECIMALS = re.compile(r"(?<=[ \"(])-?\d+\.\d{3,}")
_FONT = "font-family=\"'DejaVu Sans', sans-serif\""


def embeddable(svg: str, name: str, title: str, summary: str, properties: Mapping[str, str]) -> str:
    """Return the SVG; `properties` maps each placeholder colour to its custom property."""
    view_box = re.search(r'viewBox="[^"]*"', svg)
    assert view_box is not None
    body = svg[svg.index("<g ") : svg.rindex("</svg>")]
    body = re.sub(r">\s+<", "><", _INVISIBLE.sub("", body))
    body = _TAG.sub(lambda tag: _own(tag.group(), name, properties), body)
    words = (
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-summary">{html.escape(summary)}</desc>'
    )
    shown = _without_bare_groups(body).strip()
    return (
        f'<svg {view_box.group()} role="img" aria-labelledby="{name}-title {name}-summary" '
        f'xmlns="http://www.w3.org/2000/svg" stroke-linejoin="round" {_FONT}>{words}\n{shown}\n</svg>'
    )


def _own(tag: str, name: str, properties: Mapping[str, str]) -> str:
    tag = _GROUP.sub("<g", tag)
    tag = _REFERENCE.sub(rf"\g<1>{name}-", tag)
    tag = _SPARE.sub("", tag)
    tag = _DECIMALS.sub(lambda decimals: f"{float(decimals.group()):.2f}", tag)
    for stand_in, custom_property in properties.items():
        tag = tag.replace(stand_in, custom_property)
    return tag


def _without_bare_groups(body: str) -> str:
    kept: list[bool] = []

    def seen(tag: re.Match[str]) -> str:
        text = tag.group()
        if text == "<g/>":
            return ""
        if text.startswith("<g"):
            kept.append(text != "<g>")
            return text if kept[-1] else ""
        if text == "</g>":
            return text if kept.pop() else ""
        return text

    return _TAG.sub(seen, body)
