"""Write the training report and model card, and the metrics that Git keeps."""

from pathlib import Path

from mooring import files
from mooring.config.data import Data
from mooring.config.gate import Gate
from mooring.config.load import load
from mooring.config.report import Report
from mooring.config.search import Search
from mooring.reports.training.card import model_card
from mooring.reports.training.charts import charts
from mooring.reports.training.findings import EVALUATION, read_findings
from mooring.reports.training.headline import headline
from mooring.reports.training.page import page

REPORTS = Path("reports")


def main() -> None:
    """The outputs of the stages → reports/{index.html,model_card.md,metrics.json,gate.json}."""
    findings = read_findings(load(Data), load(Gate), load(Report), load(Search))
    drawn = charts(findings)
    files.write_text(REPORTS / "index.html", page(findings, drawn))
    files.write_text(REPORTS / "model_card.md", model_card(findings))
    files.write_json(REPORTS / "metrics.json", headline(findings))
    files.write_bytes(REPORTS / "gate.json", (EVALUATION / "gate.json").read_bytes())
    print(f"verdict: {findings.verdict['verdict']}; {len(drawn)} charts in {REPORTS}/index.html")
