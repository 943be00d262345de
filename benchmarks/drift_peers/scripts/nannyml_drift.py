"""NannyML's univariate drift with its defaults: the columns that it alerts on, window by window."""

import json
import sys
import warnings

import nannyml  # type: ignore[import-not-found]
import pandas as pd

warnings.simplefilter("ignore")


def windows(case: dict[str, str]) -> list[list[str]]:
    """Return the columns with an alert in each window: weeks that begin on a Monday."""
    monday = pd.Timestamp("2001-01-01")
    days = int(case["window_days"])
    assert days == 7
    reference, current = (pd.read_parquet(case[side]) for side in ("reference", "current"))
    whole = reference["day"].max() // days * days
    reference = reference[reference["day"] < whole]
    columns = [name for name in reference.columns if name != "day"]
    for frame, start in ((reference, monday), (current, monday + pd.Timedelta(days=7 * 52))):
        frame.insert(0, "at", start + pd.to_timedelta(frame["day"], unit="D"))
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=columns, timestamp_column_name="at", chunk_period="W"
    )
    alerts = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
    found: list[list[str]] = [[] for _ in range(len(alerts))]
    for name in alerts.columns:
        if name[-1] == "alert":
            for window, alert in enumerate(alerts[name]):
                if alert and name[0] not in found[window]:
                    found[window].append(name[0])
    return found


print(json.dumps([windows(case) for case in json.load(sys.stdin)]))
