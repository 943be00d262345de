"""Convert UTC instants to local calendar days.

In: naive UTC instants, as stored, and an IANA time zone. Out: days in that zone.
"""

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mooring.errors import DataError

YEARS = range(1971, 2200)
"""The years that a row's time may have. whylogs cannot store a time before 1970 in any zone."""
LAST_SECOND = np.timedelta64(3599, "s")
"""The last second of an hour, from its start."""
Instants = NDArray[np.datetime64]


def local_days(times: Instants, zone: str) -> Instants:
    """Return the days of `zone`, as datetime64[D], on which the UTC instants `times` fall.

    Raises DataError when one is missing.
    """
    missing = int(np.isnat(times).sum())
    if missing:
        raise DataError("rows without a time have no day", got=f"{missing} of {len(times)}")
    hours, hour_of_row = np.unique(times.astype("datetime64[h]"), return_inverse=True)
    offsets = _offsets(hours, zone)
    local = times + offsets[hour_of_row]
    # A few zones change their offset within a UTC hour: look up each instant of such hours.
    uneven = (offsets != _offsets(hours + LAST_SECOND, zone))[hour_of_row]
    if uneven.any():
        local[uneven] = times[uneven] + _offsets(times[uneven], zone)
    return local.astype("datetime64[D]")


def _offsets(instants: NDArray[Any], zone: str) -> NDArray[np.timedelta64]:
    """Return how far the zone's clocks are ahead of UTC at each instant, as timedelta64[s]."""
    utc, local = ZoneInfo("UTC"), ZoneInfo(zone)
    seconds = [
        at.replace(tzinfo=utc).astimezone(local).utcoffset().total_seconds()
        for at in instants.astype("datetime64[s]").tolist()
    ]
    return np.array(seconds, dtype="int64").astype("timedelta64[s]")
