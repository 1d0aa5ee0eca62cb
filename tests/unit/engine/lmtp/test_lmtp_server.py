"""Whole LMTP conversations over the model store: what the client sends, what it hears, what is in the mailbox."""

from datetime import UTC, datetime

import pytest

from angarium.engine.lmtp.connection import LmtpServer
from angarium.engine.lmtp.limits import Limits
from angarium.engine.operations import (
    AppendMessages,
    Column,
    CreateMailbox,
    DiscardStaged,
    FetchMessages,
    OpenMailbox,
    OverQuota,
    StageOctets,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    TooLarge,
    UserName,
)  # fmt: skip
from angarium.engine.steps import Closed, Execute, Failed, Peer, Read, Received, Result, Shutdown, TimedOut, Write
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model_store import ModelStore

NOW = datetime(2026, 11, 24, 13, 5, 7, tzinfo=UTC)
SMALL = Limits(stage_octets=100, message_octets_max=1000, recipients_max=3, errors_max=5)
BEGIN = [b"LHLO mta\r\n", b"MAIL FROM:<s@x.example>\r\n", b"RCPT TO:<ann@here>\r\n"]


class Faulty:
    """A store that refuses operations of some types."""

    def __init__(self, store, refusals):
        self.store, self.refusals, self.seen = store, refusals, []

    def execute(self, operation):
        self.seen.append(operation)
        error = self.refusals.get(type(operation))
        if error is not None:
            raise error
        return self.store.execute(operation)


@pytest.fixture
def store():
    return ModelStore({"ann": "", "ben": ""})


def converse(store, events, peer=Peer("192.0.2.1"), limits=SMALL):
    """Run a server over ``events`` (octets, or events); what it wrote, one item for each Write."""
    events = [Received(each) if isinstance(each, bytes) else each for each in [*events, Closed()]]
    steps = LmtpServer(peer, clock=lambda: NOW, limits=limits, hostname="here").run()
    written, event = [], None
    try:
        while True:
            step = steps.send(event)
            event = None
            if isinstance(step, Write):
                written.append(step.octets)
            elif isinstance(step, Read):
                event = events.pop(0)
            elif isinstance(step, Execute):
                try:
                    event = Result(store.execute(step.operation))
                except StoreError as error:
                    event = Failed(error)
    except StopIteration:
        return written


def replies(*arguments, **options):
    """The replies in order, one line each, without the greeting."""
    return b"".join(converse(*arguments, **options)).decode().splitlines()[1:]


def codes(*arguments, **options):
    return [line[:9].rstrip() if line[3] == " " else line[:4] for line in replies(*arguments, **options)]


def inbox(store, user="ann", name="INBOX"):
    opened = store.execute(OpenMailbox(UserName(user), name))
    page = store.execute(FetchMessages(opened.id, NumberSet(((1, 2**32 - 1),)), Column.CONTENT | Column.INTERNALDATE))
    return [row.content for row in page.rows]


def test_greeting_and_lhlo(store):
    assert b"".join(converse(store, [b"LHLO mta\r\nQUIT\r\n"])).decode() == (
        "220 here LMTP ready\r\n250-here\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-BINARYMIME\r\n"
        "250-CHUNKING\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n221 2.0.0 here closing connection\r\n"
    )


def test_a_message_is_delivered_with_trace_fields(store):
    said = replies(store, [*BEGIN, b"DATA\r\n", b"Subject: x\r\n\r\n..dot\r\n.\r\n", b"QUIT\r\n"])
    assert said[-5:] == [
        "250 2.1.0 Sender ok",
        "250 2.1.5 <ann@here> ok",
        "354 Start mail input; end with <CRLF>.<CRLF>",
        "250 2.0.0 <ann@here> delivered",
        "221 2.0.0 here closing connection",
    ]
    assert inbox(store) == [
        b"Return-Path: <s@x.example>\r\n"
        b"Received: from mta ([192.0.2.1])\r\n\tby here with LMTP\r\n\tfor <ann@here>; Tue, 24 Nov 2026 13:05:07 +0000\r\n"
        b"Subject: x\r\n\r\n.dot\r\n"
    ]


