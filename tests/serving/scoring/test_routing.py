"""Two models beside each other: who answers, who only watches, and what is counted."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mooring.config.serving import Shadow, Split
from mooring.features.texts import text_column
from mooring.serving.reading.parsed import ParsedColumns, ParsedRows, RowLayout
from mooring.serving.scoring.routing import Routing
from tests.serving.reading.test_rows import schema

LAYOUT = RowLayout(schema())


class Constant:
    """A model that gives every row one score; its digest is of that letter."""

    def __init__(self, letter: str, score: float) -> None:
        self.spec = SimpleNamespace(model_sha256=letter * 64)
        self._score = score

    def arranged(self, numbers: Sequence[str], categories: Sequence[str]) -> Any:
        return SimpleNamespace(
            score=lambda numbers, texts: np.full(numbers.shape[1], self._score),
            score_few=lambda lines: np.full(len(lines), self._score),
        )


def routing(how: Any, challenger: str = "a") -> Any:
    models: Any = Constant(challenger, 0.1), Constant("c", 0.9)
    return Routing(LAYOUT, models[0], models[1] if how else None, how)


def columns(keys: Sequence[str | None]) -> ParsedColumns:
    n_rows = len(keys)
    texts = [text_column([""] * n_rows) for _ in LAYOUT.categories]
    return ParsedColumns(np.zeros((len(LAYOUT.numbers), n_rows)), texts, keys, [None] * n_rows)


KEYS = [f"flight-{number}" for number in range(4000)]


def challengers(share: float, challenger: str = "a") -> set[str]:
    how = Split(mode="split", challenger_share=share)
    scored = routing(how, challenger).score(columns(KEYS), [("r", len(KEYS))])
    assert set(np.unique(scored.scores)) == {0.1, 0.9}
    assert ((scored.scores == 0.1) == (scored.by == 1)).all()
    return {key for key, by in zip(KEYS, scored.by, strict=True) if by}


def test_alone_this_commits_model_answers() -> None:
    alone = routing(None)
    scored = alone.score(columns(KEYS[:2]), [("r", 2)])
    assert (scored.scores.tolist(), scored.by, alone.shadow) == ([0.1, 0.1], None, None)
    assert alone.digests == ["a" * 64]


def test_a_split_gives_the_challenger_its_share_of_keys() -> None:
    share = len(challengers(0.1)) / len(KEYS)
    assert abs(share - 0.1) < 4 * (0.1 * 0.9 / len(KEYS)) ** 0.5


def test_a_key_stays_with_its_model_and_a_larger_share_keeps_the_keys_of_a_smaller() -> None:
    assert challengers(0.1) == challengers(0.1)
    assert challengers(0.1) < challengers(0.5)


def test_a_few_rows_go_where_many_go() -> None:
    split = routing(Split(mode="split", challenger_share=0.5))
    asked = [("r", len(KEYS))]
    width = len(LAYOUT.names)
    few = ParsedRows(LAYOUT, [(*[None] * width, key, None) for key in KEYS])
    found, expected = split.score(few, asked), split.score(columns(KEYS), asked)
    assert found.by.tolist() == expected.by.tolist()
    assert found.scores.tolist() == expected.scores.tolist()


def test_another_challenger_gets_other_keys() -> None:
    both = challengers(0.5) & challengers(0.5, "b")
    assert 0.2 < len(both) / len(KEYS) < 0.3


def test_rows_without_a_key_go_by_their_request() -> None:
    split = routing(Split(mode="split", challenger_share=0.5))
    asked = [(f"request-{number}", 3) for number in range(50)]
    scored = split.score(columns([None] * 150), asked)
    by_request = scored.by.reshape(50, 3)
    assert (by_request == by_request[:, :1]).all()
    assert 0 < by_request[:, 0].sum() < 50
    assert split.shadow is None


def test_a_shadow_never_answers() -> None:
    shadowed = routing(Shadow(mode="shadow"))
    scored = shadowed.score(columns(KEYS[:3]), [("r", 3)])
    assert (scored.scores.tolist(), scored.by) == ([0.9] * 3, None)
    assert shadowed.shadow.spec.model_sha256 == "a" * 64
    assert shadowed.digests == ["c" * 64, "a" * 64]


@pytest.mark.parametrize(("start", "end"), [(0, 2), (2, 3)])
def test_a_part_of_the_scores_keeps_who_gave_them(start: int, end: int) -> None:
    scored = routing(Split(mode="split", challenger_share=0.5)).score(columns(KEYS[:3]), [("r", 3)])
    part = scored.part(start, end)
    assert part.scores.tolist() == scored.scores.tolist()[start:end]
    assert part.by.tolist() == scored.by.tolist()[start:end]
