"""Errors: their message is made of their facts, and there is one tree of them."""

import inspect

import pytest

from mooring import errors
from mooring.errors import ConfigError, MooringError


def test_message_names_place_expectation_finding_and_remedy() -> None:
    error = ConfigError(
        "drift.alpha = 1.4", where="params.yaml", expected="below 1", got="1.4", fix="edit it"
    )
    assert str(error) == (
        "params.yaml: drift.alpha = 1.4\n  expected: below 1\n  got: 1.4\n  fix: edit it"
    )


def test_message_omits_empty_facts() -> None:
    assert str(MooringError("it broke", fix="try again")) == "it broke\n  fix: try again"
    assert str(MooringError("it broke")) == "it broke"


def test_facts_are_fields() -> None:
    error = MooringError("a", where="b", expected="c", got="d", fix="e")
    assert (error.what, error.where, error.expected, error.got, error.fix) == tuple("abcde")


def test_every_error_descends_from_the_one_that_the_command_line_catches() -> None:
    found = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    assert len(found) > 10
    assert all(issubclass(each, MooringError) for each in found)


@pytest.mark.parametrize("name", [n for n, _ in inspect.getmembers(errors, inspect.isclass)])
def test_the_tree_at_the_top_of_the_module_names_every_class_under_its_parent(name: str) -> None:
    drawn = [line for line in str(errors.__doc__).splitlines() if name in line.split()]
    assert len(drawn) == 1
    indent = len(drawn[0]) - len(drawn[0].lstrip("│├└─ "))
    ancestors = inspect.getmro(getattr(errors, name)).index(MooringError)
    assert indent == 4 * ancestors
