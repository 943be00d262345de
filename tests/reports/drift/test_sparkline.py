"""Lines of text: one character a window, and nothing that overflows."""

import datetime

import pytest
from hypothesis import given

from mooring.diagnosis.report import Point
from mooring.reports.drift.sparkline import HEIGHTS, MOST_POINTS, UNKNOWN, sparkline
from tests.support.judged import lines

DAY = datetime.date(2013, 7, 1)


def line(values: list[float | None], limit: float | None) -> tuple[Point, ...]:
    days = [DAY + datetime.timedelta(days=n) for n in range(len(values))]
    return tuple(
        Point(last=d, value=v, limit=limit, low=None, high=None)
        for d, v in zip(days, values, strict=True)
    )


@pytest.mark.parametrize(
    ("values", "limit", "text"),
    [
        ([], None, ""),
        ([0.0, 7.0], None, "▁█"),
        ([0.0, None, 8.0], None, "▁·█"),
        ([1.0, 1.0], None, "▁▁"),
        ([0.0, 1.0], 8.0, "▁▂"),
        ([None], 1.0, "·"),
        ([-1.7e308, 1.7e308], None, "▁█"),
    ],
)
def test_heights_run_from_the_least_to_the_greatest_value_or_limit(
    values: list[float | None], limit: float | None, text: str
) -> None:
    assert sparkline(line(values, limit)) == text


def test_only_the_newest_windows_are_drawn_oldest_first() -> None:
    rising = line([float(n) for n in range(20)], None)
    assert sparkline(rising[::-1]) == sparkline(rising[20 - MOST_POINTS :])


@given(lines)
def test_any_line_is_one_character_a_window(any_line: tuple[Point, ...]) -> None:
    text = sparkline(any_line)
    assert len(text) == len(any_line)
    assert set(text) <= {*HEIGHTS, UNKNOWN}
