"""The protocol model admits what the RFCs allow and nothing else: answers written by hand, no engine in sight."""

import pytest

from angarium.engine.operations import AppendMessages, NewMessage, UserName
from angarium.grammar.imap import commands as c
from angarium.grammar.imap import responses as r
from angarium.grammar.imap.search_keys import All
from angarium.grammar.imap.sequence_set import STAR, NumberSet, SequenceSet
from angarium.spec.model.state import SYSTEM_FLAGS
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol_model import ProtocolModel

OK, NO, BAD = (r.Tagged(b"t", condition) for condition in (r.Condition.OK, r.Condition.NO, r.Condition.BAD))
EVERY = SequenceSet(((1, STAR),))
USER = UserName("mira")
DELETED = (b"\\Deleted",)


def code(name: r.Code, *arguments: object) -> r.Untagged:
    return r.Untagged(r.Condition.OK, code=r.ResponseCode(name, arguments))


def tagged(name: r.Code, *arguments: object, condition: r.Condition = r.Condition.OK) -> r.Tagged:
    return r.Tagged(b"t", condition, code=r.ResponseCode(name, arguments))


def selected(*, sessions: int = 1, messages: int = 3) -> ProtocolModel:
    """A model whose sessions have INBOX selected."""
    store = ModelStore({"mira": "secret"})
    model = ProtocolModel(store)
    store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"Subject: a\r\n\r\nb\r\n"),) * messages))
    for number in range(sessions):
        model.connect(number)
        model.step(number, b"t", c.Login(b"mira", b"secret"), [OK])
        model.step(number, b"t", c.Select("INBOX"), answer_to_select(messages))
    return model


def answer_to_select(messages: int) -> list[r.Response]:
    return [
        r.FlagsData(SYSTEM_FLAGS),
        r.Exists(messages),
        r.Recent(0),
        code(r.Code.UIDVALIDITY, 7),
        code(r.Code.UIDNEXT, messages + 1),
        code(r.Code.HIGHESTMODSEQ, 2),
        code(r.Code.MAILBOXID, b"F1"),
        code(r.Code.PERMANENTFLAGS, *SYSTEM_FLAGS),
        tagged(r.Code.READ_WRITE),
    ]


def flags(number: int, *names: bytes) -> r.FetchData:
    return r.FetchData(number, (r.Flags(names),))


def delete_first(model: ProtocolModel, number: int = 0) -> None:
    """Session ``number`` removes message 1; it is told, nobody else is."""
    model.step(number, b"t", c.Store(SequenceSet(((1, 1),)), c.StoreMode.ADD, DELETED), [flags(1, *DELETED), OK])
    model.step(number, b"t", c.Expunge(), [r.Expunged(1), OK])


def step(model: ProtocolModel, command: c.Command, *responses: r.Response, number: int = 0) -> None:
    model.step(number, b"t", command, responses)


def test_the_first_who_is_told_of_a_message_sees_it_as_recent() -> None:
    for told, admissible in [((b"\\Recent",), True), ((), False)]:
        model = ProtocolModel(ModelStore({"mira": "secret"}), Revealed(one_by_one=True))
        model.store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"Subject: a\r\n\r\nb\r\n"),)))
        model.connect(0)
        answer = answer_to_select(1)
        answer[2] = r.Recent(1)
        answer[-1] = tagged(r.Code.READ_ONLY)
        step(model, c.Login(b"mira", b"secret"), OK)
        step(model, c.Select("INBOX", read_only=True), *answer)  # which takes \Recent from nobody
        answer[-1] = tagged(r.Code.READ_WRITE)
        if not admissible:
            answer[2] = r.Recent(0)
        step(model, c.Select("INBOX"), code(r.Code.CLOSED), *answer)
        fetch = c.Fetch(EVERY, (c.FetchItem.FLAGS,))
        if admissible:
            step(model, fetch, flags(1, *told), OK)
        else:
            with pytest.raises(Inadmissible, match="Recent in the first session that was told"):
                step(model, fetch, flags(1, *told), OK)


