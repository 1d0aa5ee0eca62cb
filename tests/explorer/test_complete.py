"""The tables are complete and have no dead rows: every command is tried in every state that the tables lead to.

The states are found as the tables say: from where a connection begins, by whatever commands lead on. Each has commands that
lead there, and after these each command is sent, in forms that succeed and in forms that do not.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from angarium.engine.imap import tables as imap
from angarium.engine.imap.state import State as ImapState
from angarium.engine.lmtp import connection as lmtp_connection
from angarium.engine.lmtp import tables as lmtp
from angarium.engine.lmtp.connection import LmtpServer
from angarium.engine.lmtp.limits import Limits
from angarium.engine.lmtp.session import State as LmtpState
from angarium.engine.operations import AppendMessages, NewMessage, StoreError, UserName
from angarium.engine.steps import Execute, Failed, Peer, Received, Result, Write
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Condition
from angarium.grammar.lmtp import commands as l
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

Seen = tuple[Any, type, Any, Any]
"""State, command, outcome, state then."""
Try = Callable[[list[str], str], tuple[Any, Any, Any]]
"""Send lines to a new connection, then one more: the state before it, the outcome, the state after it."""


def everything_tried(start: Any, ends: set[Any], lines: dict[type, list[str]], attempt: Try) -> Iterator[Seen]:
    """Every command in every state that can be reached."""
    ways: dict[Any, list[str]] = {start: []}
    waiting = [start]
    while waiting:
        state = waiting.pop()
        for command, forms in lines.items():
            for form in forms:
                before, outcome, after = attempt(ways[state], form)
                assert before is state
                yield state, command, outcome, after
                if after not in ways and after not in ends:
                    ways[after] = [*ways[state], form]
                    waiting.append(after)


IMAP_LINES = {
    c.Capability: ["CAPABILITY"], c.Noop: ["NOOP"], c.Logout: ["LOGOUT"], c.Id: ["ID NIL"], c.StartTls: ["STARTTLS"],
    c.Authenticate: ["AUTHENTICATE PLAIN AHRpbQBzZWNyZXQ=", "AUTHENTICATE PLAIN AHRpbQB4", "AUTHENTICATE NONE"],
    c.Login: ["LOGIN tim secret", "LOGIN tim x"], c.Enable: ["ENABLE QRESYNC"],
    c.Select: ["SELECT INBOX", "EXAMINE INBOX", "SELECT none"],
    c.Create: ["CREATE a", "CREATE INBOX"], c.Delete: ["DELETE Sent", "DELETE INBOX"], c.Rename: ["RENAME Sent a", "RENAME a b"],
    c.Subscribe: ["SUBSCRIBE a"], c.Unsubscribe: ["UNSUBSCRIBE a"], c.List: ['LIST "" *'], c.Lsub: ['LSUB "" *'],
    c.Namespace: ["NAMESPACE"], c.Status: ["STATUS INBOX (MESSAGES)", "STATUS a (MESSAGES)"],
    c.Append: ["APPEND INBOX {1+}\r\nx", "APPEND a {1+}\r\nx"], c.Idle: ["IDLE\r\nDONE"], c.Check: ["CHECK"],
    c.Close: ["CLOSE"], c.Unselect: ["UNSELECT"], c.Expunge: ["EXPUNGE", "UID EXPUNGE 1"], c.Search: ["SEARCH ALL", "SEARCH 9"],
    c.Sort: ["SORT (DATE) UTF-8 ALL", "SORT (DATE) UTF-8 9"],
    c.Thread: ["THREAD REFERENCES UTF-8 ALL", "THREAD REFERENCES X ALL"],
    c.CancelUpdate: ['CANCELUPDATE "a"'],
    c.Fetch: ["UID FETCH 1 FLAGS", "FETCH 9 FLAGS"], c.Store: ["UID STORE 1 FLAGS ()", "STORE 9 FLAGS ()"],
    c.Compress: ["COMPRESS DEFLATE"], c.Unauthenticate: ["UNAUTHENTICATE"],
    c.SetAcl: ["SETACL INBOX bob +lr", "SETACL a bob lr", "SETACL INBOX bob Q"], c.DeleteAcl: ["DELETEACL INBOX bob"],
    c.GetAcl: ["GETACL INBOX", "GETACL a"], c.ListRights: ["LISTRIGHTS INBOX bob", "LISTRIGHTS a bob"],
    c.MyRights: ["MYRIGHTS INBOX", "MYRIGHTS a"],
    c.Copy: ["UID COPY 1 INBOX", "COPY 9 INBOX"], c.Move: ["UID MOVE 1 INBOX", "MOVE 9 INBOX"],
    c.Replace: ["UID REPLACE 1 INBOX {1+}\r\nx", "REPLACE 9 INBOX {1+}\r\nx"],
}  # fmt: skip


def imap_attempt(way: list[str], line: str) -> tuple[ImapState, Condition, ImapState]:
    store = ModelStore({"tim": "secret"})
    store.execute(AppendMessages(UserName("tim"), "INBOX", (NewMessage(b"x"),)))
    connection = Dialogue(store.execute, Peer("client", local=True, can_start_tls=True))
    for before in way:
        connection.command(f"way {before}")
    connection.lines()
    state = connection.server.session.state
    answers = connection.command(f"tag {line}")
    (tagged,) = [answer for answer in answers if answer.startswith(b"tag ")]
    return state, Condition(tagged.split()[1]), connection.server.session.state


@pytest.fixture(scope="module")
def imap_seen() -> list[Seen]:
    return list(everything_tried(ImapState.NOT_AUTHENTICATED, {ImapState.LOGOUT}, IMAP_LINES, imap_attempt))


def test_imap_every_command_has_an_outcome_in_every_state(imap_seen: list[Seen]) -> None:
    states = set(ImapState) - {ImapState.LOGOUT}
    assert {(state, command) for state, command, _, _ in imap_seen} == {(s, row.value) for s in states for row in imap.COMMANDS}
    for state, command, outcome, after in imap_seen:
        if state not in imap.COMMAND_OF[command].valid_in:
            assert (outcome, after) == (Condition.BAD, state)
        assert imap.TRANSITIONS.get((state, command, outcome), state) is after


def test_imap_no_row_is_dead(imap_seen: list[Seen]) -> None:
    assert {(state, command, outcome) for state, command, outcome, _ in imap_seen} >= set(imap.TRANSITIONS)
    done = {(state, command) for state, command, outcome, _ in imap_seen if outcome is Condition.OK}
    assert done == {(state, row.value) for row in imap.COMMANDS for state in row.valid_in}
    assert {after for *_, after in imap_seen} == set(ImapState)


LMTP_LINES = {
    l.Lhlo: ["LHLO mta"], l.Greet: ["EHLO mta"], l.Mail: ["MAIL FROM:<s@x.example>", "MAIL FROM:<> X=Y"],
    l.Rcpt: ["RCPT TO:<tim@here>", "RCPT TO:<nobody@here>"], l.Data: ["DATA"],
    l.Bdat: ["BDAT 3\r\nx\r\n", "BDAT 3 LAST\r\nx\r\n"], l.Rset: ["RSET"], l.Vrfy: ["VRFY tim"], l.Expn: ["EXPN all"],
    l.Help: ["HELP"], l.Noop: ["NOOP"], l.Quit: ["QUIT"],
}  # fmt: skip


class LmtpDialogue:
    """An LMTP engine on a model store; ``said`` is what it has answered."""

    def __init__(self) -> None:
        self.store = ModelStore({"tim": ""})
        self.server = LmtpServer(Peer("client"), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC), limits=Limits(errors_max=99))
        self.steps = self.server.run()
        self.said = b""
        self.run(None)

    def run(self, event: Any) -> None:
        try:
            while isinstance(step := self.steps.send(event), Write | Execute):
                event = self.done(step)
        except StopIteration:
            return

    def done(self, step: Write | Execute) -> Any:
        if isinstance(step, Write):
            self.said += step.octets
            return None
        try:
            return Result(self.store.execute(step.operation))
        except StoreError as error:
            return Failed(error)

    def line(self, text: str) -> bytes:
        """Send a line, and mail where it is asked for; the replies."""
        self.said = b""
        self.run(Received(text.encode() + (b"" if text.startswith("BDAT") else b"\r\n")))
        if self.said.startswith(b"354"):
            self.run(Received(b"x\r\n.\r\n"))
        return self.said


@pytest.fixture
def lmtp_seen(monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    outcomes: list[Any] = []

    def watched(row: lmtp.Command) -> lmtp.Command:
        def carry_out(session: Any, command: Any) -> Any:
            outcome = yield from row.carry_out(session, command)
            outcomes.append(outcome)
            return outcome

        return evolve(row, carry_out=carry_out)

    for row in lmtp.COMMANDS:
        monkeypatch.setitem(lmtp_connection._ROWS, row.value, watched(row))

    def attempt(way: list[str], line: str) -> tuple[LmtpState, Any, LmtpState]:
        dialogue = LmtpDialogue()
        for before in way:
            dialogue.line(before)
        state = dialogue.server.state
        outcomes.clear()
        replies = dialogue.line(line)
        return state, (outcomes[0] if outcomes else None, replies[:3]), dialogue.server.state

    return list(everything_tried(LmtpState.CONNECTED, set(), LMTP_LINES, attempt))


def test_lmtp_every_command_has_an_outcome_in_every_state(lmtp_seen: list[Seen]) -> None:
    rows = {row.value: row for row in lmtp.COMMANDS}
    assert {(state, command) for state, command, _, _ in lmtp_seen} == {(s, row) for s in LmtpState for row in rows}
    for state, command, (outcome, code), after in lmtp_seen:
        if state not in rows[command].valid_in:
            assert (outcome, code, after) == (None, b"503", state)
        elif command is l.Quit:
            assert (outcome, code, after) == (None, b"221", state)
        else:
            # RFC 2033 §4.3: as many replies to the last BDAT as there are recipients, and there may be none.
            assert code or (state is LmtpState.SENDER and command is l.Bdat)
            assert lmtp.TRANSITIONS.get((state, command, outcome), state) is after


def test_lmtp_no_row_is_dead(lmtp_seen: list[Seen]) -> None:
    assert {(state, command, outcome) for state, command, (outcome, _), _ in lmtp_seen} >= set(lmtp.TRANSITIONS)
    used = {(state, command) for state, command, (outcome, code), _ in lmtp_seen if code != b"503" or outcome is not None}
    assert used == {(state, row.value) for row in lmtp.COMMANDS for state in row.valid_in}
    assert {after for *_, after in lmtp_seen} == set(LmtpState)
