"""Which model is which: named, released, the other one, or refused."""

import pytest

from mooring.ab.models import pick
from mooring.errors import DataError

ONE, TWO, THREE = "1a" * 32, "1b" * 32, "2c" * 32


@pytest.mark.parametrize(
    ("digests", "champion", "challenger", "released"),
    [
        ([ONE, TWO], None, None, [ONE]),
        ([TWO, ONE], None, None, ["f" * 64, ONE]),
        ([ONE, TWO], "1a", None, []),
        ([ONE, TWO], None, "1b", []),
        ([ONE, TWO], "1a", "1b", [TWO]),
        ([ONE, TWO], None, "1b", [TWO]),
        ([ONE, TWO, THREE], "1a1", "1b1", []),
    ],
)
def test_a_champion_and_a_challenger_are_found(digests, champion, challenger, released) -> None:
    assert pick(digests, champion, challenger, released) == (ONE, TWO)


@pytest.mark.parametrize(
    ("digests", "champion", "challenger", "released", "message"),
    [
        ([ONE, TWO], None, None, [], "which model is the champion and which the challenger"),
        ([ONE, TWO], None, None, [ONE, TWO], "which model is the champion and which the"),
        ([ONE, TWO, THREE], None, "2", [], "which model is the champion and which the"),
        ([ONE], None, None, [ONE], "which model is the champion and which the challenger"),
        ([], None, None, [], "which model is the champion and which the challenger"),
        ([ONE, TWO], "1", None, [], "--champion 1 matches 2 models of the log, not one"),
        ([ONE, TWO], None, "9", [], "--challenger 9 matches 0 models of the log, not one"),
        ([ONE, TWO], "1a", "1a", [], "champion and challenger are the same model"),
    ],
)
def test_an_ambiguous_choice_of_models_is_refused(
    digests, champion, challenger, released, message
) -> None:
    with pytest.raises(DataError, match=message):
        pick(digests, champion, challenger, released)


def test_the_refusal_lists_the_models_and_the_fix() -> None:
    with pytest.raises(DataError) as caught:
        pick([ONE, TWO, THREE], None, None, [ONE])
    assert str(caught.value) == (
        "the prediction log: it is unclear which model is the champion and which the challenger\n"
        "  expected: two models, one of which production's release pins\n"
        "  got: 3 models: 1a1a1a1a1a1a, 1b1b1b1b1b1b, 2c2c2c2c2c2c; released: 1a1a1a1a1a1a\n"
        "  fix: name them with --champion DIGEST and --challenger DIGEST; "
        "the first digits are enough"
    )
