"""Connections, requests and responses: from the socket to a scored answer."""
