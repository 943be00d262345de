"""The digest of a module: what it says changes it; how that is written, and comments, do not."""

import ast
import io
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mooring.graph.syntax import is_text, sha256_syntax
from tests.support.project import ROOT

MODULES = sorted(
    path for room in ("mooring", "stages", "bentos") for path in (ROOT / room).rglob("*.py")
)
SOME = MODULES[::9]
LAWS = settings(max_examples=60, derandomize=True)


def digest(source: str) -> str:
    return sha256_syntax(source.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1  # one", "# two\nx = 1\n\n"),
        ("x = ('a' 'b')", 'x = "ab"'),
        ("x = u'a'", "x = 'a'"),
        ("f(a,\n  b,)", "f(a, b)"),
        ("x = 0x10", "x = 16"),
        ("x: int  # type: ignore", "x: int"),
        ('"""A module."""\nx = 1', "x = 1"),
        ('"""A module."""', ""),
        ('def f():\n    """Do."""\n    return 1', "def f():\n    return 1"),
        ('class C:\n    """It."""\n    x: int\n    """Of x."""', "class C:\n    x: int"),
        ('async def f():\n    """Do."""\n    await g()', "async def f(): await g()"),
        ("x = 1\r\n", "x = 1\n"),
        ("\ufeffx = 1", "x = 1"),
    ],
)
def test_what_python_does_not_run_is_left_out(one, other):
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = True"),
        ("x = 1", "x = 1.0"),
        ("x = 0.0", "x = -0.0"),
        ("x = 'a'", "x = b'a'"),
        ("x = 'None'", "x = None"),
        ("x = '[]'", "x = []"),
        ("x = None", "x"),
        ("x", "y"),
        ("a < b", "a <= b"),
        ("f(a, b)", "f(b, a)"),
        ("f(a=b)", "f(b=b)"),
        ("{**a, b: c}", "{a: c, **b}"),
        ("import a", "from a import a"),
        ("from .a import b", "from ..a import b"),
        ("def f(a, b=1): 0", "def f(a=1, b=1): 0"),
        ("def f(*, a, b=1): 0", "def f(*, a=1, b): 0"),
        ("x: int", "x: float"),
        ("f'{x}'", "f'{x!r}'"),
        ("f'{x:>2}'", "f'{x:>3}'"),
        ("if a:\n    b\nc", "if a:\n    b\n    c"),
        ("x = 'a docstring no more'", "'a docstring no more'"),
        ("def f():\n    return '''text'''", "def f():\n    '''text'''"),
    ],
)
def test_what_python_runs_is_in_it(one, other):
    assert digest(one) != digest(other)


def test_the_form_is_the_same_for_every_python():
    """Python 3.12 gives a tree more fields, and 3.13 prints fewer of them."""
    source = (
        "import a.b as c\nfrom d import *\n@e\nasync def f(g: h = 1, /, *i, j, k=None, **l) -> m:\n"
        "    async with n as o, p: yield [q async for r in s if t]\n"
        "class u(v, metaclass=w): x: y = {**z, 1: -2.5j, 'é\\n': b'\\xff'}\n"
        "try: pass\nexcept (A, B) as C: raise D from E\nelse: del F[1:2, ...]\nfinally: global G\n"
        "match H:\n    case I(J=1) | {'K': L, **M} if N: O = f'{P!r:>{Q}}R' 'S' f'''{T['U']}'''\n"
        "V = lambda W, *X: (Y := 1) if not W <= 2 else 'Z'"
    )
    assert digest(source) == "9a8679f28d76485115ddd1f628b6fde240ba224ce109f35b0248d7ab46edb0e1"


def test_a_formatter_with_another_style_changes_no_digest(tmp_path):
    copies = [tmp_path / path.relative_to(ROOT) for path in MODULES]
    for path, copy in zip(MODULES, copies, strict=True):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    style = ["--line-length", "60", "--config", "format.quote-style='single'"]
    ruff = [str(Path(sys.executable).parent / "ruff"), "format", "--quiet", "--isolated", *style]
    subprocess.run([*ruff, str(tmp_path)], check=True)
    changed = [
        (sha256_syntax(path.read_bytes()), sha256_syntax(copy.read_bytes()))
        for path, copy in zip(MODULES, copies, strict=True)
        if path.read_bytes() != copy.read_bytes()
    ]
    assert len(changed) > 100
    assert all(before == after for before, after in changed)


@pytest.mark.parametrize("path", SOME, ids=lambda path: str(path.relative_to(ROOT)))
def test_comments_and_docstrings_change_no_digest(path):
    source = path.read_text()
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NEWLINE:  # the end of a statement, never inside a text
            lines[token.end[0] - 1] = f"{lines[token.end[0] - 1].rstrip()}  # changed\n"
    assert digest("".join(lines)) == digest(source)
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(body, list) and not all(map(is_text, body)):
                body[:] = [each for each in body if not is_text(each)]
                body.insert(0, ast.Expr(ast.Constant("another")))
                body.append(ast.Expr(ast.Constant("and one more")))
    assert digest(ast.unparse(tree)) == digest(source)


def edits(tree: ast.Module) -> list[tuple[ast.AST, str, object]]:
    """Return (node, field, another value) for each place at which one edit changes what is run."""
    texts = {id(node.value) for node in ast.walk(tree) if is_text(node)}
    found: list[tuple[ast.AST, str, object]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=value) if id(node) not in texts:
                found.append((node, "value", [value] if value is None else f"{value}x"))
            case ast.Name(id=name):
                found.append((node, "id", f"{name}_"))
            case ast.Attribute(attr=name):
                found.append((node, "attr", f"{name}_"))
            case ast.arg(arg=name):
                found.append((node, "arg", f"{name}_"))
            case ast.alias(name=name):
                found.append((node, "name", f"{name}_"))
            case ast.Compare(ops=[op, *rest]):
                found.append(
                    (node, "ops", [ast.Is() if isinstance(op, ast.Eq) else ast.Eq(), *rest])
                )
            case ast.Call(args=args) if args:
                found.append((node, "args", args[1:]))
            case ast.If(test=test):
                found.append((node, "test", ast.UnaryOp(ast.Not(), test)))
            case ast.FunctionDef(body=[*some, last]) if some and not isinstance(last, ast.Pass):
                found.append((node, "body", [*some, ast.Pass()]))
    return found


@LAWS
@given(path=st.sampled_from(MODULES), data=st.data())
def test_any_edit_of_what_is_run_changes_it(path, data):
    source = path.read_bytes()
    tree = ast.parse(source)
    places = edits(tree)
    if not places:
        return
    node, field, value = data.draw(st.sampled_from(range(len(places))).map(places.__getitem__))
    setattr(node, field, value)
    edited = ast.unparse(ast.fix_missing_locations(tree))
    assert digest(edited) != sha256_syntax(source)
