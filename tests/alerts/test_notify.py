"""mooring notify: the textfile and a real Pushgateway, each replaced whole, and what it refuses."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mooring.cli import main
from mooring.diagnosis.report import DriftReport
from mooring.records.parts import Part
from mooring.records.store import Store
from tests.alerts.conftest import Desk
from tests.support.drift_reports import MODEL, OTHER, column, report
from tests.support.receiver import receiver
from tests.support.server import PATIENCE_S, free_port
from tests.support.tools import needs

NO_MESSAGE = "no message: $MOORING_WEBHOOK is not set\n"
SUCCESS, RUN = (
    "mooring_drift_last_success_timestamp_seconds",
    "mooring_drift_last_run_timestamp_seconds",
)
PROFILE, LABEL = (
    "mooring_drift_newest_profile_timestamp_seconds",
    "mooring_drift_newest_label_timestamp_seconds",
)


def notify(made: DriftReport, *options: str) -> int:
    Path("report.json").write_text(made.model_dump_json(by_alias=True))
    return main(["notify", "report.json", *options])


def values(text: str, name: str, **labels: str) -> list[float]:
    """Return what a text in Prometheus' format says of one gauge."""
    return [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]


@pytest.fixture
def textfiles(desk: Desk, tmp_path: Path) -> Path:
    directory = tmp_path / "textfile"
    desk.export(MOORING_TEXTFILE_DIRECTORY=str(directory))
    return directory


