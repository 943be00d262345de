"""The journal: what was answered is known after any end, and a spoilt file is refused."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.errors import EnvironmentFault, IntegrityError
from mooring.replay.journal import RECORD, AnsweredRequest, Journal
from mooring.replay.summary import Figures, latencies_ms, rows_by_status


def answer(number: int, status: int = 200) -> AnsweredRequest:
    return AnsweredRequest(number, 2, status, 0, 0.25)


def opened(directory: Path, *, restart: bool = False) -> Journal:
    return Journal(directory, {"url": "x"}, restart=restart)


def test_the_next_run_resumes_after_the_stored_answers(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for number in (3, 0):
            journal.append(answer(number))
    with opened(tmp_path) as journal:
        assert journal.answered(5).tolist() == [True, False, False, True, False]
        assert journal.run == 1


def test_a_stored_answer_survives_a_kill(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        opened(tmp_path).append(answer(1))
        os._exit(0)  # without closing anything, as a kill would
    os.waitpid(child, 0)
    with opened(tmp_path) as journal:
        assert journal.answered(2).tolist() == [False, True]


@given(cut=st.integers(0, 3 * RECORD.itemsize))
def test_a_truncated_last_record_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    directory = tmp_path_factory.mktemp("cut")
    with opened(directory) as journal:
        for number in range(3):
            journal.append(answer(number))
    os.truncate(directory / "answers.bin", cut)
    with opened(directory) as journal:
        assert len(journal.answers) == cut // RECORD.itemsize
        journal.append(answer(3))
        assert journal.read()["number"].tolist() == [*range(cut // RECORD.itemsize), 3]


def test_a_restart_forgets_the_answers_and_counts_the_runs(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.append(answer(0))
    with opened(tmp_path, restart=True) as journal:
        assert (journal.run, len(journal.answers)) == (2, 0)
    with opened(tmp_path) as journal:
        assert journal.run == 2


def test_two_processes_do_not_send_one_plan_at_once(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(EnvironmentFault) as caught:
        opened(tmp_path)
    assert str(caught.value) == (f"{tmp_path}: this replay is already running in another process")


@pytest.mark.parametrize(
    ("answers", "got"),
    [
        ([answer(0), answer(1, status=0)], "record 1 is invalid"),
        ([answer(2), answer(2)], "two answers to one request"),
        ([answer(7)], "an answer to request 7 of 5"),
    ],
)
def test_a_corrupt_journal_is_refused(
    tmp_path: Path, answers: list[AnsweredRequest], got: str
) -> None:
    with opened(tmp_path) as journal:
        for each in answers:
            journal.append(each)
    with pytest.raises(IntegrityError) as caught, opened(tmp_path) as journal:
        journal.answered(5)
    assert str(caught.value) == (
        f"{tmp_path / 'answers.bin'}: is corrupt\n  got: {got}\n  fix: run it again with --restart"
    )


def test_figures_are_computed_from_the_answers(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for number in range(100):
            status = 422 if number < 10 else 200
            journal.append(AnsweredRequest(number, 3, status, number == 50, number / 1000))
        found = journal.read()
    figures = Figures(
        rows=400,
        rows_by_status=rows_by_status(found),
        n_requests=len(found),
        latency_ms=latencies_ms(found),
        n_busy={503: 4},
        n_cut=int((found["cuts"] > 0).sum()),
        details={422: "a rule", 503: "later"},
        rows_s=1234.5,
        seconds=2.0,
        labels=7,
        touched={"drop@0.5": 9},
    )
    assert "\n".join(figures.lines()) == (
        "scored   270 of 400 rows\n"
        "  200    270 rows\n"
        "  422    30 rows  example: a rule\n"
        "latency  p50 54.5 ms, p90 90.1 ms, p99 98.1 ms, max 99 ms (scored requests)\n"
        "speed    1,234 rows/s for 2.0 s\n"
        "busy     4 times 503, then retried  example: later\n"
        "cut      1 requests lost their connection and were resent with the same id: the log "
        "may contain their rows twice\n"
        "labels   7 rows\n"
        "fault    drop@0.5: 9 rows"
    )
    assert figures.plain()["latency_ms"]["p50"] == pytest.approx(54.5, rel=1e-6)
