"""Save the fitted pipeline with skops, which loads only trusted types, in reproducible bytes.

skops names the files inside its archive after memory addresses and adds the current time, so that two
dumps of one object differ. Here ids are renumbered in order of appearance and dates are fixed.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import skops.io
from sklearn.pipeline import Pipeline

from mooring.errors import ModelError

TRUSTED = ("numpy.dtype", "sklearn.")
"""Prefixes of the types that are loaded, besides those that skops itself trusts."""
EPOCH = (1980, 1, 1, 0, 0, 0)
SCHEMA = "schema.json"


def dump_pipeline(pipeline: Pipeline) -> bytes:
    """Return the fitted pipeline as bytes. Raises ModelError if it could not be loaded again."""
    dump = repeatable(skops.io.dumps(pipeline))
    trusted_types(dump, "conf/model")
    return dump


def load_pipeline(path: Path | str) -> Pipeline:
    """Load a fitted pipeline. Raises ModelError for an untrusted type."""
    dump = Path(path).read_bytes()
    pipeline: Pipeline = skops.io.loads(dump, trusted=trusted_types(dump, str(path)))
    return pipeline


def trusted_types(dump: bytes, where: str) -> list[str]:
    """Return the types in a dump that skops does not trust. Raises ModelError for one not in TRUSTED."""
    asked = skops.io.get_untrusted_types(data=dump)
    unknown = sorted(name for name in asked if not name.startswith(TRUSTED))
    if unknown:
        raise ModelError(
            "contains untrusted types",
            where=where,
            expected="types of scikit-learn and numpy only",
            got=", ".join(unknown),
            fix="choose another estimator in conf/model",
        )
    return list(asked)


def repeatable(dump: bytes) -> bytes:
    """Return a skops archive whose bytes depend only on the object."""
    archive = zipfile.ZipFile(io.BytesIO(dump))
    schema = json.loads(archive.read(SCHEMA))
    names = set(archive.namelist()) - {SCHEMA}
    renamed: dict[str, str] = {}
    _renumber(schema, names, {}, renamed)
    content = {renamed.get(name, name): archive.read(name) for name in names}
    content[SCHEMA] = json.dumps(schema, indent=1).encode()
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr, entry.create_system = 0o600 << 16, 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, content[name])
    return output.getvalue()


def _renumber(node: Any, names: set[str], ids: dict[int, int], renamed: dict[str, str]) -> None:
    if isinstance(node, list):
        for item in node:
            _renumber(item, names, ids, renamed)
    elif isinstance(node, dict):
        if "__id__" in node:
            node["__id__"] = ids.setdefault(node["__id__"], len(ids) + 1)
        file = node.get("file")
        if isinstance(file, str) and file in names:
            node["file"] = renamed.setdefault(file, f"{len(renamed) + 1:06d}{Path(file).suffix}")
        for item in node.values():
            _renumber(item, names, ids, renamed)
