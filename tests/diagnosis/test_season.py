"""The whole way on a year of flights: trained, served, sent as traffic, labelled late, and judged.

The year stands twice: as it came, and with its days shuffled, where nothing can have drifted but by a fault.
"""

import datetime
import random
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest

from mooring import files
from mooring.diagnosis.report import DriftReport
from mooring.diagnosis.report_file import read_report
from mooring.records.log import read_predictions
from mooring.records.snapshots import read_sketches
from tests.support.graph import copy_project
from tests.support.project import Project, make_project
from tests.support.server import Server, unpack
from tests.support.shared import shared

pytestmark = pytest.mark.slow
ZONE = ZoneInfo("America/New_York")
YEAR = [datetime.date(2013, 1, 1) + datetime.timedelta(days=n) for n in range(365)]
SERVED = datetime.date(2013, 7, 2), datetime.date(2013, 8, 27)
"""After the test window: eight weeks, and the day that says that they are complete."""
WEEKS = [SERVED[0] + datetime.timedelta(days=7 * n) for n in range(8)]
SEED = 5
ASKED = "to_minutes(f.minute) as scheduled_at"
LAST_LINE = "left join airports a on a.faa = f.dest"


@dataclass(frozen=True)
class Season:
    """A project that ran, and what one scorer wrote of its summer."""

    project: Project
    store: Path

    @property
    def model(self) -> str:
        """The digest of the model that answered."""
        return str(files.read_json(self.project.path / "models/scorer/spec.json")["model_sha256"])

    def judged(self, first: datetime.date) -> DriftReport:
        """Judge the week that begins on a day, and make the report again from its evidence."""
        week = f"{first}..{first + datetime.timedelta(days=6)}"
        self.project.mooring("drift", "--store", str(self.store), "--window", week)
        again = self.project.mooring("drift", "verify", f"reports/drift/{week}").stdout
        assert "recomputed bit for bit" in again
        return read_report(self.project.path / "reports/drift" / week / "report.json")


def shuffled(project: Project) -> None:
    """Give the days of the year another order, each with its rows as they were."""
    days = random.Random(SEED).sample(YEAR, len(YEAR))
    moves = ", ".join(
        f"(date '{old}', {int((midnight(new) - midnight(old)).total_seconds())})"
        for old, new in zip(YEAR, days, strict=True)
    )
    project.edit("conf/data/flights.sql", ASKED, ASKED.replace(" as", " + to_seconds(m.move) as"))
    on = "m.own_day = make_date(f.year, f.month, f.day)"
    joined = f"{LAST_LINE}\njoin (values {moves}) m(own_day, move) on {on}"
    project.edit("conf/data/flights.sql", LAST_LINE, joined)


def midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), ZONE).astimezone(datetime.UTC)


def train_shuffled(directory: Path) -> None:
    """Run the graph on the year with its days shuffled."""
    project = make_project(directory / "repo", "flights")
    shuffled(project)
    project.dvc("repro")


def sent(trained: Project, directory: Path, *options: str) -> Season:
    """Serve the bento of a copy of a project, send it the summer, labels a day late, and stop it."""
    project = copy_project(trained, directory)
    bento = unpack(project.path / "models/scorer.bento", directory / "bento")
    with Server(bento, directory / "home") as server:
        server.wait()
        store = server.home / "store"
        window = ("--from", str(SERVED[0]), "--to", str(SERVED[1]), "--batch", "20")
        labels = ("--label-delay", "1d", "--store", str(store))
        url = ("--url", f"http://127.0.0.1:{server.port}")
        project.mooring("replay", *window, *labels, *url, *options)
        assert server.stop() == 0
    return Season(project, store)


@pytest.fixture(scope="module")
def as_it_came(flights: Project, tmp_path_factory: pytest.TempPathFactory) -> Season:
    def make(directory: Path) -> None:
        sent(flights, directory)

    directory = shared(tmp_path_factory, "came", make)
    return Season(Project(directory / "repo"), directory / "home/store")


