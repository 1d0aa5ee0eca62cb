"""Replies as octets (RFC 5321 §4.2, RFC 2034 §4)."""

import pytest

from angarium.grammar.lmtp.replies import LINE_OCTETS_MAX, render_reply, reply


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (reply(220, "", "host ready"), b"220 host ready\r\n"),
        (reply(250, "2.1.0", "Ok"), b"250 2.1.0 Ok\r\n"),
        (reply(250, "", "host", "SIZE 5", "PIPELINING"), b"250-host\r\n250-SIZE 5\r\n250 PIPELINING\r\n"),
        (reply(214, "2.0.0", "a", "b"), b"214-2.0.0 a\r\n214 2.0.0 b\r\n"),
        (reply(250, "2.1.5", "<a\r\n250 x>"), b"250 2.1.5 <a??250 x>\r\n"),
        (reply(250, "2.1.5", "<é>"), b"250 2.1.5 <?>\r\n"),
    ],
)
def test_replies_are_rendered(value, octets):
    assert render_reply(value) == octets


def test_a_line_is_never_longer_than_allowed():
    octets = render_reply(reply(550, "5.1.1", "x" * 1000))
    assert len(octets) == LINE_OCTETS_MAX
    assert octets.endswith(b"x\r\n")
