"""mooring ab: what it prints, its JSON, its exit codes and what it refuses."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from mooring.cli import main
from mooring.commands import ab
from mooring.release import champion
from tests.support.service import CHALLENGER, CHAMPION, served

PIN = {
    "model": {"md5": f"{'0' * 32}.dir", "sha256": CHAMPION},
    "source_commit": "0" * 40,
    "dvc_lock_sha256": "0" * 64,
    "image": f"registry.example/scorer@sha256:{'0' * 64}",
}
KEYS = (
    "alpha block blocks_needed challenger challenger_share champion design difference dropped "
    "every_look metric min_blocks n_blocks reason share_evidence single_look verdict"
)
PRINTED = """\
verdict: merge
  The challenger is better at every difference in the confidence sequence.

                      champion    challenger
model             aaaaaaaaaaaa  bbbbbbbbbbbb
predictions                597           603
labelled                   592           598
coverage                 99.2%         99.2%
brier                   0.1814        0.1419
roc_auc                 0.7362        0.8609

difference      +0.03964 in brier, positive if the challenger is better
n               30 days, both models on rows of their own
single look     +0.02305 to +0.05623, 95% if this is the only look
every look      +0.01057 to +0.06875, 95% for any number of looks; this decides
share of keys   50.2% to the challenger; evidence against the declared share 0.6796, at most 1000
left out: 3 repeated predictions of a key
next: merge the challenger's pull request; no more data is needed
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with the flights' params.yaml and a release, which is the current one."""
    params = (Path(__file__).parents[2] / "params.yaml").read_text()
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(params)
    release(PIN)
    return tmp_path


def release(pin: dict) -> None:
    champion.PRODUCTION.parent.mkdir(parents=True, exist_ok=True)
    champion.PRODUCTION.write_text(yaml.safe_dump(pin))


def run(monkeypatch: pytest.MonkeyPatch, log: pa.Table, known: pa.Table, *options: str) -> int:
    """Run the command on a log that is read from s3://bucket/log, and labels beside."""
    asked = []

    def read(url: str, *, since: date | None = None, until: date | None = None) -> pa.Table:
        asked.append((url, since, until))
        return log

    monkeypatch.setattr(ab, "read_predictions", read)
    parquet.write_table(known.rename_columns(["flight_key", "late"]), "labels.parquet")
    code = main(["ab", "s3://bucket/log", "labels.parquet", *options])
    days = {"--since": None, "--until": None} | dict(zip(options[::2], options[1::2], strict=False))
    wanted = [days[name] and date.fromisoformat(days[name]) for name in ("--since", "--until")]
    assert asked == [("s3://bucket/log", *wanted)]
    return code


def test_it_prints_a_table_the_intervals_and_what_to_do(project, monkeypatch, capsys) -> None:
    log, known = served(False, 30, gain=0.1)
    log = pa.concat_tables([log, log.slice(0, 3)])
    assert run(monkeypatch, log, known.slice(0, 1190), "--challenger-share", "0.5") == 0
    assert capsys.readouterr().out == PRINTED


def test_json_has_stable_keys_and_the_same_verdict(project, monkeypatch, capsys) -> None:
    assert run(monkeypatch, *served(False, 30), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert " ".join(sorted(found)) == KEYS
    assert found["verdict"] == "cannot_tell"
    assert sorted(found["champion"]) == [
        "coverage",
        "labelled",
        "loss",
        "model",
        "predictions",
        "roc_auc",
    ]
    assert (found["champion"]["model"], found["challenger"]["model"]) == (CHAMPION, CHALLENGER)


def test_since_and_until_limit_the_days_read(project, monkeypatch, capsys) -> None:
    log = served(True, 30, gain=-0.5)
    assert run(monkeypatch, *log, "--since", "2024-01-01", "--until", "2024-02-01") == 1
    assert capsys.readouterr().out.startswith("verdict: do_not_merge\n")


@pytest.mark.parametrize(
    ("shadow", "n_days", "gain", "options", "advice"),
    [
        (True, 10, 0.5, [], "next: run it again when 21 days have labels\n"),
        (
            False,
            30,
            0.5,
            ["--challenger-share", "0.1"],
            "next: find out why the challenger's share of keys differs from the declared one",
        ),
        (False, 21, 0.05, [], "next: run it again tomorrow; about "),
        (True, 21, 0.0, [], "next: stop if a difference this small does not matter"),
    ],
)
def test_it_says_what_to_do_next(
    shadow, n_days, gain, options, advice, project, monkeypatch, capsys
) -> None:
    log = served(shadow, n_days, gain=gain)
    assert run(monkeypatch, *log, *options) == 1
    assert advice in capsys.readouterr().out


def test_the_served_file_s_digest_names_the_release_too(project, monkeypatch, capsys) -> None:
    """A log names a model by the sha256 of its file; the release pins that of its directory."""
    release(PIN | {"model": PIN["model"] | {"sha256": "d" * 64}})
    log = served(True, 30)
    assert run(monkeypatch, *log) == 2
    assert "which model is the champion" in capsys.readouterr().err
    (champion.CHAMPION / "model").mkdir(parents=True)
    held = {"release": {"model": {"sha256": "d" * 64}}}
    (champion.CHAMPION / "champion.json").write_text(json.dumps(held))
    (champion.CHAMPION / "model/spec.json").write_text(json.dumps({"model_sha256": CHALLENGER}))
    run(monkeypatch, *log, "--json")
    assert json.loads(capsys.readouterr().out)["champion"]["model"] == CHALLENGER


def test_without_a_release_the_models_are_named(project, monkeypatch, capsys) -> None:
    release({"model": None})
    log = served(True, 30)
    assert run(monkeypatch, *log) == 2
    assert "released: none" in capsys.readouterr().err
    assert run(monkeypatch, *log, "--champion", "bb", "--json") == 1
    assert json.loads(capsys.readouterr().out)["challenger"]["model"] == CHAMPION


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metric", "squared_error"], "--metric squared_error is not for classification"),
        (["--tuned-blocks", "0"], "--tuned-blocks 0"),
        (["--label", "nothing"], "column nothing is missing"),
        (["--champion", "ff"], "--champion ff matches 0 models of the log"),
    ],
)
def test_wrong_arguments_are_explained(options, message, project, monkeypatch, capsys) -> None:
    assert run(monkeypatch, *served(True, 2), *options) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--alpha", "0"], ["--alpha", "x"], ["--since", "May"]])
def test_an_invalid_option_value_is_refused(options, project, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["ab", "log", "labels", *options])
    assert caught.value.code == 2
