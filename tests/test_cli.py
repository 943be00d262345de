"""The command line: every command helps, and a known mistake is its message and exit code 2."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mooring import __version__, files
from mooring.cli import COMMANDS, main
from mooring.evaluation.recorded_verdict import GATE, LOCK


def record(verdict: str, reasons: list[str]) -> None:
    files.write_json(GATE, {"verdict": verdict, "reasons": reasons})
    md5 = files.md5_file(GATE)
    LOCK.write_text(
        "stages:\n  compose:\n    cmd: x\n  report:\n    outs:\n"
        f"    - path: reports/gate.json\n      md5: {md5}\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: mooring {command}")
    assert COMMANDS[command].split(":")[0] in " ".join(shown.split())


def test_every_module_of_commands_is_a_command() -> None:
    folder = Path(__file__).parents[1] / "mooring" / "commands"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(COMMANDS)


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["frobnicate"], ["gate", "--frobnicate"]])
def test_an_unknown_command_or_option_exits_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: mooring" in capsys.readouterr().err


def test_a_mooring_error_is_printed_without_a_traceback(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from mooring.cli import main; raise SystemExit(main())", "gate"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "mooring gate: dvc.lock: records no verdict\n"
        "  got: [Errno 2] No such file or directory: 'dvc.lock'\n"
        "  fix: run 'dvc repro'\n"
    )


def test_a_broken_pipe_exits_141(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with (
        errors.open("w") as err,
        subprocess.Popen(
            [sys.executable, "-m", "mooring", "config", "schema"],
            env={"PYTHONPATH": str(Path(__file__).parents[1])},
            stdout=subprocess.PIPE,
            stderr=err,
        ) as run,
    ):
        assert run.stdout is not None
        run.stdout.close()
        assert run.wait() == 141
    assert errors.read_text() == ""


ENDLESS = """
import signal
import time
from mooring import cli, files
from mooring.commands import gate

def run(options):
    with files.replacing_directory("report") as temporary:
        (temporary / "half").touch()
        print("half", flush=True)
        time.sleep(600)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
gate.run = run
raise SystemExit(cli.main(["gate"]))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_removes_temporary_files(number: int, code: int, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None and run.stderr is not None
        assert run.stdout.readline() == "half\n"
        run.send_signal(number)
        try:
            run.wait(60)
        finally:
            run.kill()
        assert (run.returncode, run.stderr.read()) == (code, "")
    assert list(tmp_path.iterdir()) == []


def test_an_unexpected_error_keeps_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record("merge", [])
    GATE.write_text('{"reasons": []}')
    LOCK.write_text(LOCK.read_text().replace(LOCK.read_text()[-33:-1], files.md5_file(GATE)))
    with pytest.raises(KeyError):
        main(["gate"])


@pytest.mark.parametrize(
    ("verdict", "code"), [("merge", 0), ("do_not_merge", 1), ("cannot_tell", 1)]
)
def test_gate_exits_0_only_for_merge(
    verdict: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    record(verdict, ["Because.", "And so."])
    assert main(["gate"]) == code
    assert capsys.readouterr().out == f"verdict: {verdict}\n  Because.\n  And so.\n"
    assert main(["gate", "--json"]) == code
    assert capsys.readouterr().out == GATE.read_text()


def test_an_edited_verdict_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    record("do_not_merge", ["It is worse."])
    proved = files.md5_file(GATE)
    GATE.write_text(GATE.read_text().replace("do_not_merge", "merge"))
    assert main(["gate"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "mooring gate: reports/gate.json: has changed since the graph wrote it\n"
        f"  expected: md5 {proved}, from dvc.lock\n"
        f"  got: md5 {files.md5_file(GATE)}\n"
        "  fix: run 'dvc repro'\n"
    )


@pytest.mark.parametrize("lock", ["", "stages: {}\n", "stages: [", "- a\n"])
def test_a_verdict_without_a_record_is_refused(
    lock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    record("merge", [])
    LOCK.write_text(lock)
    assert main(["gate"]) == 2
    assert "dvc.lock: records no verdict" in capsys.readouterr().err


def test_the_schema_names_every_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    shown = capsys.readouterr().out
    assert '"title": "Project"' in shown
    assert "n_startup_trials" in shown


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["__main__"], ["compose", "train"]])
def test_an_unknown_stage_is_refused_by_name(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "stages", *arguments], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert run.stdout.startswith("usage: python -m stages NAME, where NAME is one of champion, ")
    assert "__main__" not in run.stdout


def test_a_stage_prints_a_mooring_error_without_a_traceback(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-m", "stages", "features"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2
    assert run.stderr == (
        "stage features failed\n"
        "params.yaml: cannot be read\n"
        "  got: [Errno 2] No such file or directory: 'params.yaml'\n"
        "  fix: run 'mooring compose'\n"
    )