@pytest.mark.parametrize(
    ("peer", "sender", "expected"),
    [
        (Peer("unix", local=True), b"<>", b"Return-Path: <>\r\nReceived: from mta\r\n\tby here with LMTP\r\n"),
        (Peer("2001:db8::1"), b"<>", b"Return-Path: <>\r\nReceived: from mta ([IPv6:2001:db8::1])\r\n"),
        (Peer("192.0.2.1", tls=True), b"<> SMTPUTF8", b"\tby here with UTF8LMTPS\r\n"),
        (Peer("unix"), b'<"a b"@c>', b'Return-Path: <"a b"@c>\r\n'),
    ],
)
def test_trace_fields_tell_where_mail_came_from(store, peer, sender, expected):
    converse(store, [b"LHLO mta\r\nMAIL FROM:" + sender + b"\r\nRCPT TO:<ann>\r\nDATA\r\n", b"x\r\n.\r\n"], peer)
    assert expected in inbox(store)[0]


def test_each_recipient_has_its_own_reply_in_its_own_write(store):
    faulty = Faulty(store, {})
    original = faulty.execute

    def execute(operation):
        if isinstance(operation, AppendMessages) and operation.user == "ben":
            raise OverQuota
        return original(operation)

    faulty.execute = execute
    written = converse(
        faulty, [*BEGIN, b"RCPT TO:<nobody@here>\r\nRCPT TO:<ben@here>\r\nRCPT TO:<ann@here>\r\nDATA\r\n", b"x\r\n.\r\n"]
    )
    assert written[-3:] == [
        b"250 2.0.0 <ann@here> delivered\r\n",
        b"552 5.2.2 Mailbox full\r\n",
        b"250 2.0.0 <ann@here> delivered\r\n",
    ]
    assert len(inbox(store)) == 2


def test_pipelined_replies_go_out_together(store):
    written = converse(store, [b"".join([*BEGIN, b"DATA\r\n"]), b"x\r\n.\r\nRSET\r\n"])
    assert len(written) == 5  # greeting; LHLO; MAIL to 354; the recipient's reply; RSET
    assert written[2].startswith(b"250 2.1.0 ")
    assert written[2].endswith(b"354 Start mail input; end with <CRLF>.<CRLF>\r\n")


@pytest.mark.parametrize("line", [b"LHLO m\r\n", b"VRFY a\r\n", b"EXPN a\r\n", b"NOOP\r\n", b"HELP\r\n", b"FOO\r\n", b"MAIL\r\n"])
def test_what_a_client_gets_in_step_with_is_answered_at_once(store, line):
    assert len(converse(store, [line + b"RSET\r\nRSET\r\n"])) == 3  # greeting; the answer; both RSET


def test_a_folder_behind_the_plus_sign(store):
    store.execute(CreateMailbox(UserName("ann"), "lists"))
    events = [b"LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<ann+lists@here>\r\nRCPT TO:<ann+nowhere@here>\r\nDATA\r\n", b"x\r\n.\r\n"]
    assert codes(store, events)[-2:] == ["250 2.0.0", "250 2.0.0"]
    assert len(inbox(store, name="lists")) == 1
    assert len(inbox(store)) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StoreBusy(), "451 4.3.0"),
        (StoreUnavailable(), "451 4.3.0"),
        (OverQuota(), "552 5.2.2"),
        (TooLarge(), "552 5.3.4"),
        (StoreError("new"), "451 4.3.0"),
    ],
)
def test_a_store_that_refuses_never_gives_250(store, error, expected):
    faulty = Faulty(store, {AppendMessages: error})
    assert codes(faulty, [*BEGIN, b"DATA\r\n", b"x\r\n.\r\n"])[-1] == expected
    assert inbox(store) == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"MAIL FROM:<>\r\n", "503 5.5.1"),
        (b"LHLO m\r\nRCPT TO:<ann>\r\n", "503 5.5.1"),
        (b"LHLO m\r\nMAIL FROM:<>\r\nDATA\r\n", "503 5.5.1"),
        (b"LHLO m\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n", "503 5.5.1"),
        (b"LHLO m\r\nBDAT 3\r\nabc", "503 5.5.1"),
        (b"LHLO m\r\nMAIL FROM:<>\r\nBDAT 3\r\nabc", "503 5.5.1"),
        (b"LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<nobody>\r\n", "550 5.1.1"),
        (b"LHLO m\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<ann>\r\nDATA\r\n", "503 5.5.1"),
        (b"LHLO m\r\nMAIL FROM:<> SIZE=1001\r\n", "552 5.3.4"),
        (b"LHLO m\r\nMAIL FROM:<> SIZE=1 SIZE=1\r\n", "501 5.5.4"),
        (b"LHLO m\r\nMAIL FROM:<> RET=HDRS\r\n", "555 5.5.4"),
        (b"LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<ann> NOTIFY=NEVER\r\n", "555 5.5.4"),
        ("LHLO m\r\nMAIL FROM:<é@x>\r\n".encode(), "550 5.6.7"),
        ("LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<é@x>\r\n".encode(), "553 5.6.7"),
        (b"EHLO m\r\n", "500 5.5.1"),
        (b"STARTTLS\r\n", "500 5.5.1"),
        (b"MAIL\r\n", "501 5.5.4"),
        (b"x" * 3000 + b"\r\n", "500 5.5.2"),
        (b"VRFY ann\r\n", "252 2.1.5"),
        (b"EXPN list\r\n", "502 5.5.1"),
        (b"HELP\r\n", "214 2.0.0"),
        (b"NOOP\r\n", "250 2.0.0"),
        (b"RSET\r\n", "250 2.0.0"),
    ],
)
def test_single_answers(store, sent, expected):
    assert codes(store, [sent])[-1] == expected


