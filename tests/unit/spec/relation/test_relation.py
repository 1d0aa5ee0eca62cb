"""Where the relation leaves freedom, and where not: overlap, broken connections, refusals, numbers of the server's own."""

import pytest

from angarium.spec.history import from_text
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.relation import Undecided, judge

GREETING = "OK [CAPABILITY IMAP4rev1 CONDSTORE UIDPLUS] ready"
FLAGS = r"(\Answered \Flagged \Deleted \Seen \Draft)"


def logged_in(session: int) -> str:
    return f"{session} connected\n{session} S: * {GREETING}\n{session} C: l LOGIN mira secret\n{session} S: l OK in\n"


def selected(session: int, exists: int, uidnext: int, highest: int) -> str:
    lines = (
        "C: s SELECT INBOX", f"S: * FLAGS {FLAGS}", f"S: * {exists} EXISTS", "S: * 0 RECENT", "S: * OK [UIDVALIDITY 77] x",
        f"S: * OK [UIDNEXT {uidnext}] x", f"S: * OK [HIGHESTMODSEQ {highest}] x", f"S: * OK [PERMANENTFLAGS {FLAGS}] x",
        "S: s OK [READ-WRITE] x",
    )  # fmt: skip
    return "".join(f"{session} {line}\n" for line in lines)


def appended(session: int, tag: str) -> str:
    return f"{session} C: {tag} APPEND INBOX {{{len(tag) + 5}+}}\n{session} C+ X: {tag}\n{session} C+\n"


TWO = logged_in(1) + logged_in(2)


def accepts(text: str, *, exact: bool = False) -> bool:
    try:
        judge(from_text(text), ModelStore({"mira": "secret"}), exact=exact)
    except Undecided:
        raise
    except Inadmissible:
        return False
    return True


@pytest.mark.parametrize(("first", "second", "admissible"), [(1, 2, True), (2, 1, True), (1, 1, False)])
def test_commands_that_overlap_take_effect_in_either_order(first: int, second: int, admissible: bool) -> None:
    answers = f"1 S: a OK [APPENDUID 7 {first}] done\n2 S: b OK [APPENDUID 7 {second}] done\n"
    assert accepts(TWO + appended(1, "a") + appended(2, "b") + answers, exact=True) is admissible


@pytest.mark.parametrize(("first", "second", "admissible"), [(1, 2, True), (2, 1, False)])
def test_a_command_answered_before_another_was_sent_comes_first(first: int, second: int, admissible: bool) -> None:
    before = appended(1, "a") + f"1 S: a OK [APPENDUID 7 {first}] done\n"
    after = appended(2, "b") + f"2 S: b OK [APPENDUID 7 {second}] done\n"
    assert accepts(TWO + before + after) is admissible


@pytest.mark.parametrize(("messages", "admissible"), [(0, True), (1, True), (2, False)])
def test_a_command_that_was_not_answered_may_have_been_carried_out(messages: int, admissible: bool) -> None:
    look = f"2 C: t STATUS INBOX (MESSAGES)\n2 S: * STATUS INBOX (MESSAGES {messages})\n2 S: t OK done\n"
    assert accepts(f"{TWO}{appended(1, 'a')}1 closed\n{look}") is admissible


def test_what_was_there_once_does_not_go_by_itself() -> None:
    def look(messages: int) -> str:
        return f"2 C: t STATUS INBOX (MESSAGES)\n2 S: * STATUS INBOX (MESSAGES {messages})\n2 S: t OK done\n"

    lost = f"{TWO}{appended(1, 'a')}1 closed\n"
    assert accepts(lost + look(0) + look(1))
    assert not accepts(lost + look(1) + look(0))


@pytest.mark.parametrize(("code", "admissible"), [("UNAVAILABLE", True), ("OVERQUOTA", True), ("ALREADYEXISTS", False)])
def test_a_server_may_refuse_and_then_nothing_is_done(code: str, admissible: bool) -> None:
    refused = appended(1, "a") + f"1 S: a NO [{code}] no\n"
    look = "2 C: t STATUS INBOX (MESSAGES)\n2 S: * STATUS INBOX (MESSAGES {0})\n2 S: t OK done\n"
    assert accepts(TWO + refused + look.format(0)) is admissible
    assert not accepts(TWO + refused + look.format(1))