@pytest.mark.parametrize("missing", range(len(answer_to_select(3)) - 1))
def test_select_must_tell_everything(missing: int) -> None:
    model = selected()
    answer = [code(r.Code.CLOSED), *answer_to_select(3)]
    del answer[missing + 1]
    with pytest.raises(Inadmissible):
        step(model, c.Select("INBOX"), *answer)


def test_noop_must_tell_of_the_removal_and_may_not_misnumber_it() -> None:
    for told, admissible in [
        ((r.Expunged(1),), True),
        ((), False),
        ((r.Expunged(2),), False),
        ((r.Expunged(1), r.Expunged(1)), False),
    ]:
        model = selected(sessions=2)
        delete_first(model, number=1)
        if admissible:
            step(model, c.Noop(), *told, OK)
        else:
            with pytest.raises(Inadmissible):
                step(model, c.Noop(), *told, OK)


@pytest.mark.parametrize(
    ("command", "data"),
    [
        (c.Fetch(EVERY, (c.FetchItem.FLAGS,)), (flags(1), flags(2))),
        (c.Search(All()), (r.SearchData((1, 2)),)),
        (c.Store(EVERY, c.StoreMode.ADD, ()), (flags(1), flags(2))),
    ],
)
def test_no_expunge_during_fetch_search_store(command: c.Command, data: tuple[r.Response, ...]) -> None:
    model = selected(sessions=2)
    delete_first(model, number=1)
    with pytest.raises(Inadmissible, match="no EXPUNGE during"):
        step(model, command, r.Expunged(1), *data, OK)


def test_a_withheld_removal_keeps_the_numbers() -> None:
    model = selected(sessions=2)
    delete_first(model, number=1)
    step(model, c.Search(All()), r.SearchData((2, 3)), OK)
    step(model, c.Fetch(EVERY, (c.FetchItem.UID,)), r.FetchData(2, (r.Uid(2),)), r.FetchData(3, (r.Uid(3),)), OK)
    step(model, c.Noop(), r.Expunged(1), OK)
    step(model, c.Search(All()), r.SearchData((1, 2)), OK)


@pytest.mark.parametrize(
    "answer",
    [
        (OK,),
        (flags(1), flags(2), OK),
        (flags(1), flags(2), flags(3, b"\\Seen"), OK),
        (flags(1), flags(2), flags(3), flags(4), OK),
        (r.Exists(2), flags(1), flags(2), flags(3), OK),
        (r.Exists(4), flags(1), flags(2), flags(3), OK),
        (flags(1), flags(2), flags(3), r.SearchData(()), OK),
        (flags(1), flags(2), flags(3), NO),
        (flags(1), flags(2), flags(3)),
        (OK, OK),
        (r.Tagged(b"other", r.Condition.OK),),
        (),
    ],
)
def test_fetch_flags_admits_only_the_truth(answer: tuple[r.Response, ...]) -> None:
    step(selected(), c.Fetch(EVERY, (c.FetchItem.FLAGS,)), flags(3), flags(2), flags(1), OK)
    with pytest.raises(Inadmissible):
        step(selected(), c.Fetch(EVERY, (c.FetchItem.FLAGS,)), *answer)


def test_reading_a_body_sets_seen_and_says_so() -> None:
    first = SequenceSet(((1, 1),))
    body = r.BodySection(c.Section(), b"Subject: a\r\n\r\nb\r\n")
    fetch = c.Fetch(first, (c.FetchBody(c.Section()),))
    step(selected(), fetch, r.FetchData(1, (body, r.Flags((b"\\Seen",)))), OK)
    with pytest.raises(Inadmissible, match="Seen"):
        step(selected(), fetch, r.FetchData(1, (body,)), OK)
    with pytest.raises(Inadmissible):
        step(selected(), fetch, r.FetchData(1, (r.BodySection(c.Section(), b"other"), r.Flags((b"\\Seen",)))), OK)


