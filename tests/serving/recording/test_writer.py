"""The writer: every row once in the log and in a profile, whatever breaks in between."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mooring.profiles.engine import View
from mooring.profiles.sketches import add_score, profile_columns
from mooring.profiles.writing import profile_bytes
from mooring.records.log import read_predictions
from mooring.records.parts import Part
from mooring.records.snapshots import read_sketches, stored
from mooring.records.store import Store
from mooring.serving.recording import writer as writing
from mooring.serving.recording.frames import Frame
from mooring.serving.recording.writer import PIECE_ROWS, Writer, open_writer
from tests.support.records import (
    CHAMPION,
    DAY,
    LAYOUT,
    ONLY,
    destination,
    entry,
    frame,
    frames,
    parsed,
    profiled,
)

TWO = (CHAMPION, ONLY)


def kept(url: Path) -> list[tuple[date, Part, bytes]]:
    """Return the newest snapshots of a store, as files."""
    with Store(str(url)) as store:
        return list(stored(store, ONLY))


def take(writer: Writer, given: list[Frame]) -> int:
    """Make the parts of frames; return in how many pieces."""
    return sum(1 for _ in writer.take(given))


def profile_of(n_rows: int) -> View:
    """Return the profile of one request's rows."""
    whole = parsed(0, n_rows)
    columns: dict[str, Any] = dict(zip(LAYOUT.numbers, whole.numbers, strict=True))
    for name, texts in zip(LAYOUT.categories, whole.categories, strict=True):
        columns[name] = np.array(texts.texts(), dtype=object)
    columns, kinds = add_score(columns, LAYOUT.kinds, entry(0, n_rows).scored.scores)
    return profile_columns(columns, kinds, day=DAY, facts={"model": ONLY})


def test_days_are_those_of_the_datas_own_time_and_zone(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path))
    times = [datetime(2013, 7, 1, 3, 59, tzinfo=UTC), datetime(2013, 7, 1, 4, 0, tzinfo=UTC), None]
    take(
        writer,
        [frame(entry(0, 3, at=datetime(2014, 1, 1, 12, tzinfo=UTC).timestamp(), times=times))],
    )
    writer.put()
    days = [date(2013, 6, 30), date(2013, 7, 1), date(2014, 1, 1)]
    assert profiled(tmp_path) == dict.fromkeys(days, 1)
    log = read_predictions(str(tmp_path), since=days[1], until=days[1]).to_pydict()
    assert (log["key"], log["time"]) == (["k1"], [times[1]])


def test_a_writer_keeps_one_profile_a_day_which_is_that_of_all_its_rows(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path))
    for number in range(5):
        take(writer, [frame(entry(number * 100, 100))])
        writer.put()
    ((_, part, content),) = kept(tmp_path)
    assert part.number == 5
    assert len(list((tmp_path / "profiles").rglob("*.bin"))) == 1
    view, expected = View.deserialize(content), profile_of(500)
    for name in view.get_columns():
        found, wanted = (v.get_column(name).to_summary_dict() for v in (view, expected))
        for figure in ("counts/n", "cardinality/est", "distribution/mean", "distribution/stddev"):
            assert found[figure] == pytest.approx(wanted[figure], rel=0.03)


def test_a_profile_of_one_flush_has_the_bytes_of_a_reference_of_the_same_rows(
    tmp_path: Path,
) -> None:
    writer = open_writer(destination(tmp_path))
    take(writer, frames(entry(0, 2500)))
    writer.put()
    ((_, _, content),) = kept(tmp_path)
    assert content == profile_bytes(profile_of(2500))


def test_the_same_flushes_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        writer = open_writer(destination(tmp_path / name))
        for number in range(4):
            take(writer, [frame(entry(number * 1500, 1500))])
            writer.put()
    ((_, _, one),), ((_, _, other),) = kept(tmp_path / "one"), kept(tmp_path / "other")
    assert one == other


def test_segments_are_profiled_beside_all_rows(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path, segments={"city": ["Rye", "nowhere"]}))
    for number in range(2):
        take(writer, [frame(entry(number * 100, 100))])
        writer.put()
    ((_, _, profile),) = read_sketches(str(tmp_path), ONLY)
    rows = {name: column.rows for name, column in profile.items()}
    whole = {*LAYOUT.kinds, "score"}
    assert rows == {
        **dict.fromkeys(whole, 200),
        **{f"city=Rye\\{name}": 200 for name in whole - {"city"}},
        **{f"city=nowhere\\{name}": 0 for name in whole - {"city"}},
    }


def test_a_crash_between_two_snapshots_counts_no_row_twice(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path))
    take(writer, [frame(entry(0, 100))])
    writer.put()
    writer._store.remove = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
    take(writer, [frame(entry(100, 100))])
    with pytest.raises(KeyboardInterrupt):
        writer.put()
    assert len(list((tmp_path / "profiles").rglob("*.bin"))) == 2
    assert profiled(tmp_path) == {DAY: 200}


def test_two_writers_and_a_restart_share_no_name(tmp_path: Path) -> None:
    for _ in range(3):
        writer = open_writer(destination(tmp_path))
        take(writer, [frame(entry(0, 10))])
        writer.put()
    assert profiled(tmp_path) == {DAY: 30}
    assert read_predictions(str(tmp_path)).num_rows == 30


def test_a_split_keeps_each_models_rows_apart(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path, TWO))
    take(writer, [frame(entry(0, 4, by=np.array([0, 1, 1, 1], np.int8)))])
    writer.put()
    assert [profiled(tmp_path, model) for model in (CHAMPION, ONLY)] == [{DAY: 1}, {DAY: 3}]
    log = read_predictions(str(tmp_path)).sort_by("score").to_pydict()
    assert log["model"] == [CHAMPION, ONLY, ONLY, ONLY]


def test_a_shadow_is_logged_beside_the_answer_and_never_returned(tmp_path: Path) -> None:
    writer = Writer(destination(tmp_path, TWO), "replica", lambda columns: columns["x"] + 0.5)
    take(writer, [frame(entry(0, 2))])
    writer.put()
    log = read_predictions(str(tmp_path)).sort_by([("key", "ascending"), ("score", "ascending")])
    lines = log.select(["key", "model", "returned", "score"]).to_pylist()
    assert [tuple(line.values()) for line in lines] == [
        ("k0", CHAMPION, True, 0.0),
        ("k0", ONLY, False, 0.5),
        ("k1", CHAMPION, True, 1e-6),
        ("k1", ONLY, False, 1.5),
    ]


def test_many_rows_are_unpacked_in_small_pieces(tmp_path: Path) -> None:
    n_frames, n_rows = 8, PIECE_ROWS // 2
    many = [frame(entry(number * n_rows, n_rows)) for number in range(n_frames)]
    n_small = take(open_writer(destination(tmp_path)), [frame(entry(0, 10))])
    assert take(open_writer(destination(tmp_path)), many) == n_small + n_frames // 2 - 1


def test_a_fault_in_one_column_leaves_the_profile_of_the_rows_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_writer(destination(tmp_path))
    take(writer, [frame(entry(0, 100))])

    def broken(columns: Any, *of: Any, **more: Any) -> View:
        if "score" in columns:
            raise ValueError("no")
        return profile_columns(columns, *of, **more)

    with monkeypatch.context() as patch, pytest.raises(ValueError, match="no"):
        patch.setattr(writing, "profile_columns", broken)
        take(writer, [frame(entry(100, 100))])
    take(writer, [frame(entry(200, 100))])
    writer.put()
    assert profiled(tmp_path) == {DAY: 200}
