"""Local days of UTC instants, row by row as zoneinfo has them."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from mooring.days import local_days
from mooring.errors import DataError


def by_zoneinfo(times, zone):
    return [
        at.replace(tzinfo=datetime.UTC).astimezone(ZoneInfo(zone)).date()
        for at in times.astype("datetime64[us]").tolist()
    ]


@pytest.mark.parametrize(
    ("zone", "start", "stop"),
    [
        ("UTC", "2013-01-01", "2014-01-01"),
        ("America/New_York", "2013-01-01", "2014-01-01"),
        ("Europe/Berlin", "2024-01-01", "2025-01-01"),
        ("Asia/Kathmandu", "1985-12-01", "1986-02-01"),
        ("Australia/Lord_Howe", "2024-03-01", "2024-11-01"),  # by half an hour
        ("Pacific/Apia", "2011-12-25", "2012-01-05"),  # without a 30 December
        ("America/New_York", "1883-11-10", "1883-11-25"),  # by 3 min 58 s, inside an hour
        ("Africa/Monrovia", "1972-01-01", "1972-01-12"),  # by 44 min 30 s, and before 1970's zones
        ("America/Caracas", "2016-04-20", "2016-05-10"),
        ("Asia/Tehran", "2013-09-15", "2013-09-30"),  # back over midnight, inside an hour of UTC
    ],
)
def test_days_are_those_of_zoneinfo_row_by_row(zone, start, stop):
    times = np.arange(start, stop, np.timedelta64(7, "m"), dtype="datetime64[us]")
    assert local_days(times, zone).tolist() == by_zoneinfo(times, zone)


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Africa/Monrovia"])
def test_days_are_right_to_the_microsecond_around_midnight_and_transitions(zone):
    around = ["2013-03-10T04:59:59.999999", "2013-03-10T05:00", "2013-03-11T03:59:59.999999"]
    around += ["2013-03-11T04:00", "2013-11-04T04:59:59.999999", "2013-11-04T05:00"]
    around += ["2013-04-06T14:59:59", "2013-04-07T13:29:59.999999", "1972-01-07T00:44:30"]
    around += ["1972-01-07T00:44:29.999999", "1969-12-31T23:59:59.999999", "1960-06-01T00:00"]
    times = np.array(around, dtype="datetime64[us]")
    assert local_days(times, zone).tolist() == by_zoneinfo(times, zone)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_unit_of_the_times_does_not_matter(unit):
    times = np.array(["2013-07-01T03:59:59", "2013-07-01T04:00:00"], dtype=f"datetime64[{unit}]")
    days = local_days(times, "America/New_York")
    assert days.dtype == np.dtype("datetime64[D]")
    assert days.astype(str).tolist() == ["2013-06-30", "2013-07-01"]


def test_random_order_and_no_rows():
    times = np.array(["2013-07-02T12:00", "2013-07-01T12:00"], dtype="datetime64[us]")
    assert local_days(times, "UTC").astype(str).tolist() == ["2013-07-02", "2013-07-01"]
    assert local_days(times[:0], "UTC").tolist() == []


def test_a_missing_time_is_refused():
    times = np.array(["2013-07-01T12:00", "NaT"], dtype="datetime64[us]")
    with pytest.raises(DataError) as caught:
        local_days(times, "UTC")
    assert str(caught.value) == "rows without a time have no day\n  got: 1 of 2"
