"""The client's half of SASL exchanges, as generators, and how IMAP carries them (RFC 4422 §3, RFC 9051 §6.2.2)."""

from base64 import b64encode
from collections.abc import Generator
from contextlib import suppress

from attrs import define

from angarium.engine.sasl.exchange import SaslError
from angarium.engine.sasl.plain import message
from angarium.engine.sasl.scram import scram_sha_256_client

SaslExchange = Generator[bytes, bytes | None, None]
"""Yields responses, the first of them the initial one, and is sent challenges.

``None`` is sent when the server says OK: the exchange then returns, or raises ``SaslFailed`` where the server has not
proved what the mechanism wants proved.
"""


class SaslFailed(Exception):
    """The exchange cannot go on: the server's challenge is wrong or its proof is missing."""


def plain(user: str, password: str, authorize_as: str = "") -> SaslExchange:
    """Authenticate with PLAIN (RFC 4616 §2)."""
    if (yield message(user, password, authorize_as)) is not None:
        raise SaslFailed("PLAIN has no challenge to answer")


def scram_sha_256(user: str, password: str, nonce: str) -> SaslExchange:
    """Authenticate with SCRAM-SHA-256, and the server to us (RFC 5802 §3, RFC 7677); ``nonce`` is fresh and unguessable."""
    exchange = scram_sha_256_client(user, password, nonce)
    response = next(exchange)
    for _ in ("server-first-message", "server-final-message"):
        challenge = yield response
        if challenge is None:
            raise SaslFailed("the server said OK and has not proved that it knows the password")
        try:
            response = exchange.send(challenge)
        except SaslError as error:
            raise SaslFailed(str(error)) from error
    if (yield response) is not None:
        raise SaslFailed("SCRAM-SHA-256 has no further challenge to answer")


@define
class Dialogue:
    """One AUTHENTICATE under way. ``unsent`` is the initial response where the server cannot take it with the command."""

    exchange: SaslExchange
    unsent: bytes | None
    failure: SaslFailed | None = None

    def answer(self, challenge: bytes) -> bytes:
        """Answer one challenge in base64, with ``*`` to give up."""
        if self.unsent is not None:
            initial, self.unsent = self.unsent, None
            return b64encode(initial)
        if self.failure is None:
            try:
                return b64encode(self.exchange.send(challenge))
            except SaslFailed as error:
                self.failure = error
        return b"*"

    def conclude(self, succeeded: bool) -> None:
        """End it: the server's OK counts only where the mechanism agrees (RFC 5802 §3)."""
        if self.failure is not None:
            raise self.failure
        if not succeeded:
            return
        with suppress(StopIteration):
            self.exchange.send(None)
