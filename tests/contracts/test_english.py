"""Plain English: none of the phrases that a native engineer would not say, in anything that people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for room in ("mooring", "stages", "bentos", "benchmarks", "conf")
    for path in (ROOT / room).rglob("*")
]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
READ = {".py", ".j2", ".md", ".yaml"}
TEXTS = sorted(p.relative_to(ROOT) for p in [*SOURCES, *PAGES] if p.suffix in READ)
FORBIDDEN = {
    r"(?:to|that|what) mends?": "fix",
    r"(?:is|are|was|were|has|have) known of": "is known, exists",
    r"(?:is|are|was|were|be|been) told": "name who sends what to whom",
    r"told (?:of|apart|from)": "reported, distinguished",
    r"(?:cannot|can|could) be (?:told|said)|(?:is|are) to be (?:watched|told)": "is unknown, watch",
    r"for want of": "too few, without",
    r"by way of": "through",
    r"by which": "name the actor",
    r"there (?:is|was) nothing|(?:is|are) nothing to": "no …",
    r"stands? alone|stood out|where it stood": "say what happened",
    r"(?:goes|going|go) on": "continues, resumes",
    r"(?<!there )(?:is|are|was|were) (?-i:no|none)(?! (?:longer|more|less|fewer|later|earlier))": "not a",
    r"moved away|come in|comes in|came in": "drifted, arrives, incoming",
    r"(?:labels?|rows?|profiles?|requests?) (?:comes?|came)(?! from)": "arrive",
    r"(?:is|are|was|were) not what": "does not match, is corrupt",
    r"what (?:its|their|the) names? (?:says?|promises?)": "corrupt, matches its name",
    r"what (?:is|was) (?:asked|kept|sent)": "the inputs, the requests",
    r"lie about": "are stale",
    r"(?:is|are|was|were|already|still|what|request) under way": "running, open",
    r"(?:after|for) so (?:many|long)": "the number, the time",
    r"came of (?:it|them|that)": "the result",
    r"asks too much|mistake of the server": "too many requests, internal server error",
    r"lone rows?": "single row",
    r"(?:is|are) of no use": "requires",
    r"nor the like": "no similar one",
    r"labels? (?:has|have|had) (?:not )?come": "arrived",
    r"(?:one|object|list) a (?:row|column|day|window|request|line)": "one per row",
    r"says? of (?:a|the|every|itself|themselves)": "says about",
}
"""Each phrase, and what to write instead; the phrases of every rule are read without regard to case."""


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of what people read in a file: strings of code, pages without their code."""
    content = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix != ".py":
        fenced = re.sub(
            r"^```.*?^```$", lambda block: re.sub(r".+", "", block[0]), content, flags=re.M | re.S
        )
        yield from enumerate(re.sub(r"`[^`\n]*`", "", fenced).splitlines(), start=1)
        return
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def faults(path: Path) -> list[str]:
    """Return place, phrase and remedy of each forbidden phrase in a file."""
    return [
        f"{path}:{line}: '{found.group()}'; write instead: {instead}"
        for line, text in texts(path)
        for phrase, instead in FORBIDDEN.items()
        for found in re.finditer(rf"\b(?:{phrase})\b", re.sub(r"\s+", " ", text), re.IGNORECASE)
    ]


def test_every_text_is_in_plain_english() -> None:
    assert len(TEXTS) > 100
    assert [fault for path in TEXTS for fault in faults(path)] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("to mend: run 'dvc repro'", "fix: run 'dvc repro'"),
        ("--label-key and --label are of no use", "--label-key and --label require --labels"),
        ("2099-01-01 stands alone", "ignoring 2099-01-01: no data in the 7 days before it"),
        ("What comes in is broken: x", "Incoming data is broken: x"),
        ("Moved away from the reference: x", "Drifted in at least 2 of the last 3 windows: x"),
        ("No labels are known of", "No labels yet, so model quality is unknown"),
        ("none, for want of rows", "not available (too few rows)"),
        ("objects that are not what their name says", "corrupt objects"),
        ("There is nothing here", "Not found"),
        ("asks too much at once", "Too many open requests"),
        ("a mistake of the server", "Internal server error"),
        ("a lone row is plain Python", "a single row is scored in plain Python"),
        ("whose label has not come", "whose label has not arrived"),
        ("one a row, in order", "one per row, in order"),
        ("what sketches say of a column", "what sketches say about a column"),
        ("x is no number", "there is no champion, and the tag is no longer used"),
    ],
)
def test_the_rules_distinguish_riddles_from_plain_english(before: str, after: str) -> None:
    rules = [re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE) for phrase in FORBIDDEN]
    assert any(rule.search(before) for rule in rules)
    assert not any(rule.search(after) for rule in rules)
