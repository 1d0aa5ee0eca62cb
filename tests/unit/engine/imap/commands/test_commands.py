"""What handlers answer, family by family: a conversation a case, of which the answers to the last line count."""

from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.operations import LimitReached, SearchMessages, SetFlags, StoreBusy
from conformance.dialogue import Dialogue

ANY = [
    (["CAPABILITY"], [b"* CAPABILITY IMAP4rev1 IMAP4rev2 ...", b"a OK CAPABILITY completed"]),
    (["NOOP"], [b"a OK NOOP completed"]),
    (["CHECK"], [b"a OK CHECK completed"]),
    (["LOGOUT"], [b"* BYE logging out", b"a OK LOGOUT completed"]),
    (["ID NIL"], [b'* ID ("name" "Angarium")', b"a OK ID completed"]),
]
ENABLE = [
    (["ENABLE X"], [b"* ENABLED", b"a OK ENABLE completed"]),
    (["ENABLE IMAP4rev2"], [b"* ENABLED IMAP4rev2", b"a OK ENABLE completed"]),
    (["ENABLE CONDSTORE"], [b"* ENABLED CONDSTORE", b"* OK [HIGHESTMODSEQ 4] ...", b"a OK ENABLE completed"]),
    (["ENABLE CONDSTORE", "ENABLE QRESYNC"], [b"* ENABLED QRESYNC", b"a OK ENABLE completed"]),
]
SELECT = [
    (["SELECT INBOX (QRESYNC (1 1))"], [b"a BAD QRESYNC has not been enabled"]),
    (["SELECT nowhere"], [b"* OK [CLOSED] previous mailbox closed", b"a NO [NONEXISTENT] ..."]),
    (["UNSELECT"], [b"a OK UNSELECT completed"]),
    (["EXAMINE INBOX", "CLOSE"], [b"a OK CLOSE completed"]),
    (
        ["STORE 1 +FLAGS (\\Deleted)", "CLOSE", "STATUS INBOX (MESSAGES)"],
        [b"* STATUS INBOX (MESSAGES 2)", b"a OK STATUS completed"],
    ),
]
MAILBOXES = [
    (["CREATE a/"], [b"a OK [MAILBOXID ..."]),
    (
        ["ENABLE IMAP4rev2", 'CREATE "A\u030a"'],
        [b'* LIST (\\HasNoChildren) "/" "\xc3\x85" ("OLDNAME" ("A\xcc\x8a"))', b"a OK [MAILBOXID ..."],
    ),
    (["CREATE a", "RENAME a b"], [b"a OK RENAME completed"]),
    (
        ["ENABLE IMAP4rev2", "CREATE a", 'RENAME a "A\u030a"'],
        [b'* LIST (\\HasNoChildren) "/" "\xc3\x85" ("OLDNAME" (a))', b"a OK RENAME completed"],
    ),
    (
        ["CREATE a", "SELECT a", "DELETE a"],
        [b"* OK [CLOSED] the selected mailbox has been deleted", b"a OK DELETE completed"],
    ),
    (["CREATE a", "DELETE a"], [b"a OK DELETE completed"]),
    (["CREATE a", "UNSELECT", "DELETE a"], [b"a OK DELETE completed"]),
    (["DELETE nowhere"], [b"a NO [NONEXISTENT] ..."]),
    (["SUBSCRIBE a"], [b"a OK SUBSCRIBE completed"]),
    (["UNSUBSCRIBE a"], [b"a OK UNSUBSCRIBE completed"]),
]
LIST = [
    (['LIST "" ""'], [b'* LIST (\\Noselect) "/" ""', b"a OK LIST completed"]),
    (['LIST (RECURSIVEMATCH) "" *'], [b"a BAD ..."]),
    (['LIST (RECURSIVEMATCH REMOTE) "" *'], [b"a BAD ..."]),
    (['LIST "" inbox'], [b'* LIST (\\HasNoChildren) "/" INBOX', b"a OK LIST completed"]),
    (
        ['LIST "" INBOX RETURN (STATUS (MESSAGES HIGHESTMODSEQ))'],
        [
            b"* OK [HIGHESTMODSEQ 4] ...",
            b'* LIST (\\HasNoChildren) "/" INBOX',
            b"* STATUS INBOX (MESSAGES 3 HIGHESTMODSEQ 4)",
            b"a OK LIST completed",
        ],
    ),
    (
        ["SUBSCRIBE gone", 'LIST (SUBSCRIBED) "" gone RETURN (STATUS (MESSAGES))'],
        [b'* LIST (\\NonExistent \\Noselect \\Subscribed \\HasNoChildren) "/" gone', b"a OK LIST completed"],
    ),
    (['LIST "" (' + "x " * 256 + "x)"], [b"a NO [LIMIT] too many patterns"]),
    (['LSUB "" ""'], [b'* LSUB (\\Noselect) "/" ""', b"a OK LSUB completed"]),
    (["SUBSCRIBE gone", 'LSUB "" gone'], [b'* LSUB (\\Noselect) "/" gone', b"a OK LSUB completed"]),
    (["NAMESPACE"], [b'* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL', b"a OK NAMESPACE completed"]),
    (["STATUS Sent (SIZE MESSAGES)"], [b"* STATUS Sent (SIZE 0 MESSAGES 0)", b"a OK STATUS completed"]),
    (["STATUS nowhere (SIZE)"], [b"a NO [NONEXISTENT] no such mailbox"]),
    (
        ["STATUS Sent (HIGHESTMODSEQ)"],
        [b"* OK [HIGHESTMODSEQ 4] ...", b"* STATUS Sent (HIGHESTMODSEQ 1)", b"a OK STATUS completed"],
    ),
]
COPY = [
    (["COPY 1:2 nowhere"], [b"a NO [TRYCREATE] ..."]),
    (["COPY 2:3 Sent"], [b"a OK [COPYUID 5 2:3 1:2] COPY completed"]),
    (["UID COPY 9 Sent"], [b"a OK there was nothing to copy"]),
    (["MOVE 2:3 Sent"], [b"* OK [COPYUID 5 2:3 1:2] moved", b"* 2 EXPUNGE", b"* 2 EXPUNGE", b"a OK MOVE completed"]),
    (["UID MOVE 9 Sent"], [b"a OK there was nothing to move"]),
    (
        ["ENABLE QRESYNC", "MOVE 1 Sent"],
        [b"* OK [COPYUID 5 1 1] moved", b"* VANISHED 1", b"a OK [HIGHESTMODSEQ 5] MOVE completed"],
    ),
    (["EXAMINE INBOX", "MOVE 1 Sent"], [b"a NO [READ-ONLY] the mailbox is read-only"]),
]
EXPUNGE = [
    (["EXPUNGE"], [b"a OK EXPUNGE completed"]),
    (["STORE 2:3 +FLAGS (\\Deleted)", "EXPUNGE"], [b"* 2 EXPUNGE", b"* 2 EXPUNGE", b"a OK EXPUNGE completed"]),
    (["STORE 2:3 +FLAGS (\\Deleted)", "UID EXPUNGE 1:2"], [b"* 2 EXPUNGE", b"a OK EXPUNGE completed"]),
    (
        ["ENABLE QRESYNC", "STORE 2:3 +FLAGS (\\Deleted)", "EXPUNGE"],
        [b"* VANISHED 2:3", b"a OK [HIGHESTMODSEQ 6] EXPUNGE completed"],
    ),
    (["ENABLE QRESYNC", "EXPUNGE"], [b"a OK EXPUNGE completed"]),
    (["EXAMINE INBOX", "EXPUNGE"], [b"a NO [READ-ONLY] the mailbox is read-only"]),
]
STORE = [
    (["STORE 1 +FLAGS (\\Seen)"], [b"* 1 FETCH (FLAGS (\\Seen \\Recent))", b"a OK STORE completed"]),
    (["UID STORE 1 +FLAGS (\\Seen)"], [b"* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))", b"a OK STORE completed"]),
    (["STORE 1 +FLAGS.SILENT (\\Seen)"], [b"a OK STORE completed"]),
    (["STORE 9 +FLAGS (\\Seen)"], [b"a BAD there are 3 messages, expected smaller seq-number"]),
    (["EXAMINE INBOX", "STORE 1 FLAGS ()"], [b"a NO [READ-ONLY] the mailbox is read-only"]),
    (["ENABLE CONDSTORE", "STORE 1 +FLAGS.SILENT (\\Seen)"], [b"* 1 FETCH (UID 1 MODSEQ (5))", b"a OK STORE completed"]),
    (
        ["STORE 1 +FLAGS (\\Seen)", "STORE 1:2 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\\Draft)"],
        [b"* OK [HIGHESTMODSEQ 5] ...", b"* 2 FETCH (UID 2 MODSEQ (6))", b"a OK [MODIFIED 1] some messages had changed"],
    ),
    (
        ["UID STORE 1:2 (UNCHANGEDSINCE 0) FLAGS ()"],
        [b"* OK [HIGHESTMODSEQ 4] ...", b"a OK [MODIFIED 1:2] some messages had changed"],
    ),
    (
        ["STORE 1 +FLAGS.SILENT (new)"],
        [b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft new)", b"a OK STORE completed"],
    ),
]
SEARCH = [
    (["SEARCH" + " TEXT hello" * 64], [b"* SEARCH 1 2 3", b"a OK SEARCH completed"]),
    (["SEARCH OR ALL" + " TEXT x" * 65], [b"a NO [LIMIT] more than 64 search keys look at text"]),
    (["SEARCH" + " ALL" * 1001], [b"a NO [LIMIT] more than 1000 search keys"]),
    (["SEARCH RETURN (SAVE) 1", "SEARCH RETURN (SAVE)" + " ALL" * 1001], [b"a NO [LIMIT] more than 1000 search keys"]),
    (["SEARCH 2:3"], [b"* SEARCH 2 3", b"a OK SEARCH completed"]),
    (["UID SEARCH SEEN"], [b"* SEARCH", b"a OK SEARCH completed"]),
    (["SEARCH MODSEQ 1"], [b"* OK [HIGHESTMODSEQ 4] ...", b"* SEARCH 1 2 3 (MODSEQ 4)", b"a OK SEARCH completed"]),
    (["SEARCH RETURN () 2:3"], [b'* ESEARCH (TAG "a") ALL 2:3', b"a OK SEARCH completed"]),
    (["ENABLE IMAP4rev2", "UID SEARCH ALL"], [b'* ESEARCH (TAG "a") UID ALL 1:3', b"a OK SEARCH completed"]),
    (["SEARCH RETURN (MIN MAX COUNT) ALL"], [b'* ESEARCH (TAG "a") MIN 1 MAX 3 COUNT 3', b"a OK SEARCH completed"]),
    (["SEARCH RETURN (MIN MAX COUNT) SEEN"], [b'* ESEARCH (TAG "a") COUNT 0', b"a OK SEARCH completed"]),
    (["SEARCH RETURN (SAVE) 2:3", "SEARCH $"], [b"* SEARCH 2 3", b"a OK SEARCH completed"]),
    (["SEARCH RETURN (SAVE MAX) ALL", "SEARCH $"], [b"* SEARCH 3", b"a OK SEARCH completed"]),
    (["SEARCH RETURN (SAVE MIN) SEEN", "SEARCH $"], [b"* SEARCH", b"a OK SEARCH completed"]),
    (["SEARCH RETURN (SAVE MIN COUNT) ALL", "SEARCH $"], [b"* SEARCH 1 2 3", b"a OK SEARCH completed"]),
    (["SEARCH RETURN (SAVE) ALL", "SEARCH RETURN (SAVE) 9", "SEARCH $"], [b"* SEARCH 1 2 3", b"a OK SEARCH completed"]),
    (
        ["SEARCH RETURN (SAVE) ALL", "SEARCH RETURN (SAVE) CHARSET X TEXT x", "SEARCH $"],
        [b"* SEARCH", b"a OK SEARCH completed"],
    ),
    (["SEARCH RETURN (SAVE) ALL", "SEARCH CHARSET X TEXT x", "SEARCH $"], [b"* SEARCH 1 2 3", b"a OK SEARCH completed"]),
    (["ENABLE CONDSTORE", "SEARCH RETURN (MIN) MODSEQ 1"], [b'* ESEARCH (TAG "a") MIN 1 MODSEQ 2', b"a OK SEARCH completed"]),
    (
        ["ENABLE CONDSTORE", "SEARCH RETURN (ALL) MODSEQ 1"],
        [b'* ESEARCH (TAG "a") ALL 1:3 MODSEQ 4', b"a OK SEARCH completed"],
    ),
    (["ENABLE CONDSTORE", "SEARCH RETURN (MAX) MODSEQ 9"], [b'* ESEARCH (TAG "a")', b"a OK SEARCH completed"]),
    (["CREATE empty", "SELECT empty", "SEARCH ALL"], [b"* SEARCH", b"a OK SEARCH completed"]),
]
FETCH = [
    (["FETCH 1 (UID FLAGS)"], [b"* 1 FETCH (UID 1 FLAGS (\\Recent))", b"a OK FETCH completed"]),
    (["UID FETCH 3:9 FLAGS"], [b"* 3 FETCH (UID 3 FLAGS (\\Recent))", b"a OK FETCH completed"]),
    (
        ["UID FETCH 1,3 RFC822.SIZE"],
        [b"* 1 FETCH (UID 1 RFC822.SIZE 25)", b"* 3 FETCH (UID 3 RFC822.SIZE 25)", b"a OK FETCH completed"],
    ),
    (["ENABLE IMAP4rev2", "FETCH 1 FLAGS"], [b"* 1 FETCH (FLAGS ())", b"a OK FETCH completed"]),
    (["FETCH 1 BODY[TEXT]"], [b"* 1 FETCH (BODY[TEXT] {7}\r\nhello\r\n FLAGS (\\Seen \\Recent))", b"a OK FETCH completed"]),
    (["FETCH 1 BODY[]", "FETCH 1 BODY[TEXT]"], [b"* 1 FETCH (BODY[TEXT] {7}\r\nhello\r\n)", b"a OK FETCH completed"]),
    (["EXAMINE INBOX", "FETCH 1 BODY[TEXT]"], [b"* 1 FETCH (BODY[TEXT] {7}\r\nhello\r\n)", b"a OK FETCH completed"]),
    (
        ["ENABLE IMAP4rev2 CONDSTORE", "FETCH 1 BODY[TEXT]"],
        [b"* 1 FETCH (BODY[TEXT] {7}\r\nhello\r\n FLAGS (\\Seen) UID 1 MODSEQ (5))", b"a OK FETCH completed"],
    ),
    (
        ["ENABLE CONDSTORE", "UID FETCH 1 (FLAGS MODSEQ BODY[TEXT])"],
        [b"* 1 FETCH (UID 1 MODSEQ (5) FLAGS (\\Seen \\Recent) BODY[TEXT] {7}\r\nhello\r\n)", b"a OK FETCH completed"],
    ),
    (["FETCH 1 (BODY.PEEK[2] BINARY.PEEK[2])"], [b"* 1 FETCH (BODY[2] NIL BINARY[2] NIL)", b"a OK FETCH completed"]),
    (
        ["FETCH 1 RFC822.HEADER"],
        [b"* 1 FETCH (RFC822.HEADER {18}\r\nSubject: hello\r\n\r\n)", b"a OK FETCH completed"],
    ),
    (["FETCH 1 UID (CHANGEDSINCE 3)"], [b"* OK [HIGHESTMODSEQ 4] ...", b"a OK FETCH completed"]),
    (
        ["FETCH 1:* UID (CHANGEDSINCE 3)"],
        [b"* OK [HIGHESTMODSEQ 4] ...", b"* 3 FETCH (UID 3 MODSEQ (4))", b"a OK FETCH completed"],
    ),
    (["FETCH 1 UID (CHANGEDSINCE 3 VANISHED)"], [b"a BAD VANISHED needs UID FETCH and CHANGEDSINCE"]),
    (["UID FETCH 1 UID (VANISHED)"], [b"a BAD ..."]),
    (["UID FETCH 1 UID (CHANGEDSINCE 3 VANISHED)"], [b"a BAD QRESYNC has not been enabled"]),
    (
        ["ENABLE QRESYNC", "STORE 3 FLAGS (\\Deleted)", "EXPUNGE", "UID FETCH 1:* UID (CHANGEDSINCE 3 VANISHED)"],
        [b"* VANISHED (EARLIER) 3", b"a OK FETCH completed"],
    ),
    (
        ["ENABLE QRESYNC", "STORE 3 FLAGS (\\Deleted)", "EXPUNGE", "UID FETCH 1:2 UID (CHANGEDSINCE 3 VANISHED)"],
        [b"a OK FETCH completed"],
    ),
    (["ENABLE QRESYNC", "UID FETCH 1:* UID (CHANGEDSINCE 4 VANISHED)"], [b"a OK FETCH completed"]),
    (
        ["ENABLE QRESYNC", "SEARCH RETURN (SAVE) 2", "UID FETCH $ UID (CHANGEDSINCE 1 VANISHED)"],
        [b"* 2 FETCH (UID 2 MODSEQ (3))", b"a OK FETCH completed"],
    ),
]
CASES = [*ANY, *ENABLE, *SELECT, *MAILBOXES, *LIST, *COPY, *EXPUNGE, *STORE, *SEARCH, *FETCH]


