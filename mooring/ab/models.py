"""Which of the models in a log is the champion, and which the challenger.

In: the digests in the log, what the caller named, and what production's release pins. Out: both digests.
"""

from collections.abc import Collection

from mooring.errors import DataError
from mooring.files import short

FIX = "name them with --champion DIGEST and --challenger DIGEST; the first digits are enough"


def pick(
    digests: Collection[str],
    champion: str | None,
    challenger: str | None,
    released: Collection[str],
) -> tuple[str, str]:
    """Return the digests of champion and challenger; names may be prefixes.

    A model that is not named is inferred if the log holds two models: the champion is the one among
    the `released`. Raises DataError if a name matches no model or several, or the roles are unclear.
    """
    first = _named(digests, champion, "champion")
    second = _named(digests, challenger, "challenger")
    if len(set(digests)) == 2 and not (first and second):
        first = first or _other(digests, second) or _only(set(digests) & set(released))
        second = second or _other(digests, first)
    if first is None or second is None:
        raise DataError(
            "it is unclear which model is the champion and which the challenger",
            where="the prediction log",
            expected="two models, one of which production's release pins",
            got=f"{len(set(digests))} models: {_listed(digests)}; released: {_listed(released)}",
            fix=FIX,
        )
    if first == second:
        raise DataError("champion and challenger are the same model", got=first, fix=FIX)
    return first, second


def _named(digests: Collection[str], name: str | None, role: str) -> str | None:
    if name is None:
        return None
    matching = sorted({digest for digest in digests if digest.startswith(name)})
    if len(matching) != 1:
        raise DataError(
            f"--{role} {name} matches {len(matching)} models of the log, not one",
            where="the prediction log",
            expected=f"the first digits of one of {_listed(digests)}",
            fix="give more digits, or read another part of the log",
        )
    return matching[0]


def _other(digests: Collection[str], one: str | None) -> str | None:
    return _only(set(digests) - {one}) if one else None


def _only(digests: Collection[str]) -> str | None:
    return next(iter(digests)) if len(digests) == 1 else None


def _listed(digests: Collection[str]) -> str:
    names = sorted(set(digests))
    shown = ", ".join(short(name) for name in names[:10])
    return shown + (f" and {len(names) - 10} more" if len(names) > 10 else "") or "none"
