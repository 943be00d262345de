"""Manifests as text: the same values give the same bytes."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import walk_tree


def as_yaml(value: Any) -> str:
    """Return a value as YAML, with its keys in their order; a text of several lines stays so."""
    yaml = YAML()
    yaml.width = 4096  # a folded line would end in a blank
    yaml.indent(mapping=2, sequence=4, offset=2)
    walk_tree(value)
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
