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


def lines(comparison: Comparison) -> Iterator[str]:
    """Yield the lines."""
    yield f"verdict: {comparison.verdict}"
    yield f"  {comparison.reason}"
    yield ""
    yield from _table(comparison)
    yield ""
    yield from _certainty(comparison)
    left_out = ", ".join(_left_out(comparison.dropped))
    if left_out:
        yield f"left out: {left_out}"
    yield f"next: {_next(comparison)}"


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


def _table(comparison: Comparison) -> Iterator[str]:
    arms = comparison.champion, comparison.challenger
    rows = {
        "": ["champion", "challenger"],
        "model": [short(arm.model) for arm in arms],
        "predictions": [count(arm.predictions) for arm in arms],
        "labelled": [count(arm.labelled) for arm in arms],
        "coverage": ["none" if arm.coverage is None else percent(arm.coverage) for arm in arms],
        comparison.metric: [number(arm.loss) for arm in arms],
    }
    if any(arm.roc_auc is not None for arm in arms):
        rows["roc_auc"] = [number(arm.roc_auc) for arm in arms]
    for name, (champion, challenger) in rows.items():
        yield f"{name:16}{champion:>14}{challenger:>14}"


def _certainty(comparison: Comparison) -> Iterator[str]:
    unit = "days" if comparison.block == "day" else "blocks of 100 rows"
    rows = "the same rows" if comparison.design == "paired" else "rows of their own"
    sure = f"{100 * (1 - comparison.alpha):.6g}%"
    better = "positive if the challenger is better"
    yield f"difference      {signed(comparison.difference)} in {comparison.metric}, {better}"
    yield f"n               {comparison.n_blocks} {unit}, both models on {rows}"
    yield f"single look     {_interval(comparison.single_look)}, {sure} if this is the only look"
    yield f"every look      {_interval(comparison.every_look)}, {sure} for any number of looks; this decides"
    if comparison.challenger_share is not None:
        evidence = "the share was not declared"
        if comparison.share_evidence is not None:
            evidence = (
                f"evidence against the declared share {number(comparison.share_evidence)}, "
                "at most 1000"
            )
        yield f"share of keys   {percent(comparison.challenger_share)} to the challenger; {evidence}"


def _interval(bounds: tuple[float, float] | None) -> str:
    return "undefined" if bounds is None else f"{signed(bounds[0])} to {signed(bounds[1])}"


def _next(comparison: Comparison) -> str:
    if comparison.verdict != "cannot_tell":
        return NEXT[comparison.verdict]
    unit = "days" if comparison.block == "day" else "blocks"
    if comparison.n_blocks < comparison.min_blocks:
        return f"run it again when {comparison.min_blocks} {unit} have labels"
    if (
        comparison.every_look is not None
        and not comparison.every_look[0] <= 0 <= comparison.every_look[1]
    ):
        return "find out why the challenger's share of keys differs from the declared one"
    if comparison.blocks_needed is None:
        return "stop if a difference this small does not matter: more labels will hardly show it"
    needed = max(comparison.blocks_needed, comparison.n_blocks + 1)
    return f"run it again tomorrow; about {needed} {unit} in all, if the difference stays"
