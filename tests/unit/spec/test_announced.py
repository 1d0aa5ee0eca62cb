"""Whatever the servers announce has its rows in the catalogue."""

import re
from datetime import UTC, datetime

import pytest

from angarium.engine.imap.capabilities import CAPABILITIES
from angarium.engine.lmtp.connection import LmtpServer
from angarium.engine.steps import Peer, Received, Write
from angarium.spec.catalogue import load

CATALOGUED = {document.rfc for document in load()}
LMTP = {
    "8BITMIME": 6152,
    "BINARYMIME": 3030,
    "CHUNKING": 3030,
    "ENHANCEDSTATUSCODES": 2034,
    "PIPELINING": 2920,
    "SIZE": 1870,
    "SMTPUTF8": 6531,
}
"""What LHLO answers with, and the RFC that says what it means (RFC 2033 §4.1)."""


@pytest.mark.parametrize(("name", "source"), [(row.name.decode(), row.source) for row in CAPABILITIES])
def test_capabilities_have_rows(name: str, source: str) -> None:
    assert int(re.findall(r"RFC (\d+)", source)[0]) in CATALOGUED


def test_lmtp_keywords_have_rows() -> None:
    steps = LmtpServer(Peer("x"), clock=lambda: datetime(2026, 11, 24, tzinfo=UTC), hostname="here").run()
    step, written = next(steps), []
    greeted = False
    while isinstance(step, Write) or not greeted:
        if isinstance(step, Write):
            written.append(step.octets)
            step = steps.send(None)
        else:
            greeted = True
            step = steps.send(Received(b"LHLO client\r\n"))
    keywords = {line[4:].split()[0].decode() for line in written[-1].splitlines()[1:]}
    assert keywords == LMTP.keys()
    assert set(LMTP.values()) <= CATALOGUED
