"""Judge the window of labels and those before it: one bad week may be chance, several are not.

In: the reference's outcomes and those of a run of days. Out: a Judgement of each window.
"""

import datetime
from dataclasses import dataclass

from mooring.config.drift import Persistence
from mooring.config.outcomes import Outcomes
from mooring.outcomes.judgement import Judge, Judgement
from mooring.outcomes.tables import Tables

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Looks:
    """The judgement of each window."""

    windows: dict[datetime.date, Judgement]
    """By last day, oldest first: one per day, so neighbours share days."""
    n_worse: int
    n_looks: int
    """The windows that share no day with the newest or each other, and how many of them are worse."""
    confirmed: bool
    """Whether enough of those are worse."""

    @property
    def newest(self) -> Judgement:
        """The judgement of the newest window."""
        return self.windows[max(self.windows)]


def look(
    reference: Tables,
    outcomes: Tables,
    *,
    last: datetime.date,
    window_days: int,
    persistence: Persistence,
    settings: Outcomes,
    seed: int,
) -> Looks:
    """Return the judgement of the window that ends on `last`, and of those before it that are whole.

    Raises DataError if the bins of the two differ.
    """
    judge = Judge(reference, settings, seed)
    earliest = min(map(datetime.date.fromisoformat, outcomes.days), default=last)
    ends = [last - back * DAY for back in range((persistence.looks - 1) * window_days, 0, -1)]
    ends = [end for end in ends if end - (window_days - 1) * DAY >= earliest]
    windows = {
        end: judge.of(outcomes.between(str(end - (window_days - 1) * DAY), str(end)))
        for end in (*ends, last)
    }
    apart = [last - look * window_days * DAY for look in range(persistence.looks)]
    levels = [windows[end].level for end in apart if end in windows]
    n_worse = levels.count("watch")
    return Looks(windows, n_worse, len(levels), n_worse >= persistence.alarms)
