"""Split the rows into a train and a test window.

In: rows.parquet and conf/window. Out: train.parquet and test.parquet with the same columns, in the
same order of time and key, without unlabelled rows; unlabelled.parquet with those of the train window; and
split.json with the counts of each side.
"""

import datetime
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from mooring.config.data import Data
from mooring.config.runtime import Runtime
from mooring.config.window import GroupedWindow, RandomWindow, TimeWindow, Window
from mooring.data.engines.duckdb import (
    PARQUET,
    connect,
    explain_limits,
    identifier,
    literal,
    row_order,
    scratch_beside,
)
from mooring.errors import SplitError
from mooring.files import replacing, write_json

UTC = ZoneInfo("UTC")
Bounds = tuple[datetime.datetime, datetime.datetime]


@dataclass(frozen=True)
class SplitFiles:
    """The files that a split writes."""

    train: Path
    test: Path
    unlabelled: Path
    """The train window's rows without a label: a reference profiles them too, as serving will."""
    facts: Path


def split(
    data: Data, window: Window, runtime: Runtime, rows: Path, files: SplitFiles
) -> dict[str, Any]:
    """Write the two windows, what has no label and their facts, and return the facts.

    Raises SplitError, before anything is written, when the window lies outside the data, a side is
    empty or has one class only, or the window needs a column that the data lacks.
    """
    form = window.root
    with scratch_beside(rows) as scratch, connect(runtime, scratch) as engine, ExitStack() as stack:
        stack.enter_context(explain_limits(files.train))
        engine.execute(f"create view source as select * from read_parquet({literal(rows)})")
        if isinstance(form, TimeWindow):
            side, facts = _time_side(engine, data, form)
        else:
            side, facts = _hash_side(data, form, runtime.seed)
        engine.execute(f'create view parted as select *, {side} as "(side)" from source')
        facts |= _counts(engine, data)
        _refuse_unfit(data, facts)
        for window_name, labelled, file in (
            ("train", True, files.train),
            ("test", True, files.test),
            ("train", False, files.unlabelled),
        ):
            _write(engine, data, window_name, labelled, stack.enter_context(replacing(file)))
    write_json(files.facts, facts)
    return facts


def _time_side(
    engine: duckdb.DuckDBPyConnection, data: Data, window: TimeWindow
) -> tuple[str, dict[str, Any]]:
    """Return the SQL of a row's side, and the bounds. Days start at midnight of data.time.zone."""
    if data.time is None:
        raise _refused(
            "kind: time requires data.time, which conf/data does not declare",
            expected="kind: random or grouped, or a data.time",
        )
    zone = ZoneInfo(data.time.zone)
    bounds = {
        "train": (_midnight(window.train_start, zone), _midnight(window.train_end, zone)),
        "embargo": (_midnight(window.train_end, zone), _midnight(window.test_start, zone)),
        "test": (_midnight(window.test_start, zone), _midnight(window.test_end, zone)),
    }
    _refuse_outside(engine, data.time.column, window, zone)
    column = identifier(data.time.column)
    cases = " ".join(
        f"when {column} >= {_instant(first)} and {column} < {_instant(end)} then '{name}'"
        for name, (first, end) in bounds.items()
    )
    described = {name: _described(pair) for name, pair in bounds.items()}
    return f"case {cases} else 'outside' end", {
        "kind": window.kind,
        "zone": data.time.zone,
        "bounds": described,
    }


def _midnight(day: datetime.date, zone: ZoneInfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), tzinfo=zone)


def _instant(moment: datetime.datetime) -> str:
    return f"timestamp '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"


