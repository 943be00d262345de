"""The text of an A/B comparison: a table, the intervals for one look and for all, and the next step.

In: a `Comparison`. Out: lines of text.
"""

from collections.abc import Iterator

from mooring.ab.joining import Dropped
from mooring.ab.verdict import Comparison
from mooring.files import short
from mooring.reports.kit.wording import count, number, percent, signed

NEXT = {
    "merge": "merge the challenger's pull request; no more data is needed",
    "do_not_merge": "close the challenger's pull request and stop routing keys to it",
}


def lines(found: Comparison) -> Iterator[str]:
    """Yield the lines."""
    yield f"verdict: {found.verdict}"
    yield f"  {found.reason}"
    yield ""
    yield from _table(found)
    yield ""
    yield from _certainty(found)
    left_out = ", ".join(_left_out(found.dropped))
    if left_out:
        yield f"left out: {left_out}"
    yield f"next: {_next(found)}"


def _left_out(dropped: Dropped) -> Iterator[str]:
    counts = {
        "predictions of other models": dropped.other_models,
        "predictions without a key": dropped.without_key,
        "predictions that do not fit the split": dropped.unpaired,
        "repeated predictions of a key": dropped.repeats,
        "keys that both models answered": dropped.crossed_keys,
        "keys with contradictory labels": dropped.contradictory_keys,
    }
    return (f"{count(n)} {what}" for what, n in counts.items() if n)


def _table(found: Comparison) -> Iterator[str]:
    arms = found.champion, found.challenger
    rows = {
        "": ["champion", "challenger"],
        "model": [short(arm.model) for arm in arms],
        "predictions": [count(arm.predictions) for arm in arms],
        "labelled": [count(arm.labelled) for arm in arms],
        "coverage": ["none" if arm.coverage is None else percent(arm.coverage) for arm in arms],
        found.metric: [number(arm.loss) for arm in arms],
    }
    if any(arm.roc_auc is not None for arm in arms):
        rows["roc_auc"] = [number(arm.roc_auc) for arm in arms]
    for name, (champion, challenger) in rows.items():
        yield f"{name:16}{champion:>14}{challenger:>14}"


def _certainty(found: Comparison) -> Iterator[str]:
    unit = "days" if found.block == "day" else "blocks of 100 rows"
    rows = "the same rows" if found.design == "paired" else "rows of their own"
    sure = f"{100 * (1 - found.alpha):.6g}%"
    better = "positive if the challenger is better"
    yield f"difference      {signed(found.difference)} in {found.metric}, {better}"
    yield f"n               {found.n_blocks} {unit}, both models on {rows}"
    yield f"single look     {_interval(found.single_look)}, {sure} if this is the only look"
    yield f"every look      {_interval(found.every_look)}, {sure} for any number of looks; this decides"
    if found.challenger_share is not None:
        told = "the share was not declared"
        if found.share_evidence is not None:
            told = (
                f"evidence against the declared share {number(found.share_evidence)}, at most 1000"
            )
        yield f"share of keys   {percent(found.challenger_share)} to the challenger; {told}"


def _interval(bounds: tuple[float, float] | None) -> str:
    return "undefined" if bounds is None else f"{signed(bounds[0])} to {signed(bounds[1])}"


def _next(found: Comparison) -> str:
    if found.verdict != "cannot_tell":
        return NEXT[found.verdict]
    unit = "days" if found.block == "day" else "blocks"
    if found.n_blocks < found.min_blocks:
        return f"run it again when {found.min_blocks} {unit} have labels"
    if found.every_look is not None and not found.every_look[0] <= 0 <= found.every_look[1]:
        return "find out why the challenger's share of keys differs from the declared one"
    if found.blocks_needed is None:
        return "stop if a difference this small does not matter: more labels will hardly show it"
    needed = max(found.blocks_needed, found.n_blocks + 1)
    return f"run it again tomorrow; about {needed} {unit} in all, if the difference stays"
