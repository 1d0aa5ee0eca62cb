"""RFC 3501 §6.3: mailboxes as clients of IMAP4rev1 see them, who have enabled nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from angarium.engine.operations import OpenedMailbox
from conformance.dialogue import Dialogue


def names(connection: Dialogue, command: str) -> list[bytes]:
    """What a LIST or LSUB names, in order."""
    return [line.rsplit(b" ", 1)[1] for line in connection.command(f"l {command}")[:-1]]


@pytest.mark.parametrize("command", ["SELECT", "EXAMINE"])
def test_all_that_has_to_be_told_is_told_before_ok(inbox: Dialogue, command: str) -> None:
    inbox.command("a STORE 1 +FLAGS (\\Seen)")
    lines = inbox.command(f"b {command} INBOX")
    for said in (b"* FLAGS (", b"* 3 EXISTS", b"* 0 RECENT", b"* OK [UNSEEN 2]", b"* OK [PERMANENTFLAGS (", b"* OK [UIDNEXT 4]"):
        assert len([line for line in lines[:-1] if line.startswith(said)]) == 1, said
    assert len([line for line in lines[:-1] if line.startswith(b"* OK [UIDVALIDITY ")]) == 1
    assert not any(b"* LIST" in line for line in lines)


def test_select_says_read_write_and_examine_read_only(inbox: Dialogue) -> None:
    assert inbox.command("a SELECT INBOX")[-1].startswith(b"a OK [READ-WRITE] ")
    assert inbox.command("b EXAMINE INBOX")[-1].startswith(b"b OK [READ-ONLY] ")


def test_select_of_what_may_only_be_read_says_read_only(inbox: Dialogue) -> None:
    execute = inbox.execute

    def only_to_be_read(operation: Any) -> Any:
        result = execute(operation)
        return evolve(result, read_only=True) if isinstance(result, OpenedMailbox) else result

    inbox.execute = only_to_be_read
    assert inbox.command("a SELECT INBOX")[-1].startswith(b"a OK [READ-ONLY] ")
    assert inbox.command("b STORE 1 +FLAGS (\\Seen)")[-1].startswith(b"b NO")


@pytest.mark.parametrize(
    "command", ["STORE 1 +FLAGS (\\Seen)", "EXPUNGE", "FETCH 1 BODY[]", "FETCH 1 RFC822", "UID EXPUNGE 1", "MOVE 1 Sent", "CLOSE"]
)
def test_examine_permits_no_change(inbox: Dialogue, command: str) -> None:
    inbox.command("a STORE 2 +FLAGS (\\Deleted)")
    before = inbox.command("b SELECT INBOX")[1:5]
    inbox.command("c EXAMINE INBOX")
    inbox.command(f"d {command}")
    assert inbox.command("e UNSELECT")[-1][:4] in (b"e OK", b"e BA")
    assert inbox.command("f SELECT INBOX")[:4] == before
    assert inbox.command("g FETCH 1:2 FLAGS")[:-1] == [b"* 1 FETCH (FLAGS ())", b"* 2 FETCH (FLAGS (\\Deleted))"]


def test_a_name_that_ends_in_the_delimiter_is_made_without_it(tim: Dialogue) -> None:
    assert tim.command("a CREATE folder/")[-1].startswith(b"a OK")
    assert names(tim, 'LIST "" folder*') == [b"folder"]
    assert tim.command("b CREATE folder")[-1].startswith(b"b NO")


def test_create_and_rename_make_what_is_above(tim: Dialogue) -> None:
    assert tim.command("a CREATE foo/bar/zap")[-1].startswith(b"a OK")
    assert names(tim, 'LIST "" foo*') == [b"foo", b"foo/bar", b"foo/bar/zap"]
    assert tim.command("b RENAME foo/bar/zap baz/rag/zowie")[-1].startswith(b"b OK")
    assert names(tim, 'LIST "" baz*') == [b"baz", b"baz/rag", b"baz/rag/zowie"]
    assert names(tim, 'LIST "" foo*') == [b"foo", b"foo/bar"]


def test_delete_takes_nothing_below_along(tim: Dialogue) -> None:
    tim.command("a CREATE foo/bar")
    tim.command("b DELETE foo")
    assert b"foo/bar" in names(tim, 'LIST "" foo*')
    assert tim.command("c SELECT foo/bar")[-1].startswith(b"c OK")


def test_rename_takes_everything_below_along(tim: Dialogue) -> None:
    tim.command("a CREATE foo/bar/zap")
    assert tim.command("b RENAME foo other")[-1].startswith(b"b OK")
    assert names(tim, 'LIST "" foo*') == []
    assert names(tim, 'LIST "" other*') == [b"other", b"other/bar", b"other/bar/zap"]


@pytest.mark.parametrize("away", ["DELETE box", "RENAME box elsewhere"])
def test_identifiers_do_not_come_back_with_the_name(tim: Dialogue, away: str) -> None:
    def validity() -> int:
        return int(tim.command("s STATUS box (UIDVALIDITY)")[0].split(b"UIDVALIDITY ")[1].rstrip(b")"))

    tim.command("a CREATE box")
    tim.append(b"x:y\r\n", mailbox="box")
    before = validity()
    assert tim.command(f"b {away}")[-1].startswith(b"b OK")
    tim.command("c CREATE box")
    assert validity() > before


def test_renaming_inbox_leaves_an_empty_inbox(inbox: Dialogue) -> None:
    inbox.command("a CREATE INBOX/below")
    inbox.command("b CLOSE")
    assert inbox.command("c RENAME INBOX old")[-1].startswith(b"c OK")
    assert inbox.command("d STATUS old (MESSAGES)")[0] == b"* STATUS old (MESSAGES 3)"
    assert inbox.command("e STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 0)"
    assert names(inbox, 'LIST "" old*') == [b"old"]
    assert b"INBOX/below" in names(inbox, 'LIST "" INBOX*')


def test_a_subscription_outlives_its_mailbox(tim: Dialogue) -> None:
    tim.command("a CREATE box")
    assert tim.command("b SUBSCRIBE box")[-1].startswith(b"b OK")
    assert tim.command("c DELETE box")[-1].startswith(b"c OK")
    assert names(tim, 'LSUB "" *') == [b"box"]
    assert tim.command("d UNSUBSCRIBE box")[-1].startswith(b"d OK")
    assert names(tim, 'LSUB "" *') == []


def test_lsub_names_the_level_above_where_percent_stops(tim: Dialogue) -> None:
    tim.command("a SUBSCRIBE foo/bar")
    assert tim.command('b LSUB "" %')[:-1] == [b'* LSUB (\\Noselect) "/" foo']
    tim.command("c CREATE foo/bar")
    assert tim.command('d LSUB "" %')[:-1] == [b'* LSUB (\\Noselect) "/" foo']
    tim.command("e SUBSCRIBE foo")
    assert tim.command('f LSUB "" %')[:-1] == [b'* LSUB () "/" foo']
    assert names(tim, 'LSUB "foo/" %') == [b"foo/bar"]
    assert names(tim, 'LSUB "" *') == [b"foo", b"foo/bar"]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ('LIST "" foo', [b"foo"]),
        ('LIST "" foo/%', [b"foo/bar", b"foo/rag"]),
        ("LIST foo/ %", [b"foo/bar", b"foo/rag"]),
        ('LIST "foo/" "b*"', [b"foo/bar", b"foo/bar/zap"]),
        ('LIST "foo/bar/" zap', [b"foo/bar/zap"]),
        ('LIST "" "*zap"', [b"foo/bar/zap"]),
        ('LIST "" nowhere', []),
        ('LIST "nowhere/" "*"', []),
    ],
)
def test_names_match_the_pattern_and_begin_with_the_reference(tim: Dialogue, command: str, found: list[bytes]) -> None:
    tim.command("a CREATE foo/bar/zap")
    tim.command("b CREATE foo/rag")
    assert names(tim, command) == found


@pytest.mark.parametrize("reference", ['""', "foo/", "foo"])
def test_an_empty_pattern_asks_for_the_delimiter(tim: Dialogue, reference: str) -> None:
    assert tim.command(f'a LIST {reference} ""') == [b'* LIST (\\Noselect) "/" ""', b"a OK LIST completed"]


def test_nothing_is_said_of_marks(tim: Dialogue) -> None:
    tim.append(b"x:y\r\n")
    assert not any(b"arked" in line for line in tim.command('a LIST "" *'))


def test_status_selects_nothing_and_alters_nothing(inbox: Dialogue) -> None:
    items = "MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN"
    assert inbox.command(f"a STATUS Sent ({items})")[0] == b"* STATUS Sent (MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY 5 UNSEEN 0)"
    assert inbox.command("b FETCH 3 UID")[0] == b"* 3 FETCH (UID 3)"
    assert inbox.command("c STATUS INBOX (UNSEEN)")[0] == b"* STATUS INBOX (UNSEEN 3)"
    assert inbox.command("d CLOSE")[-1].startswith(b"d OK")
    assert inbox.command("e STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 3)"
    assert inbox.command("f FETCH 1 UID")[0].startswith(b"f BAD")


def test_select_of_what_is_not_there_leaves_nothing_selected(inbox: Dialogue) -> None:
    assert inbox.command("a SELECT nowhere")[-1].startswith(b"a NO")
    assert inbox.command("b FETCH 1 UID")[0].startswith(b"b BAD")


def test_appended_messages_have_the_flags_and_the_date_given(tim: Dialogue) -> None:
    assert tim.command('a APPEND INBOX (\\Seen $X) " 1-Feb-1999 12:30:00 +0100" {3+}\r\nx:y')[-1].startswith(b"a OK")
    tim.append(b"x:y\r\n")
    tim.command("b SELECT INBOX")
    first, second, _ = tim.command("c FETCH 1:2 (INTERNALDATE FLAGS)")
    assert first == b'* 1 FETCH (INTERNALDATE " 1-Feb-1999 12:30:00 +0100" FLAGS (\\Seen $X \\Recent))'
    assert b"FLAGS (\\Recent)" in second


def test_append_keeps_eight_bit_and_incomplete_messages(tim: Dialogue) -> None:
    octets = "Subject: é\r\n\r\nnaïve\r\n".encode()
    tim.append(octets)
    tim.append(b"no header at all")
    tim.command("a SELECT INBOX")
    assert tim.command("b FETCH 1:2 BODY.PEEK[]")[:-1] == [
        b"* 1 FETCH (BODY[] {%d}\r\n%b)" % (len(octets), octets),
        b"* 2 FETCH (BODY[] {16}\r\nno header at all)",
    ]


def test_append_where_there_is_no_mailbox(tim: Dialogue) -> None:
    assert tim.command("a APPEND nowhere {3+}\r\nx:y")[-1].startswith(b"a NO [TRYCREATE] ")
    assert names(tim, 'LIST "" nowhere') == []


def test_append_to_the_selected_mailbox_is_told_at_once(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    assert inbox.command("a APPEND INBOX {3+}\r\nx:y")[:-1] == [b"* 4 EXISTS", b"* 4 RECENT"]
    log_in().append(b"x:y\r\n")
    assert inbox.command("b APPEND Sent {3+}\r\nx:y")[:-1] == [b"* 5 EXISTS", b"* 5 RECENT"]


@pytest.mark.parametrize("command", ["CREATE {0}", "SELECT {0}", "SUBSCRIBE {0}", "APPEND {0} {{3+}}\r\nx:y"])
@pytest.mark.parametrize("name", ['"é"', '"&AOk"', '"a&b"', '"&AGE-"', '"&AOk-&AOk-"'])
def test_names_of_eight_bits_or_wrongly_encoded_are_refused(tim: Dialogue, command: str, name: str) -> None:
    assert tim.command("a " + command.format(name))[-1].startswith((b"a BAD", b"a NO"))
    assert not any(b"\xc3" in line for line in tim.command('b LIST "" *'))


def test_encoded_names_are_listed_as_they_were_made(tim: Dialogue) -> None:
    for name in ("&AOk-t&AOk-", "mail &- more", "&ZeVnLIqe-"):
        assert tim.command(f'a CREATE "{name}"')[-1].startswith(b"a OK")
        tim.command(f'b SUBSCRIBE "{name}"')
    listed = tim.command('c LIST "" *')
    for name in (b" &AOk-t&AOk-", b' "mail &- more"', b" &ZeVnLIqe-"):
        assert [line for line in listed if line.endswith(name)]
    assert all(max(line) < 128 for line in [*listed, *tim.command('d LSUB "" *')])


def test_encoded_parts_count_in_their_case(tim: Dialogue) -> None:
    assert tim.command("a CREATE &AOk-")[-1].startswith(b"a OK")
    assert not tim.command("b SELECT &aOK-")[-1].startswith(b"b OK")
    assert tim.command("c SELECT &AOk-")[-1].startswith(b"c OK")
