"""The explorer itself: does it notice, does it tell how, and is looking up pairs of store and session the same as living it?"""

import random
from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from angarium.engine.steps import Received, Woken
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Tagged
from angarium.grammar.imap.search_keys import ModSequenceSince
from angarium.spec.explorer.alphabet import ALL, moves
from angarium.spec.explorer.behaviour import Behaviour, Found
from angarium.spec.explorer.bounds import Bounds
from angarium.spec.explorer.edge import FRESH, Connect, Done, Move, Subject, Wake, edge, judge, octets_of, responses_of
from angarium.spec.explorer.freeze import carried_over, freeze_held, freeze_store
from angarium.spec.explorer.memory import Answered, Execute, Memory
from angarium.spec.explorer.product import EMPTY, Explorer, check_recent, packed, unpacked
from angarium.spec.explorer.report import as_json, as_text
from angarium.spec.explorer.story import story
from angarium.spec.explorer.thaw import CONTENT, DATE, SECRET, USER, thaw_memory, thaw_model, thaw_store
from angarium.spec.explorer.values import Box, Entry, Held, Letter, Store
from angarium.spec.protocol.answer import Inadmissible
from explorer.engine_server import ENGINE, Line, engine, remembered

SMALL = Bounds(subscribe=False, examine=False)
RICH = Bounds(messages=2, view=3, recent=True, saved=True, remembered=1, enable=(b"QRESYNC",))
Fault = Callable[[Memory, bytes, Answered], Answered]


def faulty(fault: Fault) -> Subject:
    def server(memory: Memory, execute: Execute, octets: bytes) -> Answered:
        return fault(memory, octets, engine(memory, execute, octets))

    return Subject(server, ENGINE.transitions)