def _described(bounds: Bounds) -> dict[str, dict[str, str]]:
    first, end = bounds
    return {
        "utc": {
            "start": f"{first.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        },
        "local": {"start": first.isoformat(), "end": end.isoformat()},
    }


def _refuse_outside(
    engine: duckdb.DuckDBPyConnection, column: str, window: TimeWindow, zone: ZoneInfo
) -> None:
    name = identifier(column)
    extremes = engine.execute(f"select min({name}), max({name}) from source").fetchone()
    if extremes is None or extremes[0] is None:
        raise _refused("the rows have no time", expected=f"{column} in data/rows.parquet")
    first, last = (each.replace(tzinfo=UTC).astimezone(zone).date() for each in extremes)
    if window.train_start < first or window.test_end - datetime.timedelta(days=1) > last:
        raise _refused(
            "the window lies outside the data",
            expected=f"days from {first} to {last} ({zone.key})",
            got=f"train from {window.train_start}, test until "
            f"{window.test_end - datetime.timedelta(days=1)}",
        )


def _hash_side(
    data: Data, window: RandomWindow | GroupedWindow, seed: int
) -> tuple[str, dict[str, Any]]:
    """Return the SQL of a row's side: test where md5(seed, value) is below test_frac of its range.

    So a row, or a group, keeps its side when other rows are added or removed.
    """
    column = data.key if isinstance(window, RandomWindow) else window.column
    if column != data.key and column not in data.columns:
        raise _refused(
            f"column = {column} is neither the key nor an input",
            expected=", ".join([data.key, *data.columns]),
        )
    value = identifier(column)
    text = f"'{seed}:' || coalesce('=' || {value}::varchar, 'missing')"
    threshold = f"{int(window.test_frac * 2**128):032x}"
    side = f"case when md5({text}) < '{threshold}' then 'test' else 'train' end"
    return side, {
        "kind": window.kind,
        "column": column,
        "seed": seed,
        "test_frac": window.test_frac,
    }


def _counts(engine: duckdb.DuckDBPyConnection, data: Data) -> dict[str, Any]:
    """Count rows, labels and positives of each side, and the dropped rows."""
    target = identifier(data.target.column)
    counts_by_side = engine.execute(
        f"""select "(side)", count({target}), count(*) - count({target}),
        count(*) filter (where {target} = 1), count(distinct {target}) from parted group by all"""
    ).fetchall()
    sides = {name: counts for name, *counts in counts_by_side}
    facts: dict[str, Any] = {}
    for name in ("train", "test"):
        rows, unlabelled, positives, distinct = sides.get(name, (0, 0, 0, 0))
        facts[name] = {"rows": rows, "unlabelled": unlabelled, "target_values": distinct}
        if data.task == "classification":
            facts[name]["positives"] = positives
    dropped = {name: sum(sides.get(name, (0, 0))[:2]) for name in ("embargo", "outside")}
    return facts | {"dropped": dropped}


def _refuse_unfit(data: Data, facts: dict[str, Any]) -> None:
    for name in ("train", "test"):
        side = facts[name]
        if side["rows"] == 0:
            raise _refused(
                f"the {name} window has no labelled rows",
                expected="at least one",
                got=f"{side['unlabelled']} unlabelled rows",
            )
        if side["target_values"] < 2:
            raise _one_value(data, name, side)


def _one_value(data: Data, name: str, side: dict[str, Any]) -> SplitError:
    column, rows = data.target.column, side["rows"]
    if data.task == "regression":
        what = f"every row of the {name} window has the same {column}"
        return _refused(what, expected="at least two values", got=f"{rows} rows with one value")
    only = 1 if side["positives"] else 0
    return _refused(
        f"every row of the {name} window has {column} = {only}",
        expected="both classes, 0 and 1",
        got=f"{rows} rows of class {only}",
    )


def _write(
    engine: duckdb.DuckDBPyConnection, data: Data, side: str, labelled: bool, written: Path
) -> None:
    order = row_order(data.time.column if data.time else None, data.key)
    engine.execute(
        f'copy (select * exclude ("(side)") from parted where "(side)" = {literal(side)} '
        f"and {identifier(data.target.column)} is {'not ' if labelled else ''}null order by {order}) "
        f"to {literal(written)} {PARQUET}"
    )


def _refused(what: str, *, expected: str, got: str = "") -> SplitError:
    return SplitError(
        what,
        where="params.yaml: window",
        expected=expected,
        got=got,
        fix="edit conf/window, then run 'dvc repro'",
    )