def test_a_number_that_is_not_there_is_bad() -> None:
    step(selected(), c.Fetch(SequenceSet(((4, 4),)), (c.FetchItem.UID,)), BAD)
    with pytest.raises(Inadmissible):
        step(selected(), c.Fetch(SequenceSet(((4, 4),)), (c.FetchItem.UID,)), OK)


def test_commands_of_another_state_are_bad() -> None:
    model = ProtocolModel(ModelStore({"mira": "secret"}))
    model.connect(0)
    step(model, c.Noop(), OK)
    step(model, c.Select("INBOX"), BAD)
    with pytest.raises(Inadmissible, match="§3"):
        step(model, c.Create("a"), tagged(r.Code.MAILBOXID, b"Fa"))


def test_condstore_wants_mod_sequences() -> None:
    model = selected()
    step(model, c.Enable((b"CONDSTORE",)), r.Enabled((b"CONDSTORE",)), OK)
    store = c.Store(SequenceSet(((1, 1),)), c.StoreMode.ADD, DELETED)
    with pytest.raises(Inadmissible, match="MODSEQ"):
        step(model, store, flags(1, *DELETED), OK)


def test_modified_names_what_unchanged_since_spared() -> None:
    first = SequenceSet(((1, 1),))
    store = c.Store(first, c.StoreMode.ADD, DELETED, unchanged_since=1)
    step(selected(), store, tagged(r.Code.MODIFIED, NumberSet(((1, 1),))))
    with pytest.raises(Inadmissible, match="MODIFIED"):
        step(selected(), store, OK)
    with pytest.raises(Inadmissible, match="MODIFIED"):
        step(selected(), store, tagged(r.Code.MODIFIED, NumberSet(((1, 2),))))


def test_qresync_wants_vanished() -> None:
    def with_qresync() -> ProtocolModel:
        model = selected()
        step(model, c.Enable((b"QRESYNC",)), r.Enabled((b"QRESYNC",)), OK)
        told = r.FetchData(1, (r.Uid(1), r.Flags(DELETED), r.ModSequence(3)))
        step(model, c.Store(SequenceSet(((1, 1),)), c.StoreMode.ADD, DELETED), told, OK)
        return model

    highest = tagged(r.Code.HIGHESTMODSEQ, 4)
    step(with_qresync(), c.Expunge(), r.Vanished(NumberSet(((1, 1),))), highest)
    for answer in [
        (r.Expunged(1), highest),
        (r.Vanished(NumberSet(((1, 2),))), highest),
        (highest,),
        (r.Vanished(NumberSet(((1, 1),))), OK),
    ]:
        with pytest.raises(Inadmissible):
            step(with_qresync(), c.Expunge(), *answer)


def test_copyuid_and_appenduid_are_exact() -> None:
    first = SequenceSet(((1, 1),))
    model = selected()
    step(model, c.Create("a"), tagged(r.Code.MAILBOXID, b"Fa"))
    step(model, c.Copy(first, "a"), tagged(r.Code.COPYUID, 8, ((1, 1),), ((1, 1),)))
    with pytest.raises(Inadmissible, match="UIDVALIDITY"):
        step(model, c.Copy(first, "a"), tagged(r.Code.COPYUID, 9, ((1, 1),), ((2, 2),)))
    with pytest.raises(Inadmissible, match="COPYUID"):
        step(model, c.Copy(first, "a"), OK)
    step(model, c.Copy(first, "none"), tagged(r.Code.TRYCREATE, condition=r.Condition.NO))
    with pytest.raises(Inadmissible):
        step(model, c.Copy(first, "none"), NO)
    append = c.Append("INBOX", b"\r\nx\r\n")
    with pytest.raises(Inadmissible, match="EXISTS"):
        step(model, append, tagged(r.Code.APPENDUID, 7, NumberSet(((4, 4),))))


