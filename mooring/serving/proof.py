"""Prove that a model is the one that was released, before it scores."""

from pathlib import Path

from mooring.bento.compiled import Scorer
from mooring.errors import IntegrityError

FIX = "use the libraries of the bento's own lock, or build the bento again with 'dvc repro'"


def proved(directory: Path, digest: str, atol: float) -> Scorer:
    """Return the model of a directory, if it has that digest and replays its golden rows.

    Raises IntegrityError if it is another model, or scores beyond `atol` from the fitted model.
    """
    scorer = Scorer.load(directory, n_threads=1)
    if scorer.spec.model_sha256 != digest:
        raise IntegrityError(
            "names another model than the release",
            where=str(directory / "spec.json"),
            expected=f"sha256 {digest}",
            got=f"sha256 {scorer.spec.model_sha256}",
            fix=FIX,
        )
    difference = scorer.golden_difference()
    if not difference <= atol:
        raise IntegrityError(
            "does not replay the golden rows",
            where=str(directory / "model.onnx"),
            expected=f"scores within {atol:g} of the fitted model's",
            got=f"a difference of {difference:.3g}",
            fix=FIX,
        )
    return scorer
