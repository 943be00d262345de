"""The server of one release: http answers with scoring, which feeds recording; reading decodes bodies."""