def test_a_mailbox_made_anew_has_another_uidvalidity() -> None:
    model = selected()
    select = [code(r.Code.CLOSED), *answer_to_select(0)]
    select[6] = code(r.Code.HIGHESTMODSEQ, 1)
    for expected, object_id in ((True, b"Fa"), (False, b"Fb")):
        select[7] = code(r.Code.MAILBOXID, object_id)
        step(model, c.Create("a"), tagged(r.Code.MAILBOXID, object_id))
        if expected:
            step(model, c.Select("a"), *select)
            step(model, c.Unselect(), OK)
            step(model, c.Delete("a"), OK)
        else:
            with pytest.raises(Inadmissible, match="UIDVALIDITY"):
                step(model, c.Select("a"), *select[1:])


def test_imap4rev2_has_no_recent_and_answers_with_esearch() -> None:
    model = selected()
    step(model, c.Enable((b"IMAP4rev2",)), r.Enabled((b"IMAP4rev2",)), OK)
    step(model, c.Search(All()), r.EsearchData(b"t", all=NumberSet(((1, 3),))), OK)
    with pytest.raises(Inadmissible):
        step(model, c.Search(All()), r.SearchData((1, 2, 3)), OK)
    with pytest.raises(Inadmissible, match="RECENT"):
        step(model, c.Noop(), r.Recent(0), OK)


def test_idle_tells_what_is_new() -> None:
    model = selected(sessions=2)
    model.idle(0, [r.Continuation("idling")])
    delete_first(model, number=1)
    with pytest.raises(Inadmissible, match="IDLE"):
        model.pushed(0, [])
    model.pushed(0, [r.Expunged(1)])
    model.done(0, b"t", [OK])


def test_recursivematch_lists_a_parent_where_its_child_is_not_listed() -> None:
    def with_subscription() -> ProtocolModel:
        model = selected()
        step(model, c.Create("a/b"), tagged(r.Code.MAILBOXID, b"Fa"))
        step(model, c.Subscribe("a/b"), OK)
        return model

    parent = r.ListData((), "/", "a", child_info=(b"SUBSCRIBED",))
    child = r.ListData((b"\\Subscribed",), "/", "a/b")
    select = frozenset({c.ListSelect.SUBSCRIBED, c.ListSelect.RECURSIVEMATCH})
    step(with_subscription(), c.List("", ("%",), select, extended=True), parent, OK)
    for data in [(child,), (parent, child)]:
        step(with_subscription(), c.List("", ("*",), select, extended=True), *data, OK)
    for pattern, data in [("%", ()), ("%", (parent, child)), ("*", (parent,))]:
        with pytest.raises(Inadmissible):
            step(with_subscription(), c.List("", (pattern,), select, extended=True), *data, OK)


def test_a_copy_goes_its_own_way() -> None:
    model = selected()
    copy = model.copy()
    delete_first(copy)
    step(copy, c.Create("a"), tagged(r.Code.MAILBOXID, b"Fa"))
    step(model, c.Search(All()), r.SearchData((1, 2, 3)), OK)
    step(copy, c.Search(All()), r.SearchData((1, 2)), OK)
    step(model, c.Delete("a"), tagged(r.Code.NONEXISTENT, condition=r.Condition.NO))
    with pytest.raises(Inadmissible) as found:
        step(model, c.Noop(), r.Expunged(1), OK)
    assert found.value.rule == "RFC 9051 §7.5.1: only expunged messages are told as such"
    assert found.value.evidence == (1,)


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ([], "RFC 9051 §2.2.2: every command is answered"),
        ([OK, OK], "RFC 9051 §2.2.2: one tagged response, and it comes last"),
        ([r.Exists(3)], "RFC 9051 §2.2.2: one tagged response, and it comes last"),
        ([r.Tagged(b"other", r.Condition.OK)], "RFC 9051 §2.2.2: a tagged response has the tag of its command"),
    ],
)
def test_one_command_has_one_answer(answers: list[r.Response], rule: str) -> None:
    with pytest.raises(Inadmissible) as found:
        selected().step(0, b"t", c.Noop(), answers)
    assert found.value.rule == rule
