"""Manifests as YAML: the same values give the same bytes."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import walk_tree


def as_yaml(value: Any) -> str:
    """Return a value as YAML, with keys in their order and multi-line texts as blocks."""
    yaml = YAML()
    yaml.width = 4096  # a folded line would end in a space
    yaml.indent(mapping=2, sequence=4, offset=2)
    walk_tree(value)
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
