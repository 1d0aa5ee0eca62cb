r"""$Important and \Important (RFC 8457), and the keywords of the registry (RFC 5788)."""

import pytest

from conformance.dialogue import Dialogue

REGISTERED = ["$MDNSent", "$Forwarded", "$SubmitPending", "$Submitted", "$Important"]


def flags(connection: Dialogue, number: int) -> set[bytes]:
    r"""The flags of a message, \Recent left out."""
    (line, _) = connection.command(f"f FETCH {number} (FLAGS)")
    return set(line.partition(b"(FLAGS (")[2].rstrip(b")").split()) - {rb"\Recent"}


def found(connection: Dialogue, key: str) -> list[bytes]:
    (line, _) = connection.command(f"s SEARCH {key}")
    return line.removeprefix(b"* SEARCH").split()


def test_the_keyword_is_kept_found_and_copied(inbox: Dialogue) -> None:
    inbox.command("s STORE 2 +FLAGS ($Important)")
    assert found(inbox, "KEYWORD $Important") == found(inbox, "KEYWORD $important") == [b"2"]
    inbox.command("c COPY 2 Archive")
    inbox.command("s STORE 2 -FLAGS ($IMPORTANT)")
    assert found(inbox, "KEYWORD $Important") == []
    inbox.command("s SELECT Archive")
    assert flags(inbox, 1) == {b"$Important"}


def test_the_keyword_and_flagged_are_two_things_and_neither_comes_by_itself(inbox: Dialogue) -> None:
    inbox.append(b"Importance: high\r\nX-Priority: 1\r\nSubject: urgent\r\n\r\nnow\r\n")
    assert flags(inbox, 4) == set()
    inbox.command(r"s STORE 1 FLAGS (\Flagged)")
    inbox.command("s STORE 2 FLAGS ($Important)")
    assert (flags(inbox, 1), flags(inbox, 2)) == ({rb"\Flagged"}, {b"$Important"})
    assert (found(inbox, "FLAGGED"), found(inbox, "KEYWORD $Important")) == ([b"1"], [b"2"])
    inbox.command(r"s STORE 2 -FLAGS (\Flagged)")
    assert flags(inbox, 2) == {b"$Important"}


def test_a_mailbox_for_important_mail_holds_what_was_put_there(inbox: Dialogue) -> None:
    assert inbox.command(r"c CREATE Priority (USE (\Important))")[-1].startswith(b"c OK")
    inbox.command("s STORE 1 FLAGS ($Important)")
    assert inbox.command("t STATUS Priority (MESSAGES)")[0] == b"* STATUS Priority (MESSAGES 0)"
    inbox.command("c COPY 2 Priority")
    assert inbox.command("t STATUS Priority (MESSAGES)")[0] == b"* STATUS Priority (MESSAGES 1)"
    inbox.command("s SELECT Priority")
    assert flags(inbox, 1) == set()


@pytest.mark.parametrize("keyword", REGISTERED)
def test_registered_keywords_are_told_as_first_spelled_and_cause_nothing(inbox: Dialogue, keyword: str) -> None:
    inbox.command(f"s STORE 1 FLAGS ({keyword})")
    inbox.command(f"s STORE 2 FLAGS ({keyword.upper()})")
    assert flags(inbox, 1) == flags(inbox, 2) == {keyword.encode()}
    assert flags(inbox, 3) == set()
    assert inbox.command("t STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 3)"
