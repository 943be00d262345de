"""Records: every row once, whatever the store does, and never in the way of a request."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bentos.scorer.recorder import Destination, Entry, Recorder
from bentos.scorer.routing import Scored
from bentos.scorer.table import Layout, Table
from bentos.scorer.writer import open_writer
from mooring.config.serving import Records, Shadow, Split
from mooring.profiles.sketches import profile_blocks
from mooring.records.log import read_predictions
from mooring.records.snapshots import read_snapshots
from tests.bentos.test_routing import routing
from tests.bentos.test_rows import schema

LAYOUT = Layout(schema())
NOON = datetime(2013, 5, 1, 16, tzinfo=UTC).timestamp()
DAY = date(2013, 5, 1)
ONLY, CHAMPION = "a" * 64, "c" * 64
RECORDS = Records(buffer_rows=1000, flush_rows=100, flush_s=0.02, drain_s=10)


class Count:
    """A counter or a gauge."""

    def __init__(self) -> None:
        self.value = 0.0

    def inc(self, n: float = 1) -> None:
        self.value += n

    def set(self, value: float) -> None:
        self.value = value


class Counts:
    """What the recorder counts."""

    def __init__(self) -> None:
        self.dropped, self.recorded, self.lag, self.store_errors = (Count() for _ in range(4))


def entry(first: int, n_rows: int, at: float = NOON, times: Any = None, by: Any = None) -> Entry:
    numbers = np.arange(first, first + n_rows)[:, None] + np.zeros(len(LAYOUT.numbers))
    texts = np.full((n_rows, len(LAYOUT.categories)), "Rye", dtype=object)
    keys = [f"k{number}" for number in range(first, first + n_rows)]
    table = Table(numbers, texts, keys, times or [None] * n_rows)
    scored = Scored(np.arange(first, first + n_rows) / 1e6, by)
    return Entry.of(table, scored, [(f"r{first}", n_rows)], at)


def destination(url: Path | str, how: Any = None) -> Destination:
    return Destination(str(url), LAYOUT, "America/New_York", routing(how))


def recorder_to(to: Destination, records: Records = RECORDS) -> tuple[Any, Counts]:
    counts: Any = Counts()
    return Recorder(lambda: open_writer(to), records, counts), counts


def profiled(url: Path | str, model: str = ONLY) -> dict[date, int]:
    """Return how many rows the newest snapshots of each day hold."""
    found: Counter[date] = Counter()
    for day, _, view in read_snapshots(str(url), model):
        found[day] += view.get_column("x").get_metric("counts").n.value
    return dict(found)


def test_every_row_is_in_the_log_and_in_a_profile_once(tmp_path: Path) -> None:
    recorder, counts = recorder_to(destination(tmp_path))
    recorder.start()
    for number in range(50):
        recorder.append(entry(number * 10, 10))
        time.sleep(0.002)
    assert recorder.close() == 0
    log = read_predictions(str(tmp_path)).sort_by("score").to_pydict()
    assert log["key"] == [f"k{number}" for number in range(500)]
    assert log["request_id"] == [f"r{number // 10 * 10}" for number in range(500)]
    assert log["row"] == [number % 10 for number in range(500)]
    assert set(log["model"]) == {ONLY}
    assert all(log["returned"])
    assert profiled(tmp_path) == {DAY: 500}
    assert (counts.recorded.value, counts.dropped.value) == (500, 0)


def test_days_are_those_of_the_datas_own_time_and_zone(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path))
    times = [datetime(2013, 7, 1, 3, 59, tzinfo=UTC), datetime(2013, 7, 1, 4, 0, tzinfo=UTC), None]
    writer.take([entry(0, 3, at=datetime(2014, 1, 1, 12, tzinfo=UTC).timestamp(), times=times)])
    writer.put()
    days = [date(2013, 6, 30), date(2013, 7, 1), date(2014, 1, 1)]
    assert profiled(tmp_path) == dict.fromkeys(days, 1)
    log = read_predictions(str(tmp_path), since=days[1], until=days[1]).to_pydict()
    assert (log["key"], log["time"]) == (["k1"], [times[1]])


def test_a_writer_keeps_one_profile_a_day_which_is_that_of_all_its_rows(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path))
    for number in range(5):
        writer.take([entry(number * 100, 100)])
        writer.put()
    ((_, part, view),) = read_snapshots(str(tmp_path), ONLY)
    assert part.number == 5
    assert len(list((tmp_path / "profiles").rglob("*.bin"))) == 1
    whole = entry(0, 500)
    table = Table(whole.numbers, whole.texts, [], [])
    columns = LAYOUT.columns(table) | {"score": whole.scores}
    kinds = LAYOUT.kinds | {"score": "number"}
    blocks = np.full(500, str(DAY))
    (expected,) = profile_blocks(columns, kinds, blocks, are_days=True, facts={}).values()
    for name in kinds:
        found, wanted = (v.get_column(name).to_summary_dict() for v in (view, expected))
        for figure in ("counts/n", "cardinality/est", "distribution/mean", "distribution/stddev"):
            assert found[figure] == pytest.approx(wanted[figure], rel=0.03)


def test_a_crash_between_two_snapshots_counts_no_row_twice(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path))
    writer.take([entry(0, 100)])
    writer.put()
    writer._store.remove = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
    writer.take([entry(100, 100)])
    with pytest.raises(KeyboardInterrupt):
        writer.put()
    assert len(list((tmp_path / "profiles").rglob("*.bin"))) == 2
    assert profiled(tmp_path) == {DAY: 200}


def test_two_writers_and_a_restart_share_no_name(tmp_path: Path) -> None:
    for _ in range(3):
        writer = open_writer(destination(tmp_path))
        writer.take([entry(0, 10)])
        writer.put()
    assert profiled(tmp_path) == {DAY: 30}
    assert read_predictions(str(tmp_path)).num_rows == 30


def test_a_split_keeps_each_models_rows_apart(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path, Split(mode="split", challenger_share=0.5)))
    writer.take([entry(0, 4, by=np.array([0, 1, 1, 1], np.int8))])
    writer.put()
    assert [profiled(tmp_path, model) for model in (CHAMPION, ONLY)] == [{DAY: 1}, {DAY: 3}]
    log = read_predictions(str(tmp_path)).sort_by("score").to_pydict()
    assert log["model"] == [CHAMPION, ONLY, ONLY, ONLY]


def test_a_shadow_is_logged_beside_the_answer_and_never_returned(tmp_path: Path) -> None:
    writer = open_writer(destination(tmp_path, Shadow(mode="shadow")))
    writer.take([entry(0, 2)])
    writer.put()
    log = read_predictions(str(tmp_path)).sort_by([("key", "ascending"), ("score", "ascending")])
    lines = log.select(["key", "model", "returned", "score"]).to_pylist()
    assert [tuple(line.values()) for line in lines] == [
        ("k0", CHAMPION, True, 0.0),
        ("k0", ONLY, False, 0.1),
        ("k1", CHAMPION, True, 1e-6),
        ("k1", ONLY, False, 0.1),
    ]


class Refusing:
    """A store that fails a number of times before each part, or hangs until it is let go."""

    def __init__(self, store: Any, times: int) -> None:
        self.store, self.times, self.left = store, times, times
        self.open = threading.Event()
        self.open.set()

    def put(self, *part: Any) -> None:
        self.open.wait()
        if self.left:
            self.left -= 1
            raise OSError("no")
        self.left = self.times
        self.store.put(*part)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def test_a_store_that_fails_now_and_then_loses_and_doubles_nothing(tmp_path: Path) -> None:
    to = destination(tmp_path)
    writer = open_writer(to)
    writer._store = Refusing(writer._store, 1)  # type: ignore[assignment]
    for number in range(4):
        writer.take([entry(number * 10, 10)])
        for _ in range(10):
            try:
                writer.put()
                break
            except OSError:
                continue
    assert profiled(tmp_path) == {DAY: 40}
    assert sorted(read_predictions(str(tmp_path))["key"].to_pylist()) == sorted(
        f"k{n}" for n in range(40)
    )


def test_a_dead_store_never_holds_a_request_and_what_does_not_fit_is_counted(
    tmp_path: Path,
) -> None:
    writer = open_writer(destination(tmp_path))
    refusing = Refusing(writer._store, 0)
    refusing.open.clear()
    writer._store = refusing  # type: ignore[assignment]
    counts: Any = Counts()
    recorder = Recorder(lambda: writer, RECORDS, counts)
    recorder.start()
    slowest = 0.0
    for number in range(300):
        start = time.perf_counter()
        recorder.append(entry(number * 10, 10))
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 1  # the store would have held it for ever
    assert counts.dropped.value == 2000
    refusing.open.set()
    assert recorder.close() == 0
    assert read_predictions(str(tmp_path)).num_rows == 1000
    assert counts.recorded.value == 1000


def test_closing_gives_up_on_a_store_that_stays_dead(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    recorder, counts = recorder_to(
        destination(tmp_path / "file"), RECORDS.model_copy(update={"drain_s": 0.3})
    )
    recorder.start()
    recorder.append(entry(0, 10))
    time.sleep(0.2)
    assert recorder.close() == 10
    assert counts.store_errors.value >= 1
    assert counts.recorded.value == 0


def test_a_long_pause_ends_when_the_worker_is_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bentos.scorer.recorder.FIRST_RETRY_S", 60)
    writer = open_writer(destination(tmp_path))
    writer._store = Refusing(writer._store, 1)  # type: ignore[assignment]
    counts: Any = Counts()
    recorder = Recorder(lambda: writer, RECORDS, counts)
    recorder.start()
    recorder.append(entry(0, 10))
    while counts.store_errors.value < 1:
        time.sleep(0.01)
    writer._store.times = 0  # type: ignore[attr-defined]
    assert recorder.close() == 0
    assert read_predictions(str(tmp_path)).num_rows == 10


def test_one_odd_batch_is_counted_and_does_not_end_the_thread(tmp_path: Path) -> None:
    recorder, counts = recorder_to(destination(tmp_path))
    odd = entry(0, 10)
    recorder.append(odd._replace(counts=(3,)))  # fewer rows than there are
    recorder.start()
    time.sleep(0.3)
    recorder.append(entry(10, 10))
    assert recorder.close() == 0
    assert (counts.dropped.value, counts.recorded.value) == (10, 10)
    assert read_predictions(str(tmp_path)).num_rows == 10


def test_eight_threads_lose_and_double_nothing(tmp_path: Path) -> None:
    """One recorder is used from one thread; eight recorders are eight workers of one interval."""
    recorders = [recorder_to(destination(tmp_path)) for _ in range(8)]

    def work(number: int) -> None:
        recorder, _ = recorders[number]
        recorder.start()
        for batch in range(20):
            recorder.append(entry(1000 * number + batch * 10, 10))
        recorder.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys: Sequence[str] = read_predictions(str(tmp_path))["key"].to_pylist()
    assert len(keys) == len(set(keys)) == 1600
    assert profiled(tmp_path) == {DAY: 1600}
