"""Hash the meaning of Python source: comments, docstrings and formatting are not in the digest.

In: source bytes. Out: one sha256 of the syntax tree, the same for every Python that Mooring runs on.
"""

import ast
from functools import cache
from typing import Any

from mooring.files import sha256_bytes

UNSAID = {"ctx", "kind", "type_comment"}
"""Fields that follow from the rest of the tree, or have no meaning when the code runs."""


@cache
def sha256_syntax(source: bytes) -> str:
    """Return one sha256 of the syntax tree. Raises SyntaxError."""
    return sha256_bytes(_form(ast.parse(source)).encode())


def _form(node: Any) -> str:
    """Return a tree as text. ast.dump would do, but its text depends on Python's version."""
    if isinstance(node, ast.Constant):
        return ascii(node.value)
    if isinstance(node, ast.AST):
        fields = {
            name: _form(value)
            for name, value in ast.iter_fields(node)
            if name not in UNSAID and value is not None
        }
        said = ",".join(f"{name}={form}" for name, form in fields.items() if form != "[]")
        return f"{type(node).__name__}({said})"
    if isinstance(node, list):
        return f"[{','.join(_form(item) for item in node if not is_text(item))}]"
    return ascii(node)


def is_text(node: Any) -> bool:
    """Whether a statement is only a text: the docstring of a module, class, function or attribute."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
