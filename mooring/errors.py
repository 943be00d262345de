"""The errors that Mooring raises on purpose, each with its facts as fields and its fix.

MooringError
├── ConfigError          a value in conf/ or params.yaml is wrong
│   └── ComposeError     conf/ does not compose, or params.yaml does not match it
├── DataError            sources, a query or rows do not match conf/data
│   ├── SourceError      a source cannot be read
│   ├── QueryError       the SELECT fails or returns no rows
│   ├── ValidationError  rows break the declared rules
│   └── SplitError       the windows are empty, overlap or lie outside the data
├── ModelError           a model cannot be built, trained, compiled or scored
│   ├── CompileError     a transformer or estimator cannot be compiled
│   └── ParityError      compiled and fitted predictions differ beyond the tolerance
├── IntegrityError       a file is missing, corrupt or does not match its hash
├── GitError             a git command failed
└── EnvironmentFault     something outside the repository failed: disk, packages, services

Only the command line catches MooringError, prints it and exits 2; anything else keeps its traceback.
"""


class MooringError(Exception):
    """An error with what is wrong, where, what was expected, what was found, and the fix.

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
    """conf/ does not compose, or params.yaml does not match it."""


class DataError(MooringError):
    """Sources, a query or rows do not match conf/data."""


class SourceError(DataError):
    """A source cannot be read."""


class QueryError(DataError):
    """The SELECT fails or returns no rows."""


class ValidationError(DataError):
    """Rows break the declared rules."""


class SplitError(DataError):
    """The windows are empty, overlap or lie outside the data."""


class ModelError(MooringError):
    """A model cannot be built, trained, compiled or scored."""


class CompileError(ModelError):
    """A transformer or estimator cannot be compiled."""


class ParityError(ModelError):
    """Compiled and fitted predictions differ beyond the tolerance."""


class IntegrityError(MooringError):
    """A file is missing, corrupt or does not match its hash."""


class GitError(MooringError):
    """A git command failed."""


class EnvironmentFault(MooringError):
    """Something outside the repository failed: disk, packages, a service."""
