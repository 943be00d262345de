"""The rules of conf/data as types that msgspec checks while it decodes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, MsgspecError

from mooring.bento.request import MAX_KEY_LENGTH
from mooring.config.data import Column, NumberColumn

UNREADABLE = (MsgspecError, RecursionError, UnicodeDecodeError)
"""What msgspec raises for any body that is not of its type."""


def column_type(column: Column, nullable: bool) -> Any:
    """Return the type of one value of an input column."""
    if isinstance(column, NumberColumn):
        of: Any = Annotated[float, Meta(ge=column.min, le=column.max)]
    elif column.categories is not None:
        of = Literal[column.categories]
    else:
        of = Annotated[str, Meta(min_length=1, max_length=column.max_length)]
    return of | None if nullable else of


def plain_type(column: Column, nullable: bool) -> Any:
    """Return the type of one value of an input column, whose rules are checked for the whole column."""
    of: Any = float if isinstance(column, NumberColumn) else str
    return of | None if nullable else of


def key_type() -> Any:
    """Return the type of a row's key."""
    return Annotated[str, Meta(min_length=1, max_length=MAX_KEY_LENGTH)]


def time_type() -> Any:
    """Return the type of a row's time: an instant with its offset."""
    return Annotated[datetime, Meta(tz=True)]
