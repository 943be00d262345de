"""Which model a reference belongs to, so that no model is judged by another's reference.

In: a directory such as models/, which holds a reference, the bento.json that names its model, and its
spec. Out: the model's digest and inputs, or an error that names the file.
"""

from pathlib import Path

from mooring import files
from mooring.bento.built import FACTS, BentoFacts
from mooring.errors import DataError, IntegrityError
from mooring.evidence import bundle
from mooring.features.spec import FeatureSpec
from mooring.profiles.store import INDEX

SPEC, OUTCOMES = "scorer/spec.json", "reference_outcomes.json"
"""Files beside a reference."""
FIX = "run 'dvc checkout', or 'dvc repro package'"


def model_of(reference: Path) -> str:
    """Return the digest of a reference's model.

    Raises IntegrityError if the bento.json beside it is missing, or belongs to another reference.
    """
    return _model(reference.parent / FACTS, reference / INDEX)


def check_reference(reference: Path, model: str) -> None:
    """Raise DataError unless a reference belongs to the model with that digest."""
    actual = model_of(reference)
    if actual != model:
        raise DataError(
            "the reference belongs to another model",
            where=str(reference),
            expected=f"the reference of model {files.short(model)}",
            got=f"the reference of model {files.short(actual)}",
            fix=f"check out the commit that packaged model {files.short(model)}, run 'dvc pull', and judge "
            "there; or name that commit's models/reference with --reference",
        )


def outcomes_of(reference: Path) -> Path:
    """Return the file of a reference's outcomes, which lies beside it.

    Raises IntegrityError unless it is the one that was made with the reference.
    """
    path = reference.parent / OUTCOMES
    index = reference / INDEX
    named = files.read_json(index)["facts"].get("outcomes_sha256")
    _check(path, named, index, "was not made with the reference beside it")
    return path


def check_evidence(directory: Path, model: str) -> None:
    """Raise IntegrityError unless the evidence's bento.json says that its reference is of the model."""
    actual = _model(directory / FACTS, directory / bundle.REFERENCE)
    if actual != model:
        raise IntegrityError(
            "names another model than the one that is judged",
            where=str(directory / FACTS),
            expected=model,
            got=actual,
            fix="make the report again with 'mooring drift'",
        )


def used_inputs(reference: Path, model: str) -> tuple[str, ...]:
    """Return the inputs that a reference's model uses. Raises IntegrityError if spec.json is of another."""
    path = reference.parent / SPEC
    spec = files.read_json(path)
    if spec["model_sha256"] != model:
        raise IntegrityError(
            "describes another model than the one that is judged",
            where=str(path),
            expected=f"model {files.short(model)}",
            got=f"model {files.short(spec['model_sha256'])}",
            fix=FIX,
        )
    return FeatureSpec.model_validate(spec["features"], strict=False).used_inputs


def _model(facts: Path, index: Path) -> str:
    bento = BentoFacts.read(facts)
    _check(index, bento.reference, facts, "is the index of another reference than the bento's")
    return bento.model


def _check(path: Path, named: str | None, by: Path, what: str) -> None:
    """Raise IntegrityError with the message `what` unless `path` has the sha256 `named`, pinned by `by`."""
    actual = files.sha256_bytes(files.read_bytes(path, FIX))
    if actual != named:
        raise IntegrityError(
            what,
            where=str(path),
            expected=f"sha256 {named}, as {by} says",
            got=f"sha256 {actual}",
            fix=FIX,
        )