def matches(expected: bytes, actual: bytes) -> bool:
    start, dots, _ = expected.partition(b" ...")
    return actual.startswith(start) if dots else actual == expected


@pytest.mark.parametrize(("commands", "expected"), CASES, ids=lambda value: value[-1] if isinstance(value[0], str) else "")
def test_answers(inbox: Dialogue, commands: list[str], expected: list[bytes]) -> None:
    for command in commands[:-1]:
        assert inbox.command(f"p {command}")[-1].split()[1] != b"BAD" or "9" in command
    answers = inbox.command(f"a {commands[-1]}")
    assert len(answers) == len(expected), answers
    assert [(wanted, answer) for wanted, answer in zip(expected, answers, strict=True) if not matches(wanted, answer)] == []


def resynchronized(connection: Dialogue, known: str) -> list[bytes]:
    lines = connection.command(f"q SELECT INBOX (QRESYNC ({known}))")
    assert lines[-1].startswith(b"q OK")
    return [line for line in lines if b"VANISHED" in line or b"FETCH" in line]


@pytest.mark.parametrize(
    ("known", "answers"),
    [
        ("9 1", []),
        ("1 9", []),
        ("1 4", [b"* VANISHED (EARLIER) 2", b"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (5))"]),
        ("1 4 2:3", [b"* VANISHED (EARLIER) 2"]),
        ("1 4 1", [b"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (5))"]),
        ("1 4 1:3 (1:2 1,3)", [b"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (5))"]),
        ("1 4 1:3 (1,3 1,3)", [b"* VANISHED (EARLIER) 2", b"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (5))"]),
        ("1 4 1:3 (1 9)", [b"* VANISHED (EARLIER) 2", b"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (5))"]),
    ],
)
def test_resynchronizing(inbox: Dialogue, known: str, answers: list[bytes]) -> None:
    inbox.command("a ENABLE QRESYNC")
    inbox.command("b STORE 1 FLAGS (\\Seen)")
    inbox.command("c STORE 2 FLAGS (\\Deleted)")
    inbox.command("d EXPUNGE")
    assert resynchronized(inbox, known) == answers