def test_a_server_may_say_goodbye_at_any_time() -> None:
    assert accepts(f"{logged_in(1)}1 C: n NOOP\n1 S: * BYE shutting down\n1 closed\n")


def test_what_is_not_offered_may_be_bad_and_its_codes_be_missing() -> None:
    plain = "1 connected\n1 S: * OK [CAPABILITY IMAP4rev1] ready\n1 C: l LOGIN mira secret\n1 S: l OK in\n"
    assert accepts(f"{plain}1 C: m CHECK\n1 S: m BAD nothing selected\n1 C: i ID NIL\n1 S: i BAD what?\n")
    assert accepts(f"{plain}{appended(1, 'a')}1 S: a OK done\n")
    assert not accepts(f"{logged_in(1)}{appended(1, 'a')}1 S: a OK done\n")


def history_with_numbers(uid: int, modseq: int, after: int) -> str:
    """A message under a UID of the server's, its flags changed once."""
    return (
        logged_in(1) + selected(1, 0, 501, 900) + appended(1, "a") + "1 S: * 1 EXISTS\n1 S: a OK [APPENDUID 77 501] done\n"
        "1 C: f FETCH 1 (UID MODSEQ)\n1 S: * 1 FETCH (UID 501 MODSEQ (905))\n1 S: f OK done\n"
        "1 C: k UID STORE 501 +FLAGS.SILENT (\\Seen)\n"
        f"1 S: * 1 FETCH (UID {uid} MODSEQ ({modseq}))\n1 S: k OK done\n"
        f"1 C: g FETCH 1 MODSEQ\n1 S: * 1 FETCH (MODSEQ ({after}))\n1 S: g OK done\n"
    )


@pytest.mark.parametrize(
    ("uid", "modseq", "after", "admissible"),
    [
        (501, 906, 906, True),
        (501, 1234, 1234, True),
        (502, 906, 906, False),
        (501, 904, 904, False),
        (501, 905, 905, False),
        (501, 906, 907, False),
    ],
)
def test_uids_and_mod_sequences_are_the_servers(uid: int, modseq: int, after: int, admissible: bool) -> None:
    assert accepts(history_with_numbers(uid, modseq, after)) is admissible


def test_uids_ascend() -> None:
    answers = "1 S: a OK [APPENDUID 77 {0}] done\n"
    first = logged_in(1) + appended(1, "a") + answers.format(30)
    assert accepts(first + appended(1, "b") + "1 S: b OK [APPENDUID 77 31] done\n")
    assert not accepts(first + appended(1, "b") + "1 S: b OK [APPENDUID 77 29] done\n")


def test_fetch_is_not_atomic() -> None:
    begin = TWO + appended(1, "a") + "1 S: a OK [APPENDUID 77 1] x\n" + appended(1, "b") + "1 S: b OK [APPENDUID 77 2] x\n"
    fetch = "1 C: f FETCH 1:2 FLAGS\n1 S: * 1 FETCH (FLAGS ())\n"
    store = "2 C: k STORE 1:2 +FLAGS.SILENT (\\Seen)\n2 S: k OK x\n"
    rest = "1 S: * 2 FETCH (FLAGS (\\Seen))\n1 S: f OK x\n"
    both = begin + selected(1, 2, 3, 9) + selected(2, 2, 3, 9)
    assert accepts(both + fetch + store + rest)
    assert not accepts(both + store + fetch + rest)


def test_a_search_for_an_order_is_given_up() -> None:
    sends = "".join(appended(1 + number % 2, f"a{number}") for number in range(8))
    text = TWO + sends + "1 S: a0 OK [APPENDUID 7 99] done\n"
    with pytest.raises(Undecided) as found:
        judge(from_text(text), ModelStore({"mira": "secret"}), exact=True, tries_max=3)
    assert found.value.rule == "RFC 9051 §7.1: APPENDUID"
