"""Building blocks of every report: charts, Markdown, HTML templates, wording."""
