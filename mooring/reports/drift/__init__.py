"""Show a drift report: as a page, a pull request's text, and lines for a terminal."""
