"""Parse JSON documents that Mooring wrote into pydantic classes; errors name the first wrong key.

In: a file, or its bytes. Out: an instance of the class.
"""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from mooring import files
from mooring.config.section import first_fault
from mooring.errors import IntegrityError

D = TypeVar("D", bound=BaseModel)


def read(path: Path, form: type[D], what: str, fix: str) -> D:
    """Return the document in a file. Raises IntegrityError when it cannot be read or parsed."""
    return parse(files.read_bytes(path, fix), form, path, what, fix)


def parse(content: bytes, form: type[D], where: Path | str, what: str, fix: str = "") -> D:
    """Return the document in `content`.

    Raises IntegrityError with the message `what` and the first wrong key when it is invalid.
    """
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        fault = first_fault(error)
        raise IntegrityError(
            what,
            where=str(where),
            expected=fault.expected,
            got=f"{fault.key} = {fault.got}" if fault.key else fault.got,
            fix=fix,
        ) from error
