"""Drawings inside a page: shorter than matplotlib's, and the same to look at."""

from xml.etree import ElementTree

from mooring.reports.kit.drawing import INK, Axes, Chart, draw
from mooring.reports.kit.svg import embeddable

RAW = """<?xml version="1.0"?>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="360pt" viewBox="0 0 360 100">
 <g id="figure_1">
  <g id="text_1"/>
  <g id="patch_1">
   <path d="M 0 100 
L 360 100 
z
" style="fill: none"/>
  </g>
  <g id="legend_1" transform="rotate(-0 1 2)" opacity="0.5">
   <path d="M 26.698521 152.198941 
L 352.373567 -26.001021 
" clip-path="url(#p8)" style="fill: none; stroke: #010101; stroke-linecap: square"/>
   <use xlink:href="#m3" x="52.861864" y="1"/>
   <text style="font: 10px">1.23456 &lt;g id="a"&gt; #010101</text>
  </g>
 </g>
 <defs>
  <clipPath id="p8"/><path id="m3" d="M 0 0"/>
 </defs>
</svg>"""


def test_conversion_keeps_visible_elements_only() -> None:
    assert embeddable(RAW, "one", "A & B", "<both>", {INK: "var(--ink)"}) == (
        '<svg viewBox="0 0 360 100" role="img" aria-labelledby="one-title one-summary" '
        'xmlns="http://www.w3.org/2000/svg" stroke-linejoin="round" '
        "font-family=\"'DejaVu Sans', sans-serif\">"
        '<title id="one-title">A &amp; B</title><desc id="one-summary">&lt;both&gt;</desc>\n'
        '<g opacity="0.5"><path d="M 26.70 152.20L 352.37 -26.00" clip-path="url(#one-p8)" '
        'style="fill: none; stroke: var(--ink)"/><use href="#one-m3" x="52.86" y="1"/>'
        '<text style="font: 10px">1.23456 &lt;g id="a"&gt; #010101</text></g>'
        '<defs><clipPath id="one-p8"/><path id="one-m3" d="M 0 0"/></defs>\n</svg>'
    )


def drawn(name: str) -> Chart:
    def paint(axes: Axes) -> None:
        axes.plot([0, 1, 2], [0, 1, 0], color=INK, marker="o", label="")
        axes.set_xticks([0, 1], ["", "$x$ 1.23456"])

    return draw(name, "A line", "It rises and falls.", paint)


def test_two_drawings_of_the_same_share_no_id() -> None:
    first, second = (ElementTree.fromstring(drawn(name).svg) for name in ("a", "b"))
    ids = [element.get("id") for tree in (first, second) for element in tree.iter()]
    known = [each for each in ids if each]
    assert len(known) == len(set(known)) > 6
    assert "$x$ 1.23456" in list(first.itertext())
