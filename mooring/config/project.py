"""All sections of params.yaml in one class, for compose, the JSON Schema and doctor."""

from mooring.config.alerts import Alerts
from mooring.config.data import Data
from mooring.config.drift import Drift
from mooring.config.features import Features
from mooring.config.gate import Gate
from mooring.config.model import Model
from mooring.config.outcomes import Outcomes
from mooring.config.report import Report
from mooring.config.runtime import Runtime
from mooring.config.search import Search
from mooring.config.section import Section
from mooring.config.serving import Serving
from mooring.config.window import Window


class Project(Section):
    """The whole of params.yaml."""

    data: Data
    window: Window
    features: Features
    model: Model
    search: Search
    gate: Gate
    report: Report
    drift: Drift
    outcomes: Outcomes
    serving: Serving
    alerts: Alerts
    runtime: Runtime
