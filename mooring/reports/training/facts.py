"""The facts of the training report, shared by page and model card: model, data, metrics, parity.

In: the findings. Out: (name, text) pairs; the texts are untrusted, and the caller escapes them.
"""

from mooring.config.metric import HIGHER_IS_BETTER, METRICS_OF_TASK
from mooring.reports.kit.wording import count, interval, number, plain, signed
from mooring.reports.training.findings import Facts, Findings

Pairs = list[tuple[str, str]]
DECISIONS = {
    "merge": "Merge: the challenger passes every rule.",
    "do_not_merge": "Do not merge: the challenger fails a rule.",
    "cannot_tell": "Cannot tell: there is too little evidence.",
}


def decision(findings: Findings) -> str:
    """Return the verdict as a sentence."""
    return DECISIONS[findings.verdict["verdict"]]


def what(findings: Findings) -> Pairs:
    """Return the target, the model and its columns."""
    target, card = findings.data.target, findings.card
    return [
        ("Question", f"{plain(target.column)}: {plain(target.description)} ({plain(target.unit)})"),
        ("Task", findings.data.task),
        ("Model", f"{plain(card['name'])}, {plain(card['estimator'])}"),
        ("Model sha256", findings.verdict["model_sha256"]),
        ("Model's columns", f"{len(card['columns'])}: {', '.join(map(plain, card['columns']))}"),
        (f"Mean of {plain(target.column)} in training", number(card["train"]["target_mean"])),
    ]


def data(findings: Findings) -> Pairs:
    """Return the data set, its hashes and the result of validation."""
    manifest, validation = findings.manifest, findings.validation
    span = manifest["time"]
    pairs = [
        ("Data", f"{plain(manifest['name'])}, {count(manifest['rows'])} rows"),
        ("Rows without a label", count(manifest["unlabelled_rows"])),
        ("Query", plain(manifest["query"]["file"])),
        ("Query sha256", manifest["query"]["sha256"]),
        ("Rows hash", manifest["rows_hash"]),
    ]
    if span is not None:
        pairs.insert(2, ("Time", f"{plain(span['column'])}, {span['first']} to {span['last']}"))
    outcome = "every row passes every rule of conf/data"
    if not validation["passed"]:
        outcome = f"{len(validation['violations'])} rules of conf/data are broken"
    return [*pairs, ("Validation", f"{outcome} ({count(validation['rows'])} rows)")]


def windows(findings: Findings) -> Pairs:
    """Return the rows of the train and the test window, and the rows in neither."""
    split = findings.split
    pairs = [(f"{name.capitalize()} window", _side(split, name)) for name in ("train", "test")]
    if "bounds" not in split:
        share = f"{number(split['test_frac'])} of the values of {plain(split['column'])}"
        pairs.append(("Drawn", f"{split['kind']}: a hash with seed {split['seed']} tests {share}"))
    dropped = split["dropped"]
    left = f"{count(dropped['embargo'])} in the embargo, {count(dropped['outside'])} outside"
    return [*pairs, ("Rows in neither", left)]


def _side(split: Facts, name: str) -> str:
    side = split[name]
    text = f"{count(side['rows'])} rows"
    if "positives" in side:
        text += f", {count(side['positives'])} positive"
    text += f"; plus {count(side['unlabelled'])} unlabelled"
    if "bounds" in split:
        bounds = split["bounds"][name]["local"]
        days = f"from {bounds['start'][:10]} to before {bounds['end'][:10]}"
        text = f"{days} ({plain(split['zone'])}): {text}"
    return text


def metrics(findings: Findings) -> list[tuple[str, str, str]]:
    """Return name and value of each metric, and its floor if the gate has one."""
    floors = {str(name): floor for name, floor in findings.gate.floors.items()}
    known = METRICS_OF_TASK[findings.data.task]
    rows = []
    for name in [*known, *(name for name in sorted(findings.metrics) if name not in known)]:
        floor = ""
        if name in floors:
            bound = "at least" if name in HIGHER_IS_BETTER else "at most"
            floor = f"{bound} {number(floors[name])}"
        rows.append((name, number(findings.metrics[name]), floor))
    return rows


def parity(findings: Findings) -> str:
    """Return a sentence on the difference between the compiled and the fitted model."""
    facts = findings.parity
    word = "within" if facts["holds"] else "beyond"
    return (
        f"Compiled and fitted scores differ by at most {facts['max_abs_difference']:.2g} on "
        f"{count(facts['n'])} held-out rows (row {plain(facts['worst_key'])}), {word} the "
        f"tolerance of {facts['atol']:g}."
    )


def champion(findings: Findings) -> str:
    """Return a sentence on the challenger compared with the champion, or why there is no comparison."""
    comparison = findings.comparison
    if comparison["release"] is None:
        return "There is no champion yet: production's release pins no model."
    if comparison["problem"] is not None:
        return f"The comparison with the champion is not possible: {plain(comparison['problem'])}"
    overall = comparison["overall"]
    units = "" if overall["n_blocks"] is None else f" in {count(overall['n_blocks'])} days"
    return (
        f"{overall['metric']}: {number(overall['challenger'])} against the champion's "
        f"{number(overall['champion'])} on the same {count(overall['n'])} rows{units}, a lead of "
        f"{signed(overall['difference'])}, {interval(overall)}."
    )


def pins(findings: Findings) -> Pairs:
    """Return the release of the champion."""
    release = findings.comparison["release"]
    if release is None:
        return []
    model = release.get("model") or {}
    return [
        (name, plain(value))
        for name, value in (
            ("Champion md5", model.get("md5")),
            ("Champion sha256", model.get("sha256")),
            ("Champion's source commit", release.get("source_commit")),
        )
        if value
    ]


def parameters(findings: Findings) -> Pairs:
    """Return the estimator's parameters."""
    return [(name, plain(value)) for name, value in sorted(findings.card["params"].items())]


def libraries(findings: Findings) -> Pairs:
    """Return the versions of the libraries that trained the model."""
    return [(name, plain(value)) for name, value in sorted(findings.card["libraries"].items())]