@pytest.fixture
def gateway(desk: Desk) -> Iterator[str]:
    """Run a real Pushgateway; return its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        needs("prometheus-pushgateway"),
        f"--web.listen-address={url.removeprefix('http://')}",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + PATIENCE_S
        while not ready(url):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        desk.export(MOORING_PUSHGATEWAY=f"{url}/")
        yield url
        process.kill()


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_the_textfile_holds_the_report_of_each_model_and_the_job_s_last_run(
    textfiles: Path, capsys
) -> None:
    before = time.time()
    assert notify(report()) == 0
    names = ["flights_aaaaaaaaaaaa", "flights_run"]
    paths = [textfiles / f"mooring_drift_{name}.prom" for name in names]
    lines = "".join(f"gauges written to {path}\n" for path in paths)
    assert capsys.readouterr().out == lines + NO_MESSAGE
    assert sorted(textfiles.iterdir()) == paths
    model, run = (path.read_text() for path in paths)
    assert values(model, "mooring_drift_diagnosis", model=MODEL, diagnosis="retrain") == [1]
    (success,) = values(model, SUCCESS, data="flights")
    assert values(run, RUN, data="flights") == [success]
    assert before <= success <= time.time()
    assert notify(report(model=OTHER)) == 0
    assert len(list(textfiles.iterdir())) == 3


def test_a_failed_job_leaves_the_last_success_as_it_was(textfiles: Path) -> None:
    assert notify(report()) == 0
    path = textfiles / "mooring_drift_flights_aaaaaaaaaaaa.prom"
    before = path.read_text()
    assert main(["notify", "--failed"]) == 0
    assert path.read_text() == before
    (run,) = values((textfiles / "mooring_drift_flights_run.prom").read_text(), RUN)
    assert run > values(before, SUCCESS)[0]


def test_a_newer_report_replaces_the_older_one_at_the_gateway(gateway: str, capsys) -> None:
    def effects(of: str) -> dict[str, float]:
        return {
            sample.labels["column"]: sample.value
            for family in text_string_to_metric_families(httpx.get(f"{gateway}/metrics").text)
            for sample in family.samples
            if sample.name == "mooring_drift_effect" and sample.labels["model"] == of
        }

    assert notify(report()) == 0
    pushed = "gauges pushed to $MOORING_PUSHGATEWAY\n"
    assert capsys.readouterr().out == pushed + pushed + NO_MESSAGE
    assert effects(MODEL) == {"distance": 0.25, "temp": 0.25, "score": 0.03125}
    hostile = 'a"\\\n{}é'
    assert notify(report(columns=(column(hostile, effect=0.5),), score=None)) == 0
    assert notify(report(model=OTHER)) == 0
    assert effects(MODEL) == {hostile: 0.5}
    assert len(effects(OTHER)) == 3
    success = values(httpx.get(f"{gateway}/metrics").text, SUCCESS)
    assert main(["notify", "--failed"]) == 0
    shown = httpx.get(f"{gateway}/metrics").text
    assert values(shown, SUCCESS) == success
    (run,) = values(shown, RUN, data="flights")
    assert run > max(success)


def test_the_message_is_sent_even_if_the_gateway_is_down(desk: Desk, capsys) -> None:
    with receiver() as gateway, receiver() as hook:
        gateway.statuses = [500]
        desk.export(MOORING_PUSHGATEWAY=gateway.url, MOORING_WEBHOOK=hook.url)
        desk.export(MOORING_WEBHOOK_SECRET="a key of more than sixteen bytes")
        assert notify(report()) == 2
        assert len(hook.received) == 1
    assert capsys.readouterr().err == (
        "mooring notify: $MOORING_PUSHGATEWAY: the Pushgateway does not accept the gauges\n"
        "  got: 500\n"
        "  fix: run the same command again\n"
    )


def test_a_missing_textfile_directory_is_explained(textfiles: Path, capsys) -> None:
    textfiles.write_text("a file")
    assert notify(report()) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("mooring notify: $MOORING_TEXTFILE_DIRECTORY: ")
    assert "gauges cannot be written" in shown


@pytest.mark.parametrize(
    ("directory", "options"),
    [("store/labels", []), ("elsewhere", ["--labels", "elsewhere"])],
    ids=["in the store", "elsewhere"],
)
def test_the_newest_profile_and_label_are_those_of_the_stores(
    directory: str, options: list[str], textfiles: Path
) -> None:
    hour = 3600
    content = b"a profile"
    part = Part.of("a", 1, content, ".bin")
    with Store("store") as store:
        for model in (MODEL, OTHER):
            store.put(f"profiles/{model}/2013-07-07", part, content)
    label = Path(directory) / "2013-07-08/part.parquet"
    label.parent.mkdir(parents=True)
    label.write_bytes(b"labels")
    profile = Path(f"store/profiles/{MODEL}/2013-07-07/{part}")
    os.utime(profile, (4 * hour, 5 * hour))
    os.utime(label, (6 * hour, 7 * hour))
    assert notify(report(), "--store", "store", *options) == 0
    text = (textfiles / "mooring_drift_flights_aaaaaaaaaaaa.prom").read_text()
    assert (values(text, PROFILE), values(text, LABEL)) == ([5 * hour], [7 * hour])


@pytest.mark.parametrize("options", [[], ["--store", "off"]])
def test_an_empty_store_has_no_newest_profile(options: list[str], textfiles: Path) -> None:
    assert notify(report(), *options) == 0
    text = (textfiles / "mooring_drift_flights_aaaaaaaaaaaa.prom").read_text()
    assert values(text, PROFILE) == values(text, LABEL) == []


def test_a_report_may_be_named_by_its_directory(textfiles: Path) -> None:
    assert notify(report()) == 0
    written = (textfiles / "mooring_drift_flights_aaaaaaaaaaaa.prom").read_text()
    assert main(["notify", "."]) == 0
    again = (textfiles / "mooring_drift_flights_aaaaaaaaaaaa.prom").read_text()
    assert len(again.splitlines()) == len(written.splitlines())


def test_a_report_on_another_data_set_is_refused(textfiles: Path, capsys) -> None:
    assert notify(report(data="../../weather")) == 2
    assert capsys.readouterr().err == (
        "mooring notify: report.json: is a report on another data set\n"
        "  expected: flights\n"
        "  got: ../../weather\n"
    )
    assert not textfiles.exists()


FIX = "  fix: use the code that made it, or move it away and make it again with 'mooring drift'"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            None,
            "report.json: cannot be read\n"
            "  expected: a report that 'mooring drift' made\n"
            "  got: No such file or directory\n"
            "  fix: pass the path of an existing report, reports/drift/FIRST..LAST\n",
        ),
        (
            "{",
            "report.json: is not a drift report of this version\n"
            "  expected: JSON\n"
            "  got: EOF while parsing an object at line 1 column 1\n"
            f"{FIX}\n",
        ),
        (
            '{"schema": 1}',
            "report.json: is not a drift report of this version\n"
            f"  expected: 2\n  got: schema = 1\n{FIX}\n",
        ),
    ],
)
def test_an_invalid_report_is_refused(content, message, desk: Desk, capsys) -> None:
    if content is not None:
        Path("report.json").write_text(content)
    assert main(["notify", "report.json"]) == 2
    assert capsys.readouterr().err == f"mooring notify: {message}"


@pytest.mark.parametrize("arguments", [[], ["report.json", "--failed"]])
def test_notify_takes_either_a_report_or_failed(arguments, desk: Desk, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["notify", *arguments])
    assert caught.value.code == 2
