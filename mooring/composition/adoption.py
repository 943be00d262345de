"""Write a DVC experiment's settings into conf/, so that conf/ composes to the experiment's params.yaml.

In: the params.yaml that an experiment committed. Out: changed files of conf/; nothing is trained.
A changed option is written to the defaults list that picks it, a changed value to the option's file.
"""

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf

from mooring import files, git
from mooring.composition import option_file
from mooring.composition.compose import CONF, check, compose, leaves
from mooring.composition.defaults_list import select, selected
from mooring.config.section import PARAMS
from mooring.errors import ConfigError


@dataclass(frozen=True)
class Adoption:
    """What adopting an experiment changed: for each file of conf/, one line for each change."""

    experiment: str
    sha: str
    changes: dict[Path, list[str]]


def adopt(name: str, conf: Path = CONF) -> Adoption:
    """Make conf/ compose to the params.yaml of the experiment `name` (a name, or a sha's start).

    Raises ConfigError, having changed nothing, when there is no such experiment, or its settings
    cannot be written into conf/.
    """
    name, sha = find(name)
    wanted = read_settings(name, sha)
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / "conf"
        shutil.copytree(conf, copy)
        changes = rewrite(copy, wanted)
        _refuse_difference(name, copy, wanted)
        for path in changes:
            files.write_bytes(conf / path, (copy / path).read_bytes())
    return Adoption(name, sha, {conf / path: lines for path, lines in changes.items()})


def find(name: str) -> tuple[str, str]:
    """Return name and sha of one experiment. Raises ConfigError unless exactly one matches."""
    experiments = [(ref.rpartition("/")[2], sha) for ref, sha in git.experiments().items()]
    is_sha = re.fullmatch(r"[0-9a-f]{4,40}", name) is not None
    matches = [(known_name, sha) for known_name, sha in experiments if known_name == name] or [
        (known_name, sha) for known_name, sha in experiments if is_sha and sha.startswith(name)
    ]
    if len({sha for _, sha in matches}) == 1:
        return matches[0]
    listed = matches or experiments
    raise ConfigError(
        "several experiments have this name" if matches else "no such experiment",
        where=name,
        expected="one of " + ", ".join(f"{known_name} ({sha[:7]})" for known_name, sha in listed)
        if listed
        else "an experiment; there are none yet",
        fix="give the sha" if matches else "see 'dvc exp list --all'",
    )


def read_settings(name: str, sha: str) -> dict[str, Any]:
    """Return the params.yaml that the experiment committed, validated like conf/."""
    where = f"{PARAMS} of experiment {name}"
    try:
        settings = yaml.load(git.show(sha, str(PARAMS)), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ConfigError("cannot be read", where=where, got=str(error)) from error
    if not isinstance(settings, dict):
        raise ConfigError("has no sections", where=where)
    check(settings, where)
    return settings


def rewrite(conf: Path, wanted: dict[str, Any]) -> dict[Path, list[str]]:
    """Edit the files of `conf` towards `wanted`; return the changes by path relative to `conf`."""
    costs = {group: _costs(conf, group, wanted) for group in wanted}
    changes = select(conf, costs)
    for group, options in costs.items():
        option = selected(conf).get(group)
        if option is None or not options.get(option):
            continue
        path = Path(group) / f"{option}.yaml"
        document = option_file.read(conf / path)
        reads = option_file.resolved(conf / path, group, wanted)
        before = dict(leaves(reads, group))
        after = dict(leaves(wanted[group], group))
        for key in option_file.align(document, reads, wanted[group], group):
            changes.setdefault(path, []).append(_change(key, before, after))
        files.write_text(conf / path, option_file.text_of(document))
    return changes


def _change(key: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    was, is_now = (str(side[key]) if key in side else "nothing" for side in (before, after))
    return f"{key}: changed" if was == is_now else f"{key}: {was} → {is_now}"


def _costs(conf: Path, group: str, wanted: dict[str, Any]) -> dict[str, int]:
    """Return, for each option of a group, how many leaves differ from the wanted settings."""
    costs = {}
    for path in sorted((conf / group).glob("*.yaml")):
        reads = option_file.resolved(path, group, wanted)
        if isinstance(reads, dict):
            costs[path.stem] = len(
                option_file.align(option_file.read(path), reads, wanted[group], group)
            )
    return costs


def _refuse_difference(name: str, copy: Path, wanted: dict[str, Any]) -> None:
    """Raise ConfigError naming the keys in which `copy` does not compose to the wanted settings."""
    fix = "remove the keys from conf/config.yaml and conf/problem/, which override the group"
    try:
        composed = dict(leaves(OmegaConf.to_container(compose(copy))))
    except ConfigError as error:
        raise ConfigError(
            "the experiment's settings cannot be written into conf/; nothing was changed",
            where=f"experiment {name}",
            got=str(error).replace(str(copy), str(CONF)),
            fix=fix,
        ) from error
    aims = dict(leaves(wanted))
    keys = [
        key
        for key in sorted(aims.keys() | composed.keys())
        if repr(aims.get(key, Ellipsis)) != repr(composed.get(key, Ellipsis))
    ]
    if keys:
        raise ConfigError(
            "the experiment's settings cannot be written into conf/; nothing was changed",
            where=f"experiment {name}",
            got=f"keys that still differ: {', '.join(keys)}",
            fix=fix,
        )
