"""What a look at serving found, shown: a page, a pull request's text, and the schema of report.json."""
