"""Check the sections of params.yaml against each other."""

from mooring.config.data import CategoryColumn
from mooring.config.metric import METRICS_OF_TASK
from mooring.config.project import Project
from mooring.config.search import TpeSearch
from mooring.config.section import PARAMS, fix
from mooring.config.window import GroupedWindow, TimeWindow
from mooring.errors import ConfigError
from mooring.features.spec import FeatureSpec


def check_consistency(project: Project) -> None:
    """Raise ConfigError for the first pair of sections that contradict each other."""
    _check_task(project)
    _check_search(project)
    _check_window(project)
    _check_report(project)
    _check_segments(project)
    FeatureSpec.of(project.data, project.features)


def _refuse(key: str, got: object, expected: str) -> ConfigError:
    section = key.partition(".")[0]
    return ConfigError(f"{key} = {got}", where=str(PARAMS), expected=expected, fix=fix(section))


def _check_task(project: Project) -> None:
    task = project.data.task
    if project.model.task != task:
        raise _refuse("model.task", project.model.task, f"{task}, since data.task is {task}")
    allowed = METRICS_OF_TASK[task]
    if project.gate.metric not in allowed:
        raise _refuse("gate.metric", project.gate.metric, f"one of {', '.join(allowed)} for {task}")
    for metric in project.gate.floors:
        if metric not in allowed:
            raise _refuse("gate.floors", metric, f"one of {', '.join(allowed)} for {task}")


def _check_search(project: Project) -> None:
    search = project.search.root
    if not isinstance(search, TpeSearch):
        return
    allowed = METRICS_OF_TASK[project.data.task]
    if search.metric not in allowed:
        raise _refuse("search.metric", search.metric, f"one of {', '.join(allowed)}")
    if not project.model.space:
        raise _refuse("model.space", "{}", "at least one parameter to search, or search: none")


def _check_window(project: Project) -> None:
    window = project.window.root
    if isinstance(window, TimeWindow) and project.data.time is None:
        raise _refuse("window.kind", "time", "random or grouped, since data.time is null")
    if isinstance(window, GroupedWindow) and window.column not in project.data.columns:
        raise _refuse("window.column", window.column, "an input column of conf/data")


def _check_report(project: Project) -> None:
    for column in project.report.slices:
        if not isinstance(project.data.columns.get(column), CategoryColumn):
            raise _refuse("report.slices", column, "input columns of kind category")
    if (project.report.threshold is None) != (project.data.task == "regression"):
        raise _refuse(
            "report.threshold",
            project.report.threshold,
            "a score for classification, null for regression",
        )


def _check_segments(project: Project) -> None:
    for name, values in project.drift.segments.items():
        column = project.data.columns.get(name)
        if not isinstance(column, CategoryColumn):
            raise _refuse("drift.segments", name, "input columns of kind category")
        unknown = set(values) - set(column.categories or values)
        if unknown:
            allowed = f"values from data.columns.{name}.categories"
            raise _refuse(f"drift.segments.{name}", ", ".join(sorted(unknown)), allowed)
