"""Edit which option each group of conf/ uses, in the defaults lists of config.yaml and the problem.

In: conf/, and for each group the number of edits that every option needs. Out: the list that already
picks the group (config.yaml, else the problem's file, so that other problems keep theirs) picks the
option with the fewest edits.
"""

from pathlib import Path

from ruamel.yaml.comments import CommentedMap

from mooring import files
from mooring.composition import option_file

Entries = dict[str, tuple[CommentedMap, str]]
"""By group, the entry of the defaults list that picks its option, and its key."""


def select(conf: Path, costs: dict[str, dict[str, int]]) -> dict[Path, list[str]]:
    """Pick the cheapest option of each group, under the problem that already picks most of them."""
    config = option_file.read(conf / "config.yaml")
    direct = _entries(config)
    changes: dict[Path, list[str]] = {}
    if "problem" in direct:
        problems = {path.stem: path for path in sorted((conf / "problem").glob("*.yaml"))}
        documents = {name: option_file.read(path) for name, path in problems.items()}
        current = _option(direct["problem"])
        misses = {
            name: len(_misses(_entries(document), direct, costs))
            for name, document in documents.items()
        }
        best = min(misses, key=lambda name: (misses[name], name != current, name))
        entries = {g: e for g, e in _entries(documents[best]).items() if g not in direct}
        lines = _pick(entries, costs)
        if lines:
            changes[Path("problem") / f"{best}.yaml"] = lines
            files.write_text(problems[best], option_file.text_of(documents[best]))
        costs = {**costs, "problem": {best: 0}}
    lines = _pick(direct, costs)
    if lines:
        changes[Path("config.yaml")] = lines
        files.write_text(conf / "config.yaml", option_file.text_of(config))
    return changes


def _pick(entries: Entries, costs: dict[str, dict[str, int]]) -> list[str]:
    """Set each entry to its group's cheapest option; return one line for each that changed."""
    lines = []
    for group, best in _misses(entries, {}, costs).items():
        entry, key = entries[group]
        lines.append(f"{key}: {entry[key]} → {best}")
        entry[key] = best
    return lines


def _misses(entries: Entries, skipped: Entries, costs: dict[str, dict[str, int]]) -> dict[str, str]:
    """Return the groups whose entry is not their cheapest option, with that option."""
    misses = {}
    for group, pair in entries.items():
        options = costs.get(group)
        if options and group not in skipped:
            now = _option(pair)
            best = min(options, key=lambda name: (options[name], name != now, name))
            if best != now:
                misses[group] = best
    return misses


def selected(conf: Path) -> dict[str, str]:
    """Return the option that each group has by the defaults lists of config.yaml and the problem."""
    entries = _entries(option_file.read(conf / "config.yaml"))
    if "problem" in entries:
        problem = conf / "problem" / f"{_option(entries['problem'])}.yaml"
        entries = {**_entries(option_file.read(problem)), **entries}
    return {group: _option(pair) for group, pair in entries.items()}


def _entries(document: CommentedMap) -> Entries:
    """Return the entries of a defaults list, such as `- /model: a` or `- override model: a`."""
    entries: Entries = {}
    for entry in document.get("defaults", []):
        for key, option in entry.items() if isinstance(entry, dict) else ():
            if isinstance(option, str):
                entries[key.split()[-1].lstrip("/").partition("@")[0]] = (entry, key)
    return entries


def _option(pair: tuple[CommentedMap, str]) -> str:
    entry, key = pair
    return str(entry[key])
