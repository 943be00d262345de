"""Edit one file of conf/ in place: change values, keep comments, order and quoting.

In: a YAML file of conf/ and the wanted values. Out: the file's text with those values.
"""

import io
import json
from pathlib import Path
from typing import Any, cast

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, ScalarString

from mooring.composition.compose import leaves
from mooring.errors import ConfigError

ABSENT = object()
NULL = "tag:yaml.org,2002:null"


class _DatesAreText(VersionedResolver):
    """Read an unquoted date as text, as Hydra does, so that it stays unquoted."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        tag = super().resolve(kind, value, implicit)
        return self.DEFAULT_SCALAR_TAG if str(tag).endswith(":timestamp") else tag


class _PaddedBraces(Emitter):
    """Write `{ a: 1 }` with spaces, in the style of conf/."""

    def write_indicator(
        self, indicator: Any, need_whitespace: Any, whitespace: Any = False, indention: Any = False
    ) -> None:
        closing = "}" if self.whitespace else " }"
        padded = {"{": "{ ", "}": closing}.get(indicator, indicator)
        super().write_indicator(padded, need_whitespace, whitespace, indention)


def read(path: Path) -> CommentedMap:
    """Return the file with its comments. Raises ConfigError when it is not a YAML mapping."""
    try:
        document = _yaml().load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError) as error:
        raise ConfigError("cannot be read", where=str(path), got=str(error)) from error
    if not isinstance(document, CommentedMap):
        raise ConfigError("is not a YAML mapping", where=str(path), got=type(document).__name__)
    return document


def text_of(document: CommentedMap) -> str:
    """Return the document as text."""
    stream = io.StringIO()
    _yaml().dump(document, stream)
    return stream.getvalue()


def resolved(path: Path, section: str, settings: dict[str, Any]) -> Any:
    """Return the values of the option file for `section`, given the other sections of `settings`.

    None when an interpolation cannot be resolved.
    """
    content = OmegaConf.to_container(_content(path))
    if "${" not in json.dumps(content):
        return content
    try:
        root = OmegaConf.create({**settings, section: content})
        return OmegaConf.to_container(root, resolve=True)[section]  # type: ignore[index,call-overload]
    except OmegaConfBaseException:
        return None


def align(node: Any, reads: Any, wanted: Any, key: str) -> list[str]:
    """Change `node`, whose current value is `reads`, to `wanted`; return the changed leaves.

    A leaf that already has the wanted value stays as written, including interpolations.
    """
    changed: list[str] = []
    for name in [name for name in reads if name not in wanted]:
        changed += [leaf for leaf, _ in leaves(reads[name], f"{key}.{name}")]
        node.pop(name, None)
    for name, value in wanted.items():
        changed += _settle(node, name, reads.get(name, ABSENT), value, f"{key}.{name}")
    return changed


def _settle(node: Any, name: Any, reads: Any, wanted: Any, key: str) -> list[str]:
    if _same(reads, wanted):
        return []
    if isinstance(reads, dict) and isinstance(wanted, dict) and wanted:
        below = node.get(name, ABSENT) if isinstance(node, dict) else node[name]
        if below is ABSENT:  # inherited from another option: write only the differences here
            node[name] = below = CommentedMap()
        if isinstance(below, dict):
            return align(below, reads, wanted, key)
    if isinstance(reads, list) and isinstance(wanted, list) and len(reads) == len(wanted):
        below = node.get(name, ABSENT) if isinstance(node, dict) else node[name]
        if isinstance(below, list):
            pairs = enumerate(zip(reads, wanted, strict=True))
            return [leaf for i, (a, b) in pairs for leaf in _settle(below, i, a, b, f"{key}[{i}]")]
    like = node.get(name) if isinstance(node, dict) else node[name]
    node[name] = _written(wanted, like)
    return [leaf for leaf, _ in leaves(wanted, key)]


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are the same YAML: 1, 1.0 and true differ."""
    return one is not ABSENT and json.dumps(one, sort_keys=True) == json.dumps(
        other, sort_keys=True
    )


def _written(value: Any, like: Any) -> Any:
    """Return `value` in the style of `like`, the old value."""
    if isinstance(value, str):
        # ruamel keeps the quotes of the old value.
        plain = isinstance(like, ScalarString) or _reads_as_text(value)
        return value if plain else DoubleQuotedScalarString(value)
    if isinstance(value, list):
        sequence = CommentedSeq(_written(item, None) for item in value)
        if any(isinstance(item, dict | list) for item in value):
            return sequence
        if not isinstance(like, CommentedSeq) or like.fa.flow_style():
            sequence.fa.set_flow_style()
        return sequence
    if isinstance(value, dict):
        return CommentedMap((name, _written(item, None)) for name, item in value.items())
    return value


def _reads_as_text(value: str) -> bool:
    """Return whether Hydra reads an unquoted `value` as text, which it does not for `on` or `1e3`."""
    try:
        return bool(OmegaConf.to_container(OmegaConf.create(f"x: {value}")) == {"x": value})
    except (OmegaConfBaseException, ValueError, AttributeError, yaml.YAMLError):
        return False


def _content(path: Path) -> DictConfig:
    """Return the option merged with the options of its group that its defaults list inherits."""
    option = cast(DictConfig, OmegaConf.load(path))
    merged = DictConfig({})
    for entry in option.pop("defaults", []):
        if isinstance(entry, str) and entry != "_self_":
            merged.merge_with(_content(path.with_name(f"{entry}.yaml")))
    merged.merge_with(option)
    return merged


def _yaml() -> YAML:
    round_trip = YAML()
    round_trip.Resolver, round_trip.Emitter = _DatesAreText, _PaddedBraces
    round_trip.preserve_quotes, round_trip.width = True, 4096
    round_trip.indent(mapping=2, sequence=4, offset=2)
    round_trip.representer.add_representer(
        type(None), lambda representer, _: representer.represent_scalar(NULL, "null")
    )
    return round_trip
