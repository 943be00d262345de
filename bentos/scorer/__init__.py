"""The scorer: a bento that serves one compiled model over HTTP."""
