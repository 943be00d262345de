"""Which model scores which row: this commit's alone, or it and the champion together."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mooring.bento.compiled import ArrangedScorer, Scorer
from mooring.config.serving import Comparison, Split
from mooring.serving.reading.parsed import ParsedColumns, ParsedRows, RowLayout
from mooring.serving.scored import Asked, Scored


class Routing:
    """The models of a release. The first answers unless a split says otherwise."""

    def __init__(
        self, layout: RowLayout, challenger: Scorer, champion: Scorer | None, how: Comparison | None
    ) -> None:
        first = challenger if champion is None else champion
        models = [first] if champion is None else [champion, challenger]
        self._models = [model.arranged(layout.numbers, layout.categories) for model in models]
        self.digests = [model.spec.model_sha256 for model in models]
        split = isinstance(how, Split) and champion is not None
        self._share = how.challenger_share if split and isinstance(how, Split) else 0.0
        self._salt = bytes.fromhex(challenger.spec.model_sha256)[:16]
        self.shadow = challenger if champion is not None and not split else None
        """Scores the same rows off the request path; its scores are never returned."""

    def score(self, parsed: ParsedRows | ParsedColumns, asked: Sequence[Asked]) -> Scored:
        """Return the scores of rows that came with these requests, in their order."""
        if not self._share:
            return Scored(_scores(self._models[0], parsed), None)
        names = np.array([self._is_challengers(name) for name in _names(parsed, asked)], dtype=bool)
        scores = np.empty(parsed.n_rows)
        for model, mask in zip(self._models, (~names, names), strict=True):
            where = np.flatnonzero(mask)
            if len(where):
                scores[where] = _scores(model, parsed.rows(where))
        return Scored(scores, names.astype(np.int8))

    def _is_challengers(self, name: str) -> bool:
        digest = hashlib.blake2b(name.encode(), digest_size=8, salt=self._salt).digest()
        return int.from_bytes(digest, "big") < self._share * 2**64


def _scores(model: ArrangedScorer, parsed: ParsedRows | ParsedColumns) -> NDArray[np.float64]:
    if isinstance(parsed, ParsedRows):
        return model.score_few(parsed.of)
    return model.score(parsed.numbers, parsed.categories)


def _names(parsed: ParsedRows | ParsedColumns, asked: Iterable[Asked]) -> Iterable[str]:
    """Return the names that decide the split: a row's key, or its request's id if it has none."""
    ids = (request_id for request_id, n_rows in asked for _ in range(n_rows))
    return [
        request_id if key is None else key for key, request_id in zip(parsed.keys, ids, strict=True)
    ]
