"""Fixtures of the tests that start whole servers."""

from integration.serving import eventually, start_server, tls

__all__ = ["eventually", "start_server", "tls"]
