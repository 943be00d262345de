"""A line over time as text of eight heights, for places without pictures."""

from collections.abc import Sequence

from mooring.diagnosis.report import Point

HEIGHTS = "▁▂▃▄▅▆▇█"
UNKNOWN = "·"
MOST_POINTS = 15
"""The most points: the newest."""


def sparkline(line: Sequence[Point]) -> str:
    """Return one character per window, oldest first; a window with too little data is a dot.

    Heights run from the least to the greatest of all values and limits: a line far below its limit stays
    low.
    """
    points = sorted(line, key=lambda point: point.last)[-MOST_POINTS:]
    drawn = [number for point in points for number in (point.value, point.limit)]
    present = [number for number in drawn if number is not None]
    low, high = min(present, default=0.0), max(present, default=0.0)
    return "".join(_height(point.value, low, high) for point in points)


def _height(value: float | None, low: float, high: float) -> str:
    if value is None:
        return UNKNOWN
    half = high / 2 - low / 2  # halves, since the difference of two large numbers may overflow
    share = (value / 2 - low / 2) / half if half > 0 else 0.0
    return HEIGHTS[min(int(share * len(HEIGHTS)), len(HEIGHTS) - 1)]
