import pytest

from angarium.engine.imap.capabilities import CAPABILITIES
from angarium.engine.imap.state import State, may_expunge
from angarium.engine.imap.tables import ANY, COMMAND_OF, COMMANDS, MOVES, TRANSITIONS, Command, Seqs
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Condition
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

LINES = {
    c.Capability: ["CAPABILITY"], c.Noop: ["NOOP"], c.Logout: ["LOGOUT"], c.Id: ["ID NIL"], c.StartTls: ["STARTTLS"],
    c.Authenticate: ["AUTHENTICATE PLAIN =", "AUTHENTICATE PLAIN AHRpbQBzZWNyZXQ="], c.Login: ["LOGIN tim secret", "LOGIN a b"],
    c.Enable: ["ENABLE CONDSTORE QRESYNC IMAP4rev2"], c.Select: ["SELECT INBOX", "EXAMINE Sent", "SELECT nowhere"],
    c.Create: ["CREATE a/b", "CREATE INBOX"], c.Delete: ["DELETE Sent", "DELETE INBOX"],
    c.Rename: ["RENAME Sent a", "RENAME a b"],
    c.Subscribe: ["SUBSCRIBE a"], c.Unsubscribe: ["UNSUBSCRIBE a"], c.List: ['LIST "" *', 'LIST "" (*) RETURN (STATUS (SIZE))'],
    c.Lsub: ['LSUB "" *'], c.Namespace: ["NAMESPACE"], c.Status: ["STATUS INBOX (MESSAGES)", "STATUS a (MESSAGES)"],
    c.Append: ["APPEND INBOX {1+}\r\nx", "APPEND a {1+}\r\nx"], c.Idle: ["IDLE\r\nDONE", "IDLE\r\nx"], c.Check: ["CHECK"],
    c.Close: ["CLOSE"], c.Unselect: ["UNSELECT"], c.Expunge: ["EXPUNGE", "UID EXPUNGE 1"],
    c.Search: ["SEARCH ALL", "UID SEARCH RETURN (SAVE) $", "SEARCH 99"],
    c.Sort: ["SORT (DATE) UTF-8 ALL", "UID SORT (REVERSE SIZE) US-ASCII $", "SORT (DATE) UTF-8 99"],
    c.Thread: ["THREAD REFERENCES UTF-8 ALL", "UID THREAD ORDEREDSUBJECT UTF-8 SEEN", "THREAD REFERENCES UTF-8 99"],
    c.CancelUpdate: ['CANCELUPDATE "a"'],
    c.Fetch: ["FETCH 1 FULL", "UID FETCH 1:* BODY[]", "FETCH 99 UID"],
    c.Store: ["STORE 1 FLAGS ()", "UID STORE 1 +FLAGS.SILENT (a)"], c.Copy: ["COPY 1 Sent", "UID COPY 1 a"],
    c.Move: ["MOVE 1 Sent", "UID MOVE 1:* a"],
    c.Replace: ["REPLACE 1 INBOX {1+}\r\nx", "UID REPLACE * a {1+}\r\nx", "REPLACE 99 INBOX {1+}\r\nx"],
    c.Compress: ["COMPRESS DEFLATE"], c.Unauthenticate: ["UNAUTHENTICATE"],
    c.SetAcl: ["SETACL INBOX bob +lr", "SETACL a bob lr", "SETACL INBOX bob Q"], c.DeleteAcl: ["DELETEACL INBOX bob"],
    c.GetAcl: ["GETACL INBOX", "GETACL a"], c.ListRights: ["LISTRIGHTS INBOX bob", "LISTRIGHTS a bob"],
    c.MyRights: ["MYRIGHTS INBOX", "MYRIGHTS a"],
}  # fmt: skip
PRELUDE = {
    State.NOT_AUTHENTICATED: [],
    State.AUTHENTICATED: ["LOGIN tim secret"],
    State.SELECTED: ["LOGIN tim secret", "APPEND INBOX {1+}\r\nx", "SELECT INBOX"],
}
CASES = [(row, line, state) for row in COMMANDS for line in LINES[row.value] for state in ANY]


@pytest.mark.parametrize(("row", "line", "state"), CASES)
def test_any_command_in_any_state_has_its_outcome(row: Command, line: str, state: State) -> None:
    connection = Dialogue(ModelStore({"tim": "secret"}).execute)
    for number, before in enumerate(PRELUDE[state]):
        connection.command(f"p{number} {before}")
    assert connection.server.session.state is state
    connection.lines()
    answers = connection.command(f"tag {line}")
    tagged = [answer for answer in answers if answer.startswith(b"tag ")]
    assert len(tagged) == 1
    condition = Condition(tagged[0].split()[1])
    if state not in row.valid_in:
        assert condition is Condition.BAD
        # IDLE and literals take two lines, and the second is no command then.
        assert answers[0] == tagged[0]
    after = TRANSITIONS.get((state, row.value, condition), state)
    assert connection.server.session.state is after
    assert connection.closed is (after is State.LOGOUT)
    assert (connection.server.session.selected is not None) is (after is State.SELECTED)


def test_every_command_value_has_a_row() -> None:
    assert set(COMMAND_OF) == set(c.Command.__args__)  # type: ignore[attr-defined]
    assert len(COMMANDS) == len(COMMAND_OF)


def test_transitions_begin_where_the_command_is_valid() -> None:
    assert all(state in COMMAND_OF[value].valid_in for state, value, _ in TRANSITIONS)
    assert {value for _, value, _ in TRANSITIONS} == MOVES


def test_needed_capabilities_are_announced() -> None:
    announced = {row.name.decode() for row in CAPABILITIES}
    assert {row.needs for row in COMMANDS if row.needs} <= announced


@pytest.mark.parametrize("row", COMMANDS)
def test_the_sequence_column_agrees_with_the_code(row: Command) -> None:
    numbers = c.SequenceSet(((1, 1),))
    values = {
        c.Search: [c.Search(c.SearchKey.__args__[0](), uid=uid) for uid in (False, True)],  # type: ignore[attr-defined]
        c.Sort: [c.Sort((), c.SearchKey.__args__[0](), b"", uid) for uid in (False, True)],  # type: ignore[attr-defined]
        c.Thread: [
            c.Thread(c.ThreadAlgorithm.REFERENCES, c.SearchKey.__args__[0](), b"", uid)  # type: ignore[attr-defined]
            for uid in (False, True)
        ],
        c.Fetch: [c.Fetch(numbers, (), uid=uid) for uid in (False, True)],
        c.Store: [c.Store(numbers, c.StoreMode.ADD, (), uid=uid) for uid in (False, True)],
    }
    if row.value in values:
        plain, uid = values[row.value]
        assert not may_expunge(plain)
        assert may_expunge(uid)
        assert row.seqs == Seqs.USES | Seqs.BREAKS_AS_UID
    else:
        assert Seqs.BREAKS_AS_UID not in row.seqs
        assert Seqs.BREAKS in row.seqs or not row.polls or row.valid_in == (State.NOT_AUTHENTICATED,)
