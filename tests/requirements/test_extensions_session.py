"""ENABLE (RFC 5161), ID (RFC 2971), IDLE (RFC 2177), NAMESPACE (RFC 2342), STARTTLS (RFC 2595), and who announces what."""

from collections.abc import Callable

import pytest

from angarium.engine.imap.identity import Identity
from angarium.engine.imap.state import PlaintextLogin
from angarium.engine.steps import Peer, TimedOut
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue


def capabilities(connection: Dialogue) -> list[bytes]:
    return connection.command("c CAPABILITY")[0].removeprefix(b"* CAPABILITY ").split()


@pytest.mark.parametrize(
    "name",
    [
        "CHILDREN",
        "CREATE-SPECIAL-USE",
        "ENABLE",
        "ESEARCH",
        "ID",
        "IDLE",
        "LIST-EXTENDED",
        "LIST-STATUS",
        "MOVE",
        "NAMESPACE",
        "SEARCHRES",
        "SPECIAL-USE",
        "STATUS=SIZE",
        "UIDPLUS",
        "UNSELECT",
    ],
)
def test_extensions_are_announced(inbox: Dialogue, name: str) -> None:
    assert capabilities(inbox).count(name.encode()) == 1


def test_what_is_not_there_is_not_announced(inbox: Dialogue) -> None:
    assert not {b"LITERAL-", b"METADATA"} & set(capabilities(inbox))


@pytest.mark.parametrize("command", ["NAMESPACE", "ID NIL", "IDLE"])
def test_valid_in_both_states_after_login(tim: Dialogue, command: str) -> None:
    assert not tim.command(f"a {command}")[-1].startswith(b"a BAD")
    if command == "IDLE":
        tim.command("DONE")
    tim.command("b SELECT INBOX")
    assert not tim.command(f"c {command}")[-1].startswith(b"c BAD")


@pytest.mark.parametrize("names", ["X-UNKNOWN", "UIDPLUS MOVE", "STARTTLS", "IMAP4rev1"])
def test_enable_passes_over_what_cannot_be_enabled(tim: Dialogue, names: str) -> None:
    assert tim.command(f"a ENABLE {names}") == [b"* ENABLED", b"a OK ENABLE completed"]
    assert tim.command(f"b ENABLE {names} CONDSTORE")[0] == b"* ENABLED CONDSTORE"


def test_enabled_names_what_this_command_enabled(tim: Dialogue) -> None:
    assert tim.command("a enable condstore")[0] == b"* ENABLED CONDSTORE"
    assert tim.command("b ENABLE QRESYNC")[0] == b"* ENABLED QRESYNC"


def test_what_is_enabled_stays_so(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    for command in ("UNSELECT", "ENABLE X-UNKNOWN", "SELECT INBOX"):
        inbox.command(f"b {command}")
    assert inbox.command("c STORE 1 +FLAGS.SILENT (x)")[-2] == b"* 1 FETCH (UID 1 MODSEQ (5))"


def test_enable_changes_no_capability(tim: Dialogue) -> None:
    before = capabilities(tim)
    tim.command("a ENABLE CONDSTORE QRESYNC IMAP4rev2 X-UNKNOWN")
    assert capabilities(tim) == before


def test_enable_may_be_pipelined(store: ModelStore) -> None:
    connection = Dialogue(store.execute)
    lines = connection.say(b"a LOGIN tim secret\r\nb ENABLE QRESYNC\r\nc SELECT INBOX (QRESYNC (1 1))\r\n")
    assert [line[:4] for line in lines if line[:1] in b"abc"] == [b"a OK", b"b OK", b"c OK"]


CLIENTS = ['("name" "Broken Client" "version" "0.1")', '("name" "Good Client" "vendor" NIL)', "NIL", '("x" "y")']


@pytest.mark.parametrize("parameters", CLIENTS)
def test_who_the_client_is_makes_no_difference(store: ModelStore, parameters: str) -> None:
    answers = []
    for identify in (f"i ID {parameters}", "i NOOP"):
        connection = Dialogue(store.execute)
        connection.command(identify)
        talk = ["a CAPABILITY", "b LOGIN tim secret", "c ENABLE CONDSTORE", "d EXAMINE INBOX", "e FETCH 1 (FLAGS BODY[])", "f X"]
        answers.append([line for command in talk for line in connection.command(command)])
    assert answers[0] == answers[1]


@pytest.mark.parametrize("parameters", [*CLIENTS, '("n" "' + "x" * 60_000 + '")'])
def test_what_a_client_says_of_itself_is_not_given_on(store: ModelStore, parameters: str) -> None:
    connection = Dialogue(store.execute)
    assert connection.command(f"a ID {parameters}")[-1] == b"a OK ID completed"
    assert connection.operations == []


def test_the_id_response_is_within_limits(store: ModelStore) -> None:
    identity = Identity("Angarium", version="1", vendor="x", support_url="y")
    connection = Dialogue(store.execute, identity=identity)
    connection.lines()
    (answer, tagged) = connection.command("a ID NIL")
    strings = answer.removeprefix(b"* ID (").removesuffix(b")").replace(b'"', b"").split()
    fields, values = strings[::2], strings[1::2]
    assert fields == [b"name", b"version", b"vendor", b"support-url"]
    assert values == [b"Angarium", b"1", b"x", b"y"]
    assert len(fields) == len(set(fields)) <= 30
    assert all(len(field) <= 30 for field in fields)
    assert tagged == b"a OK ID completed"


@pytest.mark.parametrize("field", ["name", "version", "vendor", "support_url"])
def test_an_identity_that_could_not_be_sent_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="1024 octets"):
        Identity(**{"name": "Angarium"} | {field: "ä" * 513})
    assert Identity(**{"name": "Angarium"} | {field: "ä" * 512}).parameters


