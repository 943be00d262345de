"""mooring drift on a store: the diagnosis, the evidence, and a report that anybody can make again."""

import argparse
import datetime
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from mooring import files
from mooring.commands import drift
from mooring.diagnosis.assessment import assess
from mooring.diagnosis.report_file import read_report
from mooring.errors import ConfigError, DataError, IntegrityError
from mooring.records.store import Store
from mooring.reports.drift.page import page
from mooring.reports.drift.pull_request import pull_request
from tests.support.s3 import BUCKET, environment_of, s3_server
from tests.support.served_days import MODEL, N_ROWS, WINDOW, fill, write_models, write_project

NO_CITY = {"categorical": []}
NO_LABELS = "Not checked: 4 of 4 figures of model quality."


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    drift.add_arguments(parser)
    return drift.run(parser.parse_args(arguments))


def declare(column: str, **rules: Any) -> None:
    """Change what params.yaml declares of a column."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["data"]["columns"][column] |= rules
    Path("params.yaml").write_text(yaml.safe_dump(params))


def judged(store: str, *arguments: str) -> Any:
    assert run("--store", store, "--model", MODEL, *arguments) == 0
    return read_report(f"reports/drift/{WINDOW}/report.json")


def test_days_like_the_reference_are_quiet(project: Path, capsys: Any) -> None:
    fill("store")
    report = judged("store")
    assert (report.diagnosis, report.outcomes, report.quality) == ("quiet", None, ())
    assert report.window.first == datetime.date(2024, 6, 15)
    assert {day.rows for day in report.window.days} == {N_ROWS}
    assert all(day.complete for day in report.window.days)
    assert {column.name for column in report.columns} == {"x", "city"}
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == (
        "quiet: Everything that was checked is within the range of the reference's own windows. "
        "Not checked: 4 of 4 figures of model quality."
    )
    assert "model quality cannot_tell: No labels yet, so model quality is unknown." in printed
    assert (
        "model quality: 4 not checked (roc_auc_within_days, log_loss, brier, bias): There are no labels."
    ) in printed
    assert printed[-1] == f"reports/drift/{WINDOW}/report.json"


def test_a_report_has_a_page_and_the_text_of_a_pull_request_beside_it(project: Path) -> None:
    fill("store", shift=0.8)
    report = judged("store")
    top = Path(f"reports/drift/{WINDOW}")
    assert (top / "index.html").read_text(encoding="utf-8") == page(report)
    assert (top / "pull_request.md").read_text(encoding="utf-8") == pull_request(report)


def test_a_number_that_moved_for_long_enough_proposes_retraining(project: Path) -> None:
    fill("store", shift=0.8)
    report = judged("store")
    assert report.diagnosis == "retrain"
    assert report.reason.startswith("Drifted in at least 2 of the last 3 windows: x.")
    first = report.columns[0]
    assert (first.name, first.level) == ("x", "alarm")
    assert first.excess > first.threshold
    assert sum(each.current for each in first.bins) == pytest.approx(1)


def test_a_category_that_nobody_knows_is_broken_data_and_never_retrains(project: Path) -> None:
    fill("store", city="Dori")
    report = judged("store")
    assert report.diagnosis == "fix_data"
    assert (report.quality[0].column, report.quality[0].check) == ("city", "unseen")
    assert report.quality[0].days == 3
    assert report.quality[0].sentence == (
        "20.00% of the rows of 2024-06-21 have a category that the reference does not have: Dori."
    )


def test_a_category_that_is_new_in_an_open_set_is_drift_and_retrains(project: Path) -> None:
    declare("city", open=True)
    fill("store", city="Dori")
    report = judged("store")
    assert (report.diagnosis, report.quality) == ("retrain", ())
    assert report.reason == f"Drifted in at least 2 of the last 3 windows: city. {NO_LABELS}"
    (city,) = [column for column in report.columns if column.name == "city"]
    assert (city.level, city.measure) == ("alarm", "unseen")
    assert city.sentence.endswith("(unseen) was 0.00% of the rows and is 20.00% (Dori).")


def test_broken_data_in_a_column_that_the_model_does_not_use_blocks_no_retraining(
    project: Path,
) -> None:
    spec = files.read_json("models/scorer/spec.json")
    files.write_json("models/scorer/spec.json", spec | {"features": spec["features"] | NO_CITY})
    fill("store", city="Dori")
    assert judged("store").diagnosis == "fix_data"
    shutil.rmtree("reports")
    fill("store", number=2, city="Dori", shift=0.8)
    report = judged("store")
    assert report.diagnosis == "retrain"
    assert report.reason == (
        "Drifted in at least 2 of the last 3 windows: x. "
        f"Incoming data that the model does not use is broken: city. {NO_LABELS}"
    )


def test_a_column_that_came_in_another_unit_is_broken_data_and_no_drift(project: Path) -> None:
    fill("store", scale=10.0)
    report = judged("store")
    assert report.diagnosis == "fix_data"
    assert report.reason == f"Incoming data is broken: x. {NO_LABELS}"
    (found,) = report.quality
    assert (found.column, found.check, found.level, found.observed) == ("x", "unit", "alarm", 1.0)
    assert found.sentence == (
        "About 100% of the values of the window up to 2024-06-21 look like values multiplied by 10: "
        "the converted reference has the same distribution and spread."
    )


def test_a_unit_that_was_put_right_is_not_called_drift_while_its_alarm_stands(
    project: Path,
) -> None:
    fill("store", scale=10.0)
    fill("store", number=2, first=14)
    report = judged("store")
    assert report.diagnosis == "fix_data"
    assert "up to 2024-06-14 look like values multiplied by 10" in report.quality[0].sentence


def test_a_last_day_of_few_rows_and_no_values_is_not_called_quiet(project: Path) -> None:
    write_models(project / "models", n_rows=80)
    fill("store", n_rows=80)
    fill("store", number=2, first=20, n_days=21, n_rows=41, empty="x")
    report = judged("store")
    assert (report.diagnosis, report.quality) == ("cannot_tell", ())
    assert report.reason == (
        "41 rows on 2024-06-21, fewer than the 42 needed. "
        "Not checked: 12 of 14 quality checks, 4 of 4 figures of model quality."
    )
    assert (report.parts.quality.level, report.parts.columns.level) == ("cannot_tell", "quiet")
    for text in (page(report), pull_request(report)):
        assert "12 not checked" in text
        assert "2 checks found nothing" in text


def test_a_problem_is_told_of_the_last_day_on_which_it_stood_out(project: Path) -> None:
    fill("store", city="Dori")
    fill("store", number=2, first=20)
    found = judged("store").quality[0]
    assert (found.level, found.days, found.observed) == ("alarm", 2, pytest.approx(0.2))
    assert "20.00% of the rows of 2024-06-20" in found.sentence


def test_a_value_out_of_its_declared_range_is_broken_data(project: Path) -> None:
    declare("x", min=-4.0, max=60.0, unit="m")
    fill("store")
    fill("store", number=2, first=20, spike=99.5)
    report = judged("store")
    assert (report.diagnosis, report.reason) == (
        "watch",
        "Differs, but not by enough or not for long enough: x. " + NO_LABELS,
    )
    fill("store", number=3, first=18, spike=99.5)
    report = judged("store")
    assert report.diagnosis == "fix_data"
    assert report.reason == f"Incoming data is broken: x. {NO_LABELS}"
    (found,) = report.quality
    assert (found.column, found.check, found.level, found.days) == ("x", "range", "alarm", 3)
    assert (found.observed, found.limit) == (99.5, 60.0)
    assert found.sentence == "99.5 m on 2024-06-21, where conf/data declares at most 60."
    fill("store", number=4, first=18, spike=-9.0)
    assert judged("store").quality[0].sentence == (
        "-9 m on 2024-06-21, where conf/data declares at least -4."
    )


def test_a_model_is_judged_by_its_own_reference_alone(project: Path) -> None:
    fill("store")
    other = "d" * 64
    shutil.copytree(f"store/profiles/{MODEL}", f"store/profiles/{other}")
    with pytest.raises(DataError) as caught:
        run("--store", "store", "--model", other)
    assert str(caught.value) == (
        "models/reference: the reference belongs to another model\n"
        "  expected: the reference of model dddddddddddd\n"
        "  got: the reference of model cccccccccccc\n"
        "  fix: check out the commit that packaged model dddddddddddd, run 'dvc pull', and judge there; "
        "or name that commit's models/reference with --reference"
    )
    write_models(project / "elsewhere", other)
    assert run("--store", "store", "--reference", "elsewhere/reference") == 0
    assert read_report(f"reports/drift/{WINDOW}/report.json").model == other


def test_a_reference_and_a_bento_of_different_commits_are_refused(project: Path) -> None:
    fill("store")
    facts = files.read_json("models/bento.json")
    files.write_json("models/bento.json", facts | {"reference": "f" * 64})
    with pytest.raises(IntegrityError) as caught:
        judged("store")
    assert str(caught.value) == (
        "models/reference/index.json: is the index of another reference than the bento's\n"
        f"  expected: sha256 {'f' * 64}, as models/bento.json says\n"
        f"  got: sha256 {facts['reference']}\n"
        "  fix: run 'dvc checkout', or 'dvc repro package'"
    )


def test_evidence_that_names_another_model_is_refused(project: Path) -> None:
    fill("store")
    report = judged("store")
    path = Path(f"reports/drift/{WINDOW}/evidence/bento.json")
    files.write_json(path, files.read_json(path) | {"model": "d" * 64})
    with pytest.raises(IntegrityError, match="names another model than the one that is judged"):
        assess(path.parent, Path("models/reference"))
    assert report.model == MODEL


def test_the_newest_day_is_judged_only_when_asked_and_is_marked(project: Path) -> None:
    fill("store")
    run("--store", "store", "--model", MODEL, "--window", "2024-06-16..2024-06-22")
    report = read_report("reports/drift/2024-06-16..2024-06-22/report.json")
    assert [day.complete for day in report.window.days] == [True] * 6 + [False]


def test_a_report_is_made_again_to_the_last_digit(project: Path, capsys: Any) -> None:
    fill("store", shift=0.3)
    judged("store")
    before = Path(f"reports/drift/{WINDOW}/report.json").read_bytes()
    shutil.move("store", "elsewhere")
    assert run("verify", f"reports/drift/{WINDOW}") == 0
    assert "recomputed bit for bit from 24 files" in capsys.readouterr().out
    judged("elsewhere")
    assert Path(f"reports/drift/{WINDOW}/report.json").read_bytes() == before


def test_a_store_in_s3_gives_the_report_of_a_directory(project: Path) -> None:
    fill("store", shift=0.3)
    told = judged("store").plain()
    with s3_server() as environment, environment_of(environment):
        url = f"s3://{BUCKET}/records"
        with Store("store") as here, Store(url) as there:
            for day in here.directories(f"profiles/{MODEL}"):
                for part in here.parts(f"profiles/{MODEL}/{day}"):
                    content = here.read(f"profiles/{MODEL}/{day}", part)
                    there.put(f"profiles/{MODEL}/{day}", part, content)
        assert judged(url).plain() == told


def test_one_changed_byte_of_any_evidence_is_refused_by_name(project: Path) -> None:
    fill("store")
    judged("store")
    top = Path(f"reports/drift/{WINDOW}")
    found = sorted(path for path in (top / "evidence").rglob("*") if path.is_file())
    for path in [*found[::5], found[-1]]:
        content = path.read_bytes()
        path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        with pytest.raises(IntegrityError, match="has changed since the report was made") as caught:
            run("verify", str(top))
        assert caught.value.where == str(path)
        path.write_bytes(content)
    found[-1].unlink()
    with pytest.raises(IntegrityError, match="is missing"):
        run("verify", str(top))


def test_a_changed_reference_or_report_is_refused_by_name(project: Path) -> None:
    fill("store")
    judged("store")
    top = Path(f"reports/drift/{WINDOW}")
    report = files.read_json(top / "report.json")
    files.write_json(top / "report.json", report | {"reason": "All is well."})
    with pytest.raises(
        IntegrityError, match="does not match its evidence\n  got: a different reason"
    ):
        run("verify", str(top / "report.json"))
    index = Path("models/reference/index.json")
    index.write_bytes(index.read_bytes() + b" ")
    with pytest.raises(IntegrityError, match="is not the reference that the evidence names"):
        run("verify", str(top))


def test_late_profiles_open_their_window_again_and_older_ones_never_do(project: Path) -> None:
    fill("early", number=1)
    fill("late", number=2, shift=0.8)
    judged("early")
    assert judged("late").diagnosis == "retrain"
    with pytest.raises(DataError, match="holds less data than the report was made from"):
        judged("early")
    assert read_report(f"reports/drift/{WINDOW}/report.json").diagnosis == "retrain"


def test_what_is_not_there_is_said_and_leaves_nothing_behind(project: Path) -> None:
    with pytest.raises(DataError, match="no profiles of model cccccccccccc"):
        judged("store")
    fill("store", n_days=1)
    with pytest.raises(DataError, match="no day of serving is complete"):
        judged("store")
    with pytest.raises(DataError, match=r"--window 2024-06-09\.\.2024-06-01\n  expected: two days"):
        judged("store", "--window", "2024-06-09..2024-06-01")
    assert not Path("reports").exists() or not any(Path("reports/drift").iterdir())


def test_too_few_days_are_not_judged(project: Path) -> None:
    fill("store", n_days=4)
    run("--store", "store", "--model", MODEL, "--window", "2024-06-01..2024-06-01")
    report = read_report("reports/drift/2024-06-01..2024-06-01/report.json")
    assert report.diagnosis == "cannot_tell"
    assert report.reason == (
        "The reference's windows have 150 rows, fewer than the 300 needed. "
        "150 rows on 2024-06-01, fewer than the 300 needed. Not checked: "
        "2 of 2 columns, 1 of 1 score, 12 of 14 quality checks, 4 of 4 figures of model quality."
    )
    assert report.parts.columns.not_made[0].checks == ("city", "x")


def test_a_row_with_a_wrong_clock_does_not_hide_the_days_before(project: Path, capsys: Any) -> None:
    fill("store")
    right, wrong = (Path(f"store/profiles/{MODEL}/{day}") for day in ("2024-06-22", "2099-01-01"))
    shutil.copytree(right, wrong)
    report = judged("store")
    assert report.diagnosis == "quiet"
    assert all(day.complete for day in report.window.days)
    shown = capsys.readouterr()
    assert shown.out.splitlines()[-1] == f"reports/drift/{WINDOW}/report.json"
    assert shown.err == ("ignoring 2099-01-01: no data in the 7 days before it (wrong clock?)\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["judge", "reports/drift/2024-06-01..2024-06-07"],
            "'mooring drift' judges days; it takes no report path\n"
            "  fix: mooring drift verify reports/drift/2024-06-01..2024-06-07",
        ),
        (["--label", "late"], "--label-key and --label require --labels"),
    ],
)
def test_what_is_named_in_vain_is_refused(
    arguments: list[str], message: str, project: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        run(*arguments)
    assert str(caught.value) == message


def test_labels_that_were_cleared_away_hold_up_no_report(project: Path) -> None:
    fill("store")
    Path("store/labels/2024-06-01").mkdir(parents=True)
    assert judged("store").outcomes is None