def test_resynchronizing_an_empty_mailbox(inbox: Dialogue) -> None:
    inbox.command("a ENABLE QRESYNC")
    inbox.command("b STORE 1:* FLAGS (\\Deleted)")
    inbox.command("c EXPUNGE")
    assert resynchronized(inbox, "1 4 1:3 (1:3 1:3)") == [b"* VANISHED (EARLIER) 1:3"]
    assert inbox.command("d SELECT INBOX (QRESYNC (1 4 1:3 (* *)))")[-1][:5] in (b"d OK ", b"d BAD")


def test_unseen_is_told_to_revision_1(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a STORE 1 FLAGS (\\Seen)")
    other = log_in()
    assert b"* OK [UNSEEN 2] first unseen message" in other.command("b SELECT INBOX")
    other.command("c STORE 1:* FLAGS (\\Seen)")
    assert not any(b"UNSEEN" in line for line in other.command("d SELECT INBOX"))
    other.command("e ENABLE IMAP4rev2")
    lines = other.command("f EXAMINE INBOX")
    assert b'* LIST (\\Subscribed \\HasNoChildren) "/" INBOX' in lines or b'* LIST (\\HasNoChildren) "/" INBOX' in lines
    assert lines[-1] == b"f OK [READ-ONLY] EXAMINE completed"


def test_expunge_issued(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    other.command("b STORE 1 FLAGS (\\Deleted)")
    other.command("c EXPUNGE")
    assert inbox.command("d FETCH 1:2 UID") == [b"* 2 FETCH (UID 2)", b"d OK [EXPUNGEISSUED] FETCH completed"]
    assert inbox.command("e FETCH 4 UID")[0].startswith(b"e BAD")
    assert inbox.command("f NOOP") == [b"* 1 EXPUNGE", b"f OK NOOP completed"]


def test_silent_store_tells_what_others_changed_too_as_it_is_then(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    other.command("b STORE 1 +FLAGS (\\Flagged)")
    assert inbox.command("a UID STORE 1:2 +FLAGS.SILENT (\\Seen)") == [
        b"* 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen \\Recent))",
        b"a OK STORE completed",
    ]


def test_search_that_the_store_refuses_saves_nothing(inbox: Dialogue) -> None:
    inbox.command("a SEARCH RETURN (SAVE) ALL")
    execute = inbox.execute

    def busy(operation: Any) -> Any:
        if isinstance(operation, SearchMessages):
            raise StoreBusy
        return execute(operation)

    inbox.execute = busy
    assert inbox.command("b SEARCH ALL") == [b"b NO [INUSE] busy, try again"]
    assert len(inbox.server.session.mailbox.saved) == 3
    assert inbox.command("c SEARCH RETURN (SAVE) ALL") == [b"c NO [INUSE] busy, try again"]
    assert len(inbox.server.session.mailbox.saved) == 0


def test_store_that_makes_too_many_keywords(inbox: Dialogue) -> None:
    execute = inbox.execute

    def full(operation: Any) -> Any:
        if isinstance(operation, SetFlags):
            raise LimitReached
        return execute(operation)

    inbox.execute = full
    assert inbox.command("a STORE 1 +FLAGS (new)") == [
        b"* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] no new keywords can be made",
        b"a NO [LIMIT] a limit has been reached",
    ]


def test_silent_store_tells_what_others_changed(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    other.command("b STORE 1 +FLAGS.SILENT (\\Answered)")
    assert inbox.command("c STORE 1:2 +FLAGS.SILENT (\\Draft)") == [
        b"* 1 FETCH (FLAGS (\\Answered \\Draft \\Recent))",
        b"c OK STORE completed",
    ]


def test_silent_store_tells_what_others_changed_at_the_last_moment(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    execute = inbox.execute

    def overtaken(operation: Any) -> Any:
        if isinstance(operation, SetFlags):
            other.command("b STORE 1 +FLAGS.SILENT (\\Answered)")
        return execute(operation)

    inbox.execute = overtaken
    assert inbox.command("c STORE 1:2 +FLAGS.SILENT (\\Draft)") == [
        b"* 1 FETCH (FLAGS (\\Answered \\Draft \\Recent))",
        b"c OK STORE completed",
    ]


def test_pages(inbox: Dialogue) -> None:
    for _ in range(1_000):
        inbox.append(b"Subject: x\r\n\r\n")
    lines = inbox.command("a FETCH 1:* UID")
    assert lines[:-1] == [b"* %d FETCH (UID %d)" % (number, number) for number in range(1, 1_004)]
    lines = inbox.command("b STORE 1:* +FLAGS (\\Seen)")
    assert len(lines) == 1_004
