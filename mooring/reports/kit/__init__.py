"""What every report is drawn with: charts, Markdown, HTML templates, wording."""
