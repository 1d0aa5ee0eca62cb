"""Where extensions add to commands (RFC 4466), and literals that do not wait (RFC 7888)."""

import pytest

from angarium.engine.imap.limits import Limits
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

NULS = b"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"


@pytest.mark.parametrize(
    "command",
    [
        "SELECT INBOX (BLURDYBLOOP)",
        "EXAMINE INBOX (CONDSTORE BLURDYBLOOP)",
        "CREATE new (BLURDYBLOOP)",
        "RENAME Sent new (BLURDYBLOOP)",
        "FETCH 1 FLAGS (BLURDYBLOOP)",
        "UID FETCH 1 FLAGS (CHANGEDSINCE 1 BLURDYBLOOP 3)",
        "STORE 1 (BLURDYBLOOP) +FLAGS (x)",
        "UID STORE 1 (UNCHANGEDSINCE 9 BLURDYBLOOP (a b)) +FLAGS (x)",
        "SEARCH RETURN (BLURDYBLOOP) ALL",
        "UID SEARCH RETURN (MIN BLURDYBLOOP) ALL",
        'LIST "" * RETURN (BLURDYBLOOP (a))',
    ],
)
def test_parameters_of_no_extension_are_bad_and_change_nothing(inbox: Dialogue, command: str) -> None:
    before = inbox.command("a FETCH 1:* (FLAGS)"), inbox.command('b LIST "" *')
    (answer,) = inbox.command(f"c {command}")
    assert answer.startswith(b"c BAD")
    assert (inbox.command("a FETCH 1:* (FLAGS)"), inbox.command('b LIST "" *')) == before


@pytest.mark.parametrize("command", ["SEARCH RETURN (COUNT MIN ALL MAX) ALL", "SEARCH RETURN (ALL MAX MIN COUNT) ALL"])
def test_options_have_no_order(inbox: Dialogue, command: str) -> None:
    assert inbox.command(f"a {command}")[0] == b'* ESEARCH (TAG "a") MIN 1 MAX 3 ALL 1:3 COUNT 3'


@pytest.mark.parametrize(
    "command", ["SEARCH ALL", "UID SEARCH ALL", "SEARCH RETURN (ALL) ALL", "UID SEARCH RETURN (COUNT MIN) ALL"]
)
def test_either_search_or_esearch(inbox: Dialogue, command: str) -> None:
    (answer, _) = inbox.command(f"a {command}")
    assert answer.startswith(b"* ESEARCH " if "RETURN" in command else b"* SEARCH ")


def test_no_item_of_esearch_comes_twice(inbox: Dialogue) -> None:
    (answer, _) = inbox.command("a SEARCH RETURN (MIN MIN COUNT COUNT ALL ALL) ALL")
    assert answer == b'* ESEARCH (TAG "a") MIN 1 ALL 1:3 COUNT 3'


@pytest.mark.parametrize(
    ("lower", "mixed"),
    [
        ("search return (min) all", "SeArCh ReTuRn (MiN) aLl"),
        ("examine inbox (condstore)", "EXAMINE INBOX (CoNdStOrE)"),
        ("fetch 1 flags (changedsince 1)", "FETCH 1 FLAGS (ChangedSince 1)"),
        ("store 1 (unchangedsince 9) +flags (x)", "Store 1 (UnchangedSince 9) +Flags (x)"),
        ('list (subscribed) "" * return (children)', 'LIST (Subscribed) "" * Return (Children)'),
    ],
)
def test_words_are_read_in_any_case(inbox: Dialogue, lower: str, mixed: str) -> None:
    inbox.command("a ENABLE CONDSTORE")
    answer = inbox.command(f"b {lower}")[-1]
    assert answer.startswith(b"b OK")
    assert inbox.command(f"b {mixed}")[-1] == answer


def test_a_literal_with_plus_waits_for_no_continuation(store: ModelStore) -> None:
    connection = Dialogue(store.execute)
    connection.lines()
    (answer,) = connection.say(b"a LOGIN {3+}\r\ntim {6+}\r\nsecret\r\n")
    assert answer.startswith(b"a OK")


def test_a_literal_ends_by_its_count(tim: Dialogue) -> None:
    (answer,) = tim.say(b"a CREATE {5+}\r\na/b/c\r\n")
    assert answer.startswith(b"a OK ")
    assert tim.say(b"b RENAME {5+}\r\na/b/c {1+}\r\nd\r\nc NOOP\r\n") == [b"b OK RENAME completed", b"c OK NOOP completed"]


@pytest.mark.parametrize("line", ["a NONSENSE", "a FETCH 1 FLAGS", "a LOGIN x", "a SELECT (", "a CREATE x"])
def test_the_octets_of_a_literal_belong_to_a_command_that_is_refused(tim: Dialogue, line: str) -> None:
    lines = tim.say(line.encode() + b" {17+}\r\nb LOGOUT\r\nc NOO\r\n\r\nd NOOP\r\n")
    assert [answer.split()[:2] for answer in lines] == [[b"a", b"BAD"], [b"d", b"OK"]]


@pytest.mark.parametrize("line", ["a CREATE {5+}x", "a CREATE {5+", "a CREATE {+}", "a CREATE {-5+}", "a CREATE { 5+}"])
def test_only_a_whole_count_at_the_end_of_the_line_is_a_literal(tim: Dialogue, line: str) -> None:
    lines = tim.say(line.encode() + b"\r\nb NOOP\r\n")
    assert [answer.split()[:2] for answer in lines] == [[b"a", b"BAD"], [b"b", b"OK"]]


@pytest.mark.parametrize("item", ["BODY[]", "BODY[TEXT]", "RFC822", "BINARY[1]"])
def test_literals_of_the_server_have_no_plus(inbox: Dialogue, item: str) -> None:
    inbox.append(NULS)
    inbox.append(b'Subject: "quoted\\"\r\n\r\nx\r\n')
    lines = inbox.command(f"a FETCH 4:5 {item}")
    assert any(b"{" in line for line in lines)
    assert not any(b"+}" in line for line in lines)


@pytest.mark.parametrize("command", ["APPEND INBOX", "CREATE"])
def test_a_literal_that_is_too_large_costs_its_command_only(store: ModelStore, command: str) -> None:
    connection = Dialogue(store.execute, limits=Limits(literal_octets_max=8_192, append_octets_max=8_192))
    connection.command("in LOGIN tim secret")
    (refusal,) = connection.say(b"a %b {9000+}\r\n" % command.encode())
    assert refusal.startswith(b"a NO [TOOBIG]" if command.startswith("APPEND") else b"a BAD")
    assert connection.say(b"x" * 9_000 + b"\r\n") == []
    assert connection.command("b NOOP") == [b"b OK NOOP completed"]