def test_idle_is_answered_as_soon_as_it_is_done(inbox: Dialogue) -> None:
    assert inbox.command("a IDLE") == [b"+ idling"]
    assert inbox.command("DONE") == [b"a OK IDLE completed"]
    assert inbox.command("b NOOP") == [b"b OK NOOP completed"]


def test_what_is_queued_comes_before_the_answer_to_done(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a IDLE")
    log_in().append(b"x")
    assert inbox.command("DONE") == [b"* 4 EXISTS", b"* 4 RECENT", b"a OK IDLE completed"]


def test_idle_tells_what_happens(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a IDLE")
    other = log_in()
    other.command("b SELECT INBOX")
    other.command("c STORE 2 +FLAGS.SILENT (\\Deleted)")
    other.command("d EXPUNGE")
    assert b"* 2 EXPUNGE" in inbox.send(TimedOut())


def test_there_is_one_personal_namespace_with_inbox_in_it(tim: Dialogue) -> None:
    assert tim.command("a NAMESPACE") == [b'* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL', b"a OK NAMESPACE completed"]
    assert tim.command('b LIST "" %')[:-1].count(b'* LIST (\\HasNoChildren) "/" INBOX') == 1


@pytest.mark.parametrize(
    "name", ["fred", "fred/INBOX", "user/fred", "Other Users/fred/private", "~fred/private", "#fred", "../fred/private"]
)
def test_mailboxes_of_others_are_out_of_reach(name: str) -> None:
    store = ModelStore({"tim": "secret", "fred": "foo"})
    fred, tim = Dialogue(store.execute), Dialogue(store.execute)
    fred.command("a LOGIN fred foo")
    fred.command("b CREATE private")
    tim.command("a LOGIN tim secret")
    for command in (f'SELECT "{name}"', f'STATUS "{name}" (MESSAGES)'):
        assert tim.command(f"b {command}")[-1].startswith(b"b NO [NONEXISTENT]")
    for arguments in (f'"" "{name}"', '"" *', '"user/" %', '"Other Users/" %', '"~" %'):
        assert not any(b"fred" in line or b"private" in line for line in tim.command(f"c LIST {arguments}"))


def test_login_is_refused_where_it_is_said_to_be_disabled(store: ModelStore) -> None:
    connection = Dialogue(store.execute, Peer("x", can_start_tls=True))
    connection.lines()
    assert {b"STARTTLS", b"LOGINDISABLED"} <= set(capabilities(connection))
    assert connection.command("a LOGIN tim secret") == [b"a NO [PRIVACYREQUIRED] TLS is required before authentication"]
    assert connection.operations == []


def test_after_starttls_other_capabilities_are_announced(store: ModelStore) -> None:
    connection = Dialogue(store.execute, Peer("x", can_start_tls=True))
    assert connection.command("a STARTTLS")[-1].startswith(b"a OK")
    assert not {b"STARTTLS", b"LOGINDISABLED"} & set(capabilities(connection))
    assert b"AUTH=PLAIN" in capabilities(connection)
    assert connection.command("b SELECT INBOX")[-1].startswith(b"b BAD")
    assert connection.command("c LOGIN tim secret")[-1].startswith(b"c OK")
    assert connection.command("d STARTTLS")[-1].startswith(b"d BAD")


@pytest.mark.parametrize(("policy", "refused"), [(PlaintextLogin.NEVER, True), (PlaintextLogin.ALWAYS, False)])
def test_passwords_in_the_clear_can_be_refused_or_allowed(store: ModelStore, policy: PlaintextLogin, refused: bool) -> None:
    connection = Dialogue(store.execute, Peer("x", local=True), plaintext_login=policy)
    connection.lines()
    assert (b"LOGINDISABLED" in capabilities(connection)) is refused
    assert connection.command("a LOGIN tim secret")[-1].startswith(b"a NO" if refused else b"a OK")
