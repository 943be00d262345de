"""Send rows to a scorer over keep-alive HTTP/1.1 connections."""