def test_utf8_addresses_after_smtputf8(store):
    users = ModelStore({"jürgen": ""})
    sent = "LHLO m\r\nMAIL FROM:<é@x> SMTPUTF8\r\nRCPT TO:<jürgen@here>\r\nDATA\r\n".encode()
    assert replies(users, [sent, b"x\r\n.\r\n"])[-1] == "250 2.0.0 <j?rgen@here> delivered"  # RFC 6531 §3.7.4.2
    assert "Return-Path: <é@x>\r\n".encode() in inbox(users, "jürgen")[0]


def test_too_many_recipients_keep_the_first_ones(store):
    said = codes(store, [*BEGIN, b"RCPT TO:<ann>\r\n" * 3, b"DATA\r\n", b"x\r\n.\r\n"])
    assert said[-8:] == ["250 2.1.5"] * 3 + ["452 4.5.3", "354 Start"] + ["250 2.0.0"] * 3
    assert len(inbox(store)) == 3


@pytest.mark.parametrize("cut", [1, 2, 7, 64, 10_000])
@pytest.mark.parametrize("size", [10, 99, 100, 101, 250, 700])
def test_large_messages_are_staged_for_each_recipient(store, size, cut):
    body = b"".join(b"%060d\r\n" % number for number in range(size // 62 + 1))[:size] + b"\r\n"
    sent = body + b".\r\n"
    faulty = Faulty(store, {})
    pieces = [sent[start : start + cut] for start in range(0, len(sent), cut)]
    assert codes(faulty, [*BEGIN, b"RCPT TO:<ben@here>\r\nDATA\r\n", *pieces])[-2:] == ["250 2.0.0"] * 2
    for user in ("ann", "ben"):
        assert inbox(store, user)[0].endswith(b"+0000\r\n" + body)
    staged = [each for each in faulty.seen if isinstance(each, StageOctets)]
    assert bool(staged) == (len(body) > 100)
    assert all(len(each.octets) < 20_000 for each in staged)


@pytest.mark.parametrize("way", [b"DATA\r\n", b"BDAT 1202 LAST\r\n"])
def test_a_message_above_the_limit_is_swallowed_and_refused(store, way):
    body = b"x" * 1200 + b"\r\n" + (b".\r\n" if way.startswith(b"DATA") else b"")
    faulty = Faulty(store, {})
    assert codes(faulty, [*BEGIN, way, *[body[i : i + 50] for i in range(0, len(body), 50)], b"NOOP\r\n"])[-2:] == [
        "552 5.3.4",
        "250 2.0.0",
    ]
    assert sum(isinstance(each, DiscardStaged) for each in faulty.seen) == 1
    assert inbox(store) == []


def test_staging_that_fails_refuses_every_recipient(store):
    faulty = Faulty(store, {StageOctets: StoreUnavailable()})
    assert codes(faulty, [*BEGIN, b"RCPT TO:<ben>\r\nDATA\r\n", b"x" * 300 + b"\r\n.\r\n", b"NOOP\r\n"])[-3:] == [
        "451 4.3.0", "451 4.3.0", "250 2.0.0",
    ]  # fmt: skip


def test_a_failed_delivery_discards_its_staged_copy(store):
    faulty = Faulty(store, {AppendMessages: StoreBusy()})
    assert codes(faulty, [*BEGIN, b"DATA\r\n", b"x" * 300 + b"\r\n.\r\n"])[-1] == "451 4.3.0"
    assert sum(isinstance(each, DiscardStaged) for each in faulty.seen) == 1


def test_a_client_that_leaves_in_the_middle_delivers_nothing(store):
    faulty = Faulty(store, {})
    converse(faulty, [*BEGIN, b"DATA\r\n", b"x" * 300 + b"\r\n"])
    assert sum(isinstance(each, DiscardStaged) for each in faulty.seen) == 1
    assert inbox(store) == []


def test_chunks(store):
    sent = [*BEGIN, b"BDAT 12\r\nSubject: x\r\nBDAT 4\r\n\r\n.\rBDAT 0 LAST\r\n", b"NOOP\r\n"]
    assert replies(store, sent)[-4:] == [
        "250 2.0.0 12 octets received", "250 2.0.0 4 octets received", "250 2.0.0 <ann@here> delivered", "250 2.0.0 Ok",
    ]  # fmt: skip
    assert inbox(store)[0].endswith(b"Subject: x\r\n\r\n.\r")


def test_binary_chunks_keep_every_octet(store):
    body = bytes(range(256)) * 3
    sent = [b"LHLO m\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<ann>\r\nBDAT 768 LAST\r\n" + body]
    assert codes(store, sent)[-1] == "250 2.0.0"
    assert inbox(store)[0].endswith(b"+0000\r\n" + body)


def test_nul_is_refused_in_lines_and_taken_in_chunks(store):
    said = codes(store, [*BEGIN, b"DATA\r\n", b"a\x00b\r\n.\r\n", *BEGIN[1:], b"BDAT 5 LAST\r\na\x00b\r\n"])
    assert [said[-4], said[-1]] == ["554 5.6.0", "250 2.0.0"]
    assert inbox(store)[0].endswith(b"\r\na\x00b\r\n")


def test_bdat_last_without_recipients_has_no_reply(store):
    sent = b"LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<nobody>\r\nBDAT 3 LAST\r\nabcMAIL FROM:<>\r\n"
    assert codes(store, [sent])[-2:] == ["550 5.1.1", "250 2.1.0"]


def test_no_data_after_bdat(store):
    assert codes(store, [*BEGIN, b"BDAT 3\r\nabc", b"DATA\r\n", b"RCPT TO:<ben>\r\n", b"RSET\r\n", b"MAIL FROM:<>\r\n"])[-5:] == [
        "250 2.0.0", "503 5.5.1", "503 5.5.1", "250 2.0.0", "250 2.1.0",
    ]  # fmt: skip


def test_a_failed_chunk_fails_the_transaction(store):
    sent = [*BEGIN, b"BDAT 1001\r\n" + b"x" * 1001, b"BDAT 5\r\nabcde", b"BDAT 0 LAST\r\n", b"MAIL FROM:<>\r\n"]
    assert codes(store, sent)[-4:] == ["552 5.3.4", "552 5.3.4", "552 5.3.4", "250 2.1.0"]


def test_smuggled_commands_stay_text(store):
    text = b"x\n.\r\nMAIL FROM:<evil@x>\r\nRCPT TO:<ben>\r\nDATA\r\nhi\n.\n"
    converse(store, [*BEGIN, b"DATA\r\n", text + b"\r\n.\r\n"])
    assert inbox(store, "ben") == []
    assert inbox(store)[0].endswith(text + b"\r\n")


@pytest.mark.parametrize(
    ("event", "expected"),
    [(TimedOut(), "421 4.4.2 here timed out"), (Shutdown(), "421 4.3.2 here shutting down")],
)
def test_farewells(store, event, expected):
    assert replies(store, [event]) == [expected]


def test_too_many_errors(store):
    assert codes(store, [b"FOO\r\n" * 10])[-2:] == ["500 5.5.1", "421 4.7.0"]


def test_lhlo_again_forgets_the_transaction(store):
    assert codes(store, [*BEGIN, b"LHLO mta\r\nDATA\r\n"])[-1] == "503 5.5.1"


def test_our_own_failure_has_a_farewell():
    server = LmtpServer(Peer("x"), clock=lambda: NOW, hostname="here")
    assert server.crash_farewell() == b"421 4.3.0 here internal error\r\n"