def one_too_many(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    return evolve(answered, octets=answered.octets.replace(b"* 1 EXISTS", b"* 2 EXISTS"))


def no_farewell(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    return evolve(answered, octets=answered.octets.replace(b"* BYE logging out\r\n", b""))


def does_not_hang_up(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    return evolve(answered, memory=answered.memory or memory)


def stays_selected(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    return evolve(answered, memory=memory) if sent == b"t UNSELECT\r\n" else answered


def keeps_what_is_gone(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    return evolve(answered, memory=memory) if b"EXPUNGE\r\n" in answered.octets and answered.memory else answered


def gossips(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    return evolve(answered, octets=answered.octets.replace(b"NOOP completed", SECRET))


def crashes(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    if memory.idling:
        raise ZeroDivisionError("in the server")
    return answered


FAULTS = [
    (one_too_many, "RFC 9051 §7.4.1: EXISTS counts messages that are there"),
    (no_farewell, "RFC 9051 §6.1.3: BYE before the tagged OK"),
    (does_not_hang_up, "RFC 9051 §3.4: the server hangs up"),
    (stays_selected, "RFC 9051 §3: the state of the connection"),
    (keeps_what_is_gone, "RFC 9051 §2.3.1.2: message numbers mean the same to both"),
    (gossips, "RFC 9051 §11: nothing of another user is told"),
    (crashes, "in the server"),
]


def takes_all_for_recent(memory: Memory, sent: bytes, answered: Answered) -> Answered:
    if answered.memory is None or answered.memory.selection is None:
        return answered
    selection = answered.memory.selection
    return evolve(answered, memory=evolve(answered.memory, selection=evolve(selection, recent=selection.view)))


def test_what_two_sessions_may_not_have_is_found_and_told() -> None:
    explorer = Explorer(faulty(takes_all_for_recent), evolve(SMALL, recent=True))
    with pytest.raises(Found, match="recent to one session at most") as found:
        explorer.run()
    lines = story(explorer, found.value).splitlines()
    assert {"1 C: t SELECT INBOX", "2 C: t SELECT INBOX"} <= set(lines)
    assert lines[-1].startswith("Inadmissible: RFC 3501 §2.3.2: a message is recent to one session at most")


@pytest.mark.parametrize(("fault", "reason"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_is_found_and_told(fault: Fault, reason: str) -> None:
    explorer = Explorer(faulty(fault), SMALL)
    with pytest.raises(Found, match=reason) as found:
        explorer.run()
    lines = story(explorer, found.value).splitlines()
    assert "1 C: t LOGIN mira secret" in lines or len(lines) < 10
    assert reason in lines[-1]


def test_a_faultless_server_has_no_story_to_tell() -> None:
    report = Explorer(ENGINE, SMALL).run(depth=3)
    assert (report.complete, len(report.depths)) == (False, 3)
    assert "stopped before the end" in as_text(report)
    assert '"complete": false' in as_json(report)


def test_the_transition_table_is_obeyed() -> None:
    table = dict.fromkeys(ENGINE.transitions, "selected")
    with pytest.raises(Inadmissible, match="the state that the table leads to"):
        edge(Subject(engine, table), SMALL, EMPTY, FRESH, c.Logout())


def test_a_state_is_one_number() -> None:
    assert unpacked(packed(7, (5, 3)), 2) == (7, (3, 5))
    assert packed(7, (5, 3)) == packed(7, (3, 5))


@pytest.mark.parametrize(
    ("unclaimed", "recents"), [(0, [True, True]), (1, [True, False])], ids=["two sessions", "a session and nobody yet"]
)
def test_a_message_is_recent_once(unclaimed: int, recents: list[bool]) -> None:
    store = Store((Box("INBOX", (Letter(),), unclaimed),))
    helds = [Held("selected", box=0, entries=(Entry(0, recent=recent),)) for recent in recents]
    with pytest.raises(Inadmissible, match="recent to one session at most"):
        check_recent(store, helds)
    check_recent(store, [evolve(held, read_only=True) for held in helds])


def test_values_come_back_as_they_went() -> None:
    behaviour = Behaviour(ENGINE, RICH)
    waiting, seen = [(EMPTY, FRESH)], {(EMPTY, FRESH)}
    while waiting and len(seen) < 150:
        store, held = waiting.pop(0)
        for move in moves(RICH, held):
            found = edge(behaviour.subject, RICH, store, held, move)
            if (found.store, found.held) not in seen and found.held.state != "logout":
                seen.add((found.store, found.held))
                waiting.append((found.store, found.held))
    for store, held in seen:
        account = thaw_store(store, held).world.account(USER)
        session = thaw_model(store, held).sessions[0]
        assert freeze_store(account, RICH) == store
        assert freeze_held(account, thaw_memory(held), session, RICH) == held


def nameless(move: Move) -> bool:
    """Whether a move names no UID and no mod-sequence, so that it means the same whatever the numbers are."""
    if (isinstance(move, c.Select) and move.qresync) or (isinstance(move, c.Search) and isinstance(move.key, ModSequenceSince)):
        return False
    if getattr(move, "changed_since", None) or getattr(move, "unchanged_since", None):
        return False
    if isinstance(move, c.Store | c.Fetch | c.Copy | c.Move):
        return not move.uid or move.numbers == ALL
    if isinstance(move, c.Replace):
        return not move.uid
    return not isinstance(move, c.Expunge) or move.uids in (None, ALL)


class Life:
    """Two engines that live on, on one store, with nothing thawed; and the protocol model beside them."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.store = thaw_store(EMPTY, FRESH)
        self.model = thaw_model(EMPTY, FRESH)
        self.idling = [False, False]
        self.lines: list[Line] = []
        for number in range(2):
            self.lines.append(Line(self.store.execute))
            self.model.connect(number)

    def act(self, number: int, move: Move) -> None:
        line = self.lines[number]
        if isinstance(move, Connect):
            self.lines[number] = Line(self.store.execute)
            self.model.connect(number)
            return
        utf8 = b"IMAP4REV2" in self.model.sessions[number].enabled
        line.octets = b""
        line.run(Woken() if isinstance(move, Wake) else Received(octets_of(move, utf8)))
        responses = responses_of(line.octets, utf8)
        if isinstance(move, c.Idle | Done | Wake):
            self.idling[number] = not any(isinstance(each, Tagged) for each in responses) and not line.closed
        self.model.sessions[0], kept = self.model.sessions[number], self.model.sessions[0]
        judge(self.model, move, responses)
        self.model.sessions[0] = kept

    def frozen(self) -> tuple[Store, list[Held]]:
        account = self.store.world.account(USER)
        helds = [
            Held("logout")
            if line.closed
            else freeze_held(
                account, remembered(line.server.session, idling=self.idling[number]), self.model.sessions[number], self.bounds
            )
            for number, line in enumerate(self.lines)
        ]
        return freeze_store(account, self.bounds), helds


LOGIN, SELECT, APPEND = c.Login(b"mira", b"secret"), c.Select("INBOX"), c.Append("INBOX", CONTENT, (), DATE)
PRELUDE: list[tuple[int, Move]] = [(0, LOGIN), (1, LOGIN), (0, c.Create("a")), (0, APPEND), (0, APPEND), (0, SELECT), (1, SELECT)]


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_looking_up_is_the_same_as_living(choice: random.Random) -> None:
    bounds = evolve(RICH, subscribe=True)
    life, store, helds = Life(bounds), EMPTY, [FRESH, FRESH]
    for step in range(40):
        number = choice.randrange(2)
        move = choice.choice([each for each in moves(bounds, helds[number]) if nameless(each) and each != c.Logout()])
        if step < len(PRELUDE):
            number, move = PRELUDE[step]
        found = edge(ENGINE, bounds, store, helds[number], move)
        if found.store.alive > 4:
            continue
        life.act(number, move)
        other = helds[1 - number]
        helds[1 - number] = other if found.effect is None else carried_over(other, found.effect, found.store)
        helds[number], store = found.held, found.store
        assert life.frozen() == (store, helds), move


def test_what_is_appended_is_what_is_there() -> None:
    store = thaw_store(Store((Box("INBOX", (Letter(),)),)), FRESH)
    assert [message.content for message in store.world.account(USER).mailboxes[1].messages.values()] == [CONTENT]
