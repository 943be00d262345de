"""Compose conf/ into params.yaml, check every value, and list the differences between the two.

`dvc repro` does not compose Hydra configs (`dvc exp run` does), so a stage of the graph calls this.
The only module that imports Hydra.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from mooring import files
from mooring.composition.consistency import check_consistency
from mooring.config.data import Data
from mooring.config.load import read_params
from mooring.config.project import Project
from mooring.config.section import PARAMS
from mooring.errors import ComposeError, ConfigError
from mooring.graph.requirements import locked, providers

CONF = Path("conf")
QUERY = Path("data/query.sql")
PACKAGES = Path("data/packages.json")
KEY = re.compile(r"\$\{[\w.\[\]]+\}")
"""An interpolation of another key, the only kind that conf/ may hold."""


def compose(conf: Path = CONF, overrides: Sequence[str] = ()) -> DictConfig:
    """Return the config that conf/ composes to, resolved and checked.

    Raises ComposeError when Hydra fails, ConfigError when a value is wrong.
    """
    try:
        # DVC composes with the same arguments, so both write the same bytes.
        with initialize_config_dir(str(conf.resolve()), version_base=None):
            composed = hydra_compose(config_name="config", overrides=list(overrides))
        refuse_environment(composed)
        OmegaConf.resolve(composed)
        OmegaConf.to_container(composed, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise ComposeError(
            "does not compose",
            where=f"{conf}/",
            got=str(error),
            fix=f"correct the file in {conf}/",
        ) from error
    check(OmegaConf.to_container(composed), f"{conf}/")
    checked: DictConfig = composed
    return checked


def refuse_environment(composed: DictConfig) -> None:
    """Raise ComposeError if an environment variable would be written into params.yaml."""
    plain = OmegaConf.to_container(composed, resolve=False)
    for key, value in leaves(plain):
        if "${" in KEY.sub("", str(value)):
            raise ComposeError(
                f"{key} reads an environment variable or calls a resolver",
                where=f"{CONF}/",
                expected="a plain value or ${another.key}, since params.yaml is committed and must "
                "not contain secrets",
                got=str(value),
                fix="put the variable's name in a key that ends in _env; the code reads it from there",
            )


def check(values: Any, where: Path | str = PARAMS) -> Project:
    """Return all sections, each checked on its own and against the others."""
    unknown = sorted(set(values) - set(Project.model_fields))
    if unknown:
        raise ConfigError(
            f"unknown section {', '.join(unknown)}",
            where=str(where),
            expected=f"one of {', '.join(Project.model_fields)}",
            fix="correct conf/config.yaml, then run 'mooring compose'",
        )
    for name, field in Project.model_fields.items():
        if name not in values:
            raise ConfigError(
                f"section {name} is missing",
                where=str(where),
                fix=f"add '- {name}: …' to the defaults of conf/config.yaml or conf/problem/",
            )
        assert field.annotation is not None
        field.annotation.parse(name, values[name], where)
    project = Project.parse("params", values, where)
    check_consistency(project)
    return project


def write(conf: Path = CONF, params: Path = PARAMS) -> None:
    """Write params.yaml, and the query and the versions of the packages that it names.

    During `dvc exp run` params.yaml holds the experiment's overrides: it is checked, not rewritten.
    """
    composed = compose(conf)  # refuses an environment variable, which DVC would resolve
    experiment = bool(os.environ.get("DVC_EXP_NAME"))
    project = check(read_params(params) if experiment else OmegaConf.to_container(composed), params)
    query, packages = read_query(Path(project.data.query)), source_packages(project.data)
    text = OmegaConf.to_yaml(composed)
    if not experiment and not (params.exists() and params.read_text(encoding="utf-8") == text):
        files.write_text(params, text)
    files.write_text(QUERY, query)
    files.write_json(PACKAGES, packages)


def source_packages(data: Data) -> dict[str, str]:
    """Return the locked version of each package that sources lie in: ingest depends on them.

    Raises ConfigError when one is not pinned.
    """
    packages = {each.package for each in data.sources.values() if each.kind == "package"}
    return providers(packages, locked().get)


def read_query(path: Path) -> str:
    """Return the SELECT that conf/data names. Raises ConfigError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"data.query = {path}",
            where=str(CONF / "data"),
            expected="a readable .sql file in UTF-8",
            got=str(error),
            fix="write the SELECT there, or correct data.query",
        ) from error


def differences(conf: Path = CONF, params: Path = PARAMS) -> list[str]:
    """Return one line for each key in which params.yaml differs from conf/."""
    composed = compose(conf)
    read_query(Path(composed.data.query))
    wanted = dict(leaves(OmegaConf.to_container(composed)))
    written = dict(leaves(read_params(params)))
    lines = []
    for key in sorted(wanted.keys() | written.keys()):
        has, gives = (repr(side[key]) if key in side else "nothing" for side in (written, wanted))
        if has != gives:
            lines.append(f"{key}: params.yaml has {has}, conf/ composes to {gives}")
    return lines


def leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of nested mappings as dotted key and value; a list and {} count as leaves."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value
