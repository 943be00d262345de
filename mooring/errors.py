"""The errors that Mooring raises on purpose, each with its facts and the way to fix it.

MooringError
├── ConfigError          a value in conf/ or params.yaml is wrong
│   └── ComposeError     conf/ does not compose, or params.yaml is not what it composes to
├── DataError            sources, a query or rows are not what conf/data says
│   ├── SourceError      a source cannot be read
│   ├── QueryError       the SELECT fails, or returns nothing
│   ├── ValidationError  rows break the declared rules
│   └── SplitError       the windows are empty, overlap or lie outside the data
├── ModelError           a model cannot be built, trained, compiled or scored
│   ├── CompileError     what the compiler cannot express, by name
│   └── ParityError      compiled and fitted predictions differ beyond the tolerance
├── IntegrityError       bytes on disk are not the bytes that were hashed
├── GitError             git refused
└── EnvironmentFault     this machine lacks something: Python, packages, disk, git

Only the command line catches MooringError, prints it and exits 2; anything else keeps its traceback.
"""


class MooringError(Exception):
    """Say what is wrong, where, what was expected, what was got, and what fixes it.

    Every fact is a field, so that callers and tests need not parse the message.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        expected: str = "",
        got: str = "",
        fix: str = "",
    ) -> None:
        self.what, self.where, self.expected, self.got, self.fix = what, where, expected, got, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        lines += [
            f"  {label}: {text}"
            for label, text in (
                ("expected", self.expected),
                ("got", self.got),
                ("fix", self.fix),
            )
            if text
        ]
        return "\n".join(lines)


class ConfigError(MooringError):
    """A value in conf/ or params.yaml is wrong."""


class ComposeError(ConfigError):
    """conf/ does not compose, or params.yaml is not what it composes to."""


class DataError(MooringError):
    """Sources, a query or rows are not what conf/data says."""


class SourceError(DataError):
    """A source cannot be read."""


class QueryError(DataError):
    """The SELECT fails, or returns nothing."""


class ValidationError(DataError):
    """Rows break the declared rules."""


class SplitError(DataError):
    """The windows are empty, overlap or lie outside the data."""


class ModelError(MooringError):
    """A model cannot be built, trained, compiled or scored."""


class CompileError(ModelError):
    """What the compiler cannot express, by name."""


class ParityError(ModelError):
    """Compiled and fitted predictions differ beyond the tolerance."""


class IntegrityError(MooringError):
    """Bytes on disk are not the bytes that were hashed."""


class GitError(MooringError):
    """git refused."""


class EnvironmentFault(MooringError):
    """This machine lacks something: Python, packages, disk, git."""
