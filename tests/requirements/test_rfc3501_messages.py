"""RFC 3501 §6.4, §6.5.1, §7: messages as clients of IMAP4rev1 see them, who have enabled nothing."""

from collections.abc import Callable

import pytest

from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue
from requirements.lmtp_dialogue import NOW, LmtpDialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


def test_check_does_what_noop_does(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    log_in().append(MESSAGE)
    assert inbox.command("a CHECK") == [b"* 4 EXISTS", b"* 4 RECENT", b"a OK CHECK completed"]
    inbox.command("b CLOSE")
    assert inbox.command("c CHECK")[0].startswith(b"c BAD")


@pytest.mark.parametrize("command", ["SELECT Sent", "EXAMINE Sent", "LOGOUT", "UNSELECT"])
def test_leaving_without_close_expunges_nothing(inbox: Dialogue, log_in: Callable[[], Dialogue], command: str) -> None:
    inbox.command("a STORE 1 +FLAGS (\\Deleted)")
    assert not any(line.endswith(b" EXPUNGE") for line in inbox.command(f"b {command}"))
    assert b"* STATUS INBOX (MESSAGES 3)" in log_in().command("c STATUS INBOX (MESSAGES)")


@pytest.mark.parametrize(
    ("item", "told", "seen"),
    [
        ("RFC822", b"RFC822 {25}\r\nSubject: hello\r\n\r\nhello\r\n", True),
        ("RFC822.TEXT", b"RFC822.TEXT {7}\r\nhello\r\n", True),
        ("RFC822.HEADER", b"RFC822.HEADER {18}\r\nSubject: hello\r\n\r\n", False),
        ("BODY[]", b"BODY[] {25}\r\nSubject: hello\r\n\r\nhello\r\n", True),
        ("BODY[TEXT]<1.3>", b"BODY[TEXT]<1> {3}\r\nell", True),
        ("BODY.PEEK[TEXT]", b"BODY[TEXT] {7}\r\nhello\r\n", False),
    ],
)
def test_reading_sets_seen_and_says_so(inbox: Dialogue, item: str, told: bytes, seen: bool) -> None:
    line = inbox.command(f"a FETCH 1 {item}")[0]
    assert told in line
    assert (b"FLAGS (\\Seen \\Recent)" in line) == seen
    assert (b"\\Seen" in inbox.command("b FETCH 1 FLAGS")[0]) == seen


@pytest.mark.parametrize(("macro", "items"), [("ALL", 4), ("FAST", 3), ("FULL", 5)])
def test_macros(inbox: Dialogue, macro: str, items: int) -> None:
    line = inbox.command(f"a FETCH 1 {macro}")[0]
    names = [name for name in (b"FLAGS (", b"INTERNALDATE ", b"RFC822.SIZE ", b"ENVELOPE (", b"BODY (") if name in line]
    assert len(names) == items


@pytest.mark.parametrize(("keys", "found"), [("ALL", b"* SEARCH 1 2 3"), ("SEEN", b"* SEARCH"), ("UID 2:9", b"* SEARCH 2 3")])
@pytest.mark.parametrize("command", ["SEARCH", "UID SEARCH"])
def test_search_is_answered_with_search(inbox: Dialogue, command: str, keys: str, found: bytes) -> None:
    assert inbox.command(f"a {command} {keys}") == [found, b"a OK SEARCH completed"]


@pytest.mark.parametrize("charset", ["US-ASCII", "UTF-8", "us-ascii", "ISO-8859-1"])
def test_charsets_of_search(inbox: Dialogue, charset: str) -> None:
    assert inbox.command(f"a SEARCH CHARSET {charset} SUBJECT hello")[0] == b"* SEARCH 1 2 3"


def test_a_charset_nobody_knows_is_no_with_badcharset(inbox: Dialogue) -> None:
    assert inbox.command("a SEARCH CHARSET X-NONE SUBJECT hello")[-1].startswith(b"a NO [BADCHARSET (US-ASCII UTF-8)]")


def test_encoded_words_and_bodies_are_decoded_to_be_searched(tim: Dialogue) -> None:
    tim.append(b"Subject: =?utf-8?q?na=C3=AFve?=\r\nContent-Transfer-Encoding: base64\r\n\r\naGlkZGVuIHdvcmRz\r\n")
    tim.command("a SELECT INBOX")
    assert tim.say(b"b SEARCH CHARSET UTF-8 SUBJECT {6+}\r\nna\xc3\xafve\r\n")[0] == b"* SEARCH 1"
    assert tim.command('c SEARCH BODY "hidden words"')[0] == b"* SEARCH 1"


def test_copies_keep_flags_and_internal_date(tim: Dialogue) -> None:
    tim.command('a APPEND INBOX (\\Flagged $X) " 1-Feb-1999 12:30:00 +0100" {3+}\r\nx:y')
    tim.command("b SELECT INBOX")
    assert tim.command("c COPY 1 Sent")[-1].startswith(b"c OK")
    tim.command("d SELECT Sent")
    told = b'* 1 FETCH (INTERNALDATE " 1-Feb-1999 12:30:00 +0100" FLAGS (\\Flagged $X \\Recent))'
    assert tim.command("e FETCH 1 (INTERNALDATE FLAGS)")[0] == told


@pytest.mark.parametrize("command", ["COPY 1:3 nowhere", "UID COPY 1:3 nowhere"])
def test_copy_to_no_mailbox_makes_none(inbox: Dialogue, command: str) -> None:
    assert inbox.command(f"a {command}")[-1].startswith(b"a NO [TRYCREATE] ")
    assert inbox.command('b LIST "" nowhere') == [b"b OK LIST completed"]


@pytest.mark.parametrize("command", ["UID FETCH 2 FLAGS", "UID FETCH 2 (UID FLAGS)", "UID STORE 2 +FLAGS (\\Seen)"])
def test_uid_commands_tell_the_uid_once(inbox: Dialogue, command: str) -> None:
    inbox.command("a STORE 1 +FLAGS (\\Deleted)")
    inbox.command("b EXPUNGE")
    line = inbox.command(f"c {command}")[0]
    assert line.startswith(b"* 1 FETCH (UID 2 ")
    assert line.count(b"UID") == 1


@pytest.mark.parametrize("command", ["XNONSENSE", 'XLIST "" *', "NONSENSE 1"])
def test_there_are_no_experimental_commands_or_responses(inbox: Dialogue, command: str) -> None:
    assert inbox.command(f"a {command}") == [b"a BAD unknown command"]


def test_silent_store_is_answered_with_ok_alone(inbox: Dialogue) -> None:
    assert inbox.command("a STORE 1:* +FLAGS.SILENT (\\Seen)") == [b"a OK STORE completed"]
    assert b"\\Seen" in inbox.command("b FETCH 3 FLAGS")[0]


def test_no_uid_is_told_with_flags_nobody_asked_for(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    other.command("b STORE 1 +FLAGS (\\Flagged)")
    assert inbox.command("c NOOP")[0] == b"* 1 FETCH (FLAGS (\\Flagged \\Recent))"
    assert inbox.command("d STORE 2 +FLAGS (\\Seen)")[0] == b"* 2 FETCH (FLAGS (\\Seen \\Recent))"


def test_the_internal_date_of_mail_is_when_it_was_delivered() -> None:
    store = ModelStore({"tim": "secret"})
    courier = LmtpDialogue(store.execute)
    courier.say(b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<tim@here>\r\nDATA\r\n")
    courier.say(b"Date: Mon, 1 Feb 1999 12:30:00 +0100\r\n\r\nhello\r\n.\r\n")
    reader = Dialogue(store.execute)
    reader.command("a LOGIN tim secret")
    reader.command("b SELECT INBOX")
    assert (
        reader.command("c FETCH 1 INTERNALDATE")[0]
        == b'* 1 FETCH (INTERNALDATE "%b")' % NOW.strftime("%d-%b-%Y %H:%M:%S +0000").encode()
    )
