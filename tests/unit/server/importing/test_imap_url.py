"""Addresses of other servers (RFC 5092 §3)."""

import pytest

from angarium.server.importing.imap_url import ImapPlace, parse_url
from angarium.server.importing.source import SourceError


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("imap://ann@example.org/", ImapPlace("example.org", 143, False, "ann")),
        ("imaps://ann@example.org", ImapPlace("example.org", 993, True, "ann")),
        ("imaps://ann%40home:p%2Fw@[::1]:1993/Work/2020/", ImapPlace("::1", 1993, True, "ann@home", "p/w", "Work/2020")),
        ("imap://ann:@example.org/Entw%C3%BCrfe", ImapPlace("example.org", 143, False, "ann", "", "Entwürfe")),
    ],
)
def test_addresses(text: str, place: ImapPlace) -> None:
    assert parse_url(text) == place


@pytest.mark.parametrize("text", ["imap://example.org/", "imap://ann@/", "imap://ann:secret@example.org:port/"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(SourceError) as refusal:
        parse_url(text)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("10.0.0.1", False), ("localhost.example", False)],
)
def test_which_hosts_are_this_machine(host: str, local: bool) -> None:
    assert ImapPlace(host, 143, False, "ann").local is local


def test_passwords_do_not_show() -> None:
    assert "secret" not in repr(ImapPlace("example.org", 143, False, "ann", "secret"))
