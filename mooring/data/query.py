"""Accept a query only if it is deterministic: the same sources always give the same rows.

In: the text of a .sql file. Out: the text, checked to be one SELECT over the declared sources that
calls no function of the clock, randomness or the machine.
"""

import re
from collections.abc import Collection
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from mooring.data.engines.duckdb import headline
from mooring.errors import QueryError

_UNSTABLE = """
select distinct function_name from duckdb_functions()
where stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY') and function_name <> 'error'
"""
# Not in the engine's own list: keywords, macros, and one-argument age().
_KEYWORDS = frozenset(
    """current_date current_time current_timestamp localtime localtimestamp
    current_user session_user current_role current_catalog current_schema""".split()  # noqa: SIM905
)
_ALSO_UNSTABLE = _KEYWORDS | {"age", "ago", "version", "user"}
_ALSO_UNSTABLE |= {"pg_conf_load_time", "pg_postmaster_start_time"}
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


def read_query(path: Path) -> str:
    """Return the text of the query. Raises QueryError when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(
            "cannot be read", where=str(path), got=str(error), fix="run 'mooring compose'"
        ) from error
    return text.strip().rstrip(";")


def check_query(
    text: str, origin: str, sources: Collection[str], connection: duckdb.DuckDBPyConnection
) -> None:
    """Refuse anything but one deterministic SELECT over the sources.

    `origin` is the file that a person edits. Raises QueryError with the line of the file if known.
    """
    select = _one_select(text, origin)
    _refuse_unstable(text, origin, connection)
    _refuse_undeclared(select, origin, sources)


def _one_select(text: str, origin: str) -> exp.Query:
    try:
        statements = [
            statement for statement in sqlglot.parse(text, read="duckdb") if statement is not None
        ]
    except SqlglotError as error:
        facts = getattr(error, "errors", None) or [{}]
        raise refused(origin, "is not SQL", facts[0].get("line"), got=_plain(error)) from error
    kinds = [type(statement).__name__.lower() for statement in statements]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation):
        raise refused(origin, "is not a single SELECT", got=", ".join(kinds) or "no statement")
    changes = statements[0].find(exp.DML, exp.DDL, exp.Command, exp.Into)
    if changes is not None and not isinstance(changes, exp.Query):
        raise refused(origin, "is not a pure SELECT", got=changes.sql("duckdb")[:200])
    return statements[0]


def _refuse_unstable(text: str, origin: str, connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(_UNSTABLE).fetchall()
    called = _ALSO_UNSTABLE | {name for (name,) in rows}
    tokens = sqlglot.tokenize(text, read="duckdb")
    for place, token in enumerate(tokens):
        name = token.text.lower()
        if (name in called and _is_call(tokens, place)) or (
            name in _KEYWORDS and _is_keyword(tokens, place)
        ):
            raise _unrepeatable(
                origin, f"is not deterministic: {name} changes from run to run", token.line
            )


def _is_call(tokens: list[Token], place: int) -> bool:
    after = tokens[place + 1].token_type if place + 1 < len(tokens) else None
    return after is TokenType.L_PAREN and tokens[place].token_type is not TokenType.STRING


def _is_keyword(tokens: list[Token], place: int) -> bool:
    if tokens[place].token_type in (TokenType.STRING, TokenType.IDENTIFIER):
        return False
    before = tokens[place - 1].token_type if place else None
    return before not in (TokenType.DOT, TokenType.ALIAS)


def _unrepeatable(origin: str, what: str, line: int | None = None) -> QueryError:
    return refused(origin, what, line, expected="the same rows on every run")


def _refuse_undeclared(select: exp.Query, origin: str, sources: Collection[str]) -> None:
    readable = {name.lower() for name in sources}
    readable |= {cte.alias_or_name.lower() for cte in select.find_all(exp.CTE)}
    for table in select.find_all(exp.Table):
        if isinstance(table.this, exp.GenerateSeries):
            continue
        named = table.name.lower() in readable and not table.db
        if not (isinstance(table.this, exp.Identifier) and named):
            raise refused(
                origin,
                f"reads {table.sql('duckdb', comments=False)}, which conf/data does not declare",
                expected=", ".join(sorted(sources)),
            )
    if select.find(exp.TableSample):
        raise _unrepeatable(origin, "is not deterministic: a sample changes from run to run")
    for limit in select.find_all(exp.Limit, exp.Offset):
        if limit.parent is not None and not limit.parent.args.get("order"):
            raise _unrepeatable(
                origin, "is not deterministic: LIMIT without ORDER BY returns arbitrary rows"
            )


def refused(
    origin: str, what: str, line: int | None = None, *, expected: str = "", got: str = ""
) -> QueryError:
    """Return the error of a query, with the line of its file if known."""
    return QueryError(
        f"the query {what}",
        where=f"{origin}:{line}" if line else origin,
        expected=expected,
        got=got,
        fix=f"edit {origin}, then run 'dvc repro'",
    )


def failed(origin: str, error: duckdb.Error) -> QueryError:
    """Return the error of a query that DuckDB refuses, with DuckDB's message."""
    line = _LINE.search(str(error))
    return refused(origin, "fails", int(line[1]) if line else None, got=headline(error))


def _plain(error: Exception) -> str:
    return re.sub(r"\x1b\[\d*m", "", str(error)).strip()