@pytest.fixture(scope="module")
def exchangeable(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(shared(tmp_path_factory, "shuffled", train_shuffled) / "repo")


@pytest.fixture(scope="module")
def without_fault(exchangeable: Project, tmp_path_factory: pytest.TempPathFactory) -> Season:
    return sent(exchangeable, tmp_path_factory.mktemp("sound"))


def rows_by_day(project: Project) -> dict[str, int]:
    """Return how many rows were sent of each day."""
    asked = pq.read_table(project.path / "data/rows.parquet", columns=["scheduled_at"])[0]
    local = asked.to_pandas().dt.tz_localize("UTC").dt.tz_convert(ZONE)
    days = local.dt.date.astype(str).to_numpy(dtype=str)
    inside = days[(days >= str(SERVED[0])) & (days <= str(SERVED[1]))]
    return dict(zip(*map(np.ndarray.tolist, np.unique(inside, return_counts=True)), strict=True))


def test_every_row_is_in_the_log_and_in_a_profile_exactly_once(as_it_came: Season) -> None:
    sent_rows = rows_by_day(as_it_came.project)
    log = read_predictions(str(as_it_came.store)).to_pandas()
    assert len(log) == log["key"].nunique() == sum(sent_rows.values()) > 50_000
    assert set(log["model"]) == {as_it_came.model}
    days = log["time"].dt.tz_convert(ZONE).dt.date.astype(str).value_counts()
    assert days.to_dict() == sent_rows
    profiled = dict.fromkeys(sent_rows, 0)
    for day, _, profile in read_sketches(str(as_it_came.store), as_it_came.model):
        profiled[str(day)] += profile["score"].rows
    assert profiled == sent_rows


@pytest.mark.parametrize("n_weeks", [2, pytest.param(6, marks=pytest.mark.prove)])
def test_shuffled_days_stay_quiet(without_fault: Season, n_weeks: int) -> None:
    """Of the weeks in which nothing happened one may differ by chance, and none proposes anything."""
    found = [without_fault.judged(week) for week in WEEKS[2 : 2 + n_weeks]]
    told = [(report.diagnosis, report.reason) for report in found]
    assert {diagnosis for diagnosis, _ in told} <= {"quiet", "watch"}, told
    assert [diagnosis for diagnosis, _ in told].count("quiet") >= len(found) - 1, told
    for report in found:
        assert report.outcomes is not None
        assert report.outcomes.coverage > 0.95  # some flights are cancelled
        assert all(len(figure.line) == 15 for figure in report.outcomes.figures)


FAULTS = {
    "unit:temp:f_to_c": ("fix_data", "temp"),
    "rename:carrier:UA=AA@0.5": ("retrain", "carrier"),
    "rename:dest:ORD=ZZZ": ("retrain", "dest"),
    "drop@0.6": ("fix_data", "volume"),
}
SHORT = ("unit:temp:f_to_c", "rename:dest:ORD=ZZZ")
"""One for each diagnosis."""


@pytest.mark.parametrize(
    "fault",
    [fault if fault in SHORT else pytest.param(fault, marks=pytest.mark.prove) for fault in FAULTS],
)
def test_an_injected_fault_is_diagnosed_by_column(
    exchangeable: Project, tmp_path: Path, fault: str
) -> None:
    diagnosis, column = FAULTS[fault]
    report = sent(exchangeable, tmp_path, "--fault", fault).judged(WEEKS[2])
    assert report.diagnosis == diagnosis, report.reason
    assert column in report.reason, report.reason
    if diagnosis == "retrain":
        worst = max(report.columns, key=lambda each: (each.excess or 0) / (each.threshold or 1.0))
        assert (worst.name, worst.level) == (column, "alarm")
    else:
        assert {each.column or "volume" for each in report.quality} == {column}


def test_the_unshuffled_flights_are_diagnosed_as_the_data_shows(as_it_came: Season) -> None:
    """In July airports are flown to that nobody flew to until June; and it is summer."""
    first = WEEKS[2]
    report = as_it_came.judged(first)
    assert report.diagnosis == "retrain", report.reason
    assert "temp" in report.reason
    assert {each.level for each in report.quality} <= {"watch"}
    (dest,) = [column for column in report.columns if column.name == "dest"]
    (unseen,) = [each for each in dest.bins if each.label == "(unseen)"]
    rows = pq.read_table(
        as_it_came.project.path / "data/rows.parquet", columns=["scheduled_at", "dest"]
    ).to_pandas()
    profiled = [
        as_it_came.project.path / f"data/{name}.parquet" for name in ("train", "unlabelled")
    ]
    known = pq.read_table(profiled, columns=["dest"])[0]
    days = rows["scheduled_at"].dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.date
    new = ~rows["dest"].isin(known.unique().to_pylist())
    inside = (days >= first) & (days < first + datetime.timedelta(days=7))
    share = float(new[inside].mean())
    assert share > 0.001
    assert unseen.current == pytest.approx(share, abs=1e-6)
    (temp,) = [column for column in report.columns if column.name == "temp"]
    assert temp.level == "alarm"
    assert "exceeds one of the reference with probability 0.9" in temp.sentence
