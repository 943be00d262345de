"""Which model and which days are asked about."""

import datetime
from pathlib import Path

import pytest

from mooring.errors import DataError
from mooring.evidence.question import (
    model_named,
    newest_day,
    newest_window,
    served_days,
    window_named,
)
from mooring.records.store import Store


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


SERVED = [day(f"2024-06-{number:02d}") for number in range(1, 23)]


def test_the_newest_window_ends_on_the_day_before_the_newest() -> None:
    assert newest_window(SERVED, 7) == (day("2024-06-15"), day("2024-06-21"))


def test_a_pause_within_the_window_is_judged() -> None:
    later = [*SERVED, day("2024-06-29")]
    assert newest_window(later, 7) == (day("2024-06-22"), day("2024-06-28"))


@pytest.mark.parametrize("lone", [["2024-06-30"], ["2026-01-01", "2199-12-31"]])
def test_days_that_stand_alone_after_a_long_pause_hide_nothing(lone: list[str]) -> None:
    days = [*SERVED, *map(day, lone)]
    assert newest_day(days, 7) == SERVED[-1]
    assert newest_window(days, 7) == (day("2024-06-15"), day("2024-06-21"))


def test_the_newest_day_counts_where_every_day_stands_alone() -> None:
    assert newest_day([day("2024-06-01"), day("2024-07-01")], 7) == day("2024-07-01")


def test_a_model_is_named_by_its_first_digits(tmp_path: Path) -> None:
    for model in ("ab12", "ab34", "c0ffee"):
        (tmp_path / "profiles" / model / "2024-06-01").mkdir(parents=True)
    with Store(str(tmp_path)) as store:
        assert model_named(store, "c0") == "c0ffee"
        assert served_days(store, "ab12") == [day("2024-06-01")]
        with pytest.raises(DataError) as caught:
            model_named(store, "ab")
    assert str(caught.value) == (
        f"{tmp_path}: 2 models begin with ab\n"
        "  got: profiles of ab12, ab34, c0ffee\n"
        "  fix: serve it with 'mooring serve' and send it rows, or name another --store or --model"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "2024-06-20..2024-06-23",
            "--window 2024-06-20..2024-06-23 ends after the newest day that was served\n"
            "  expected: a window in 2024-06-01..2024-06-22\n"
            "  got: 3 of its days have profiles\n"
            "  fix: name another --window, --store or --model",
        ),
        (
            "2024-07-20..2024-07-23",
            "--window 2024-07-20..2024-07-23 holds no day that was served\n"
            "  expected: a window in 2024-06-01..2024-06-22\n"
            "  got: 0 of its days have profiles\n"
            "  fix: name another --window, --store or --model",
        ),
        *(
            (
                text,
                f"--window {text}\n"
                "  expected: two days, such as 2013-07-01..2013-07-07, in the years 1971 to 2199",
            )
            for text in ("2024-06-01", "2024-06-09..2024-06-01", "0001-01-01..2024-06-09", "..")
        ),
    ],
)
def test_a_window_that_cannot_be_judged_is_refused(text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        window_named(text, SERVED)
    assert str(caught.value) == message


def test_a_window_may_begin_before_what_was_served_and_hold_a_pause() -> None:
    served = [*SERVED, day("2024-07-31")]
    for text in ("2024-05-30..2024-06-05", "2024-06-22..2024-07-31"):
        first, last = text.split("..")
        assert window_named(text, served) == (day(first), day(last))
