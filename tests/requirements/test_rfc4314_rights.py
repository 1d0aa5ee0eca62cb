"""RFC 4314 §4, §6: no command shows, changes or gives away anything of another user's mailbox without the right to it.

What each command needs is written down here once more, from the RFC's section 4. Each is tried with drawn rights on a mailbox of
alice's by bob. Without the right it must go as it goes where the mailbox does not exist, octet by octet, unless bob may know of
the mailbox; and nothing of alice's may have changed. With the right it must work.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from angarium.engine.imap.tables import COMMANDS, Command
from angarium.grammar.imap import commands as c
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.copies import copied_account
from requirements.sharing_world import GROUPS, MESSAGE, USERS, People

RIGHTS = "lrswipkxtea"
BOX = '"Other Users/alice/Work"'
MAILBOX, ABOVE, SELECTED, ANY = "mailbox", "above", "selected", "any"
NEEDS: dict[type, dict[str, str]] = {
    c.Select: {MAILBOX: "r"}, c.Status: {MAILBOX: "r"}, c.Append: {MAILBOX: "i"}, c.Delete: {MAILBOX: "x"},
    c.Rename: {MAILBOX: "x"}, c.Create: {ABOVE: "k"},
    c.SetAcl: {MAILBOX: "a"}, c.DeleteAcl: {MAILBOX: "a"}, c.GetAcl: {MAILBOX: "a"}, c.ListRights: {MAILBOX: "a"},
    c.MyRights: {ANY: "lrikxa"},
    c.Check: {SELECTED: "r"}, c.Search: {SELECTED: "r"}, c.Sort: {SELECTED: "r"}, c.Thread: {SELECTED: "r"},
    c.Fetch: {SELECTED: "r"}, c.Expunge: {SELECTED: "re"}, c.Store: {SELECTED: "rw"}, c.Copy: {SELECTED: "r"},
    c.Move: {SELECTED: "rte"}, c.Replace: {SELECTED: "rtei"},
}  # fmt: skip
"""Where rights are needed, by RFC 4314 §4, RFC 6851 §4.2 and RFC 8508 §4.1; of other commands see ``UNNEEDED``."""

LINES: dict[type, list[str]] = {
    c.Select: [f"SELECT {BOX}", f"EXAMINE {BOX}"], c.Status: [f"STATUS {BOX} (MESSAGES UIDVALIDITY)"],
    c.Append: [f"APPEND {BOX} {{5+}}\r\nhello"], c.Delete: [f"DELETE {BOX}"],
    c.Rename: [f'RENAME {BOX} "Other Users/alice/Open/new"'],
    c.Create: ['CREATE "Other Users/alice/Work/new"'], c.SetAcl: [f"SETACL {BOX} carol lr"],
    c.DeleteAcl: [f"DELETEACL {BOX} carol"], c.GetAcl: [f"GETACL {BOX}"], c.ListRights: [f"LISTRIGHTS {BOX} carol"],
    c.MyRights: [f"MYRIGHTS {BOX}"],
    c.Check: ["CHECK"], c.Search: ["SEARCH ALL"], c.Sort: ["SORT (DATE) UTF-8 ALL"], c.Thread: ["THREAD REFERENCES UTF-8 ALL"],
    c.Fetch: ["FETCH 1 BODY[]"], c.Expunge: ["EXPUNGE", "UID EXPUNGE 1"], c.Store: [r"STORE 1 +FLAGS (\Flagged)"],
    c.Copy: ["COPY 1 INBOX"], c.Move: ["MOVE 1 INBOX"], c.Replace: [f"REPLACE 1 {BOX} {{5+}}\r\nhello"],
}  # fmt: skip
TARGETS = [f"COPY 1 {BOX}", f"MOVE 1 {BOX}"]
"""Into the mailbox, out of bob's own INBOX."""

UNNEEDED: dict[type, list[str]] = {
    c.Capability: ["CAPABILITY"], c.Noop: ["NOOP"], c.Id: ["ID NIL"], c.Enable: ["ENABLE CONDSTORE"], c.Namespace: ["NAMESPACE"],
    c.Idle: ["IDLE\r\nDONE"], c.Subscribe: [f"SUBSCRIBE {BOX}"], c.Unsubscribe: [f"UNSUBSCRIBE {BOX}"],
    c.List: ['LIST "" *', 'LIST "" "Other Users/alice/*" RETURN (STATUS (MESSAGES) MYRIGHTS CHILDREN SUBSCRIBED)',
             f'LIST (SUBSCRIBED RECURSIVEMATCH) "" {BOX}', 'LIST "Other Users/" %/%', f'LIST (SPECIAL-USE) "" {BOX}'],
    c.Lsub: ['LSUB "" *', 'LSUB "" Other%/%'], c.Logout: ["LOGOUT"], c.Compress: [], c.Unauthenticate: [],
    c.StartTls: [], c.Authenticate: [], c.Login: [], c.Close: [], c.Unselect: [], c.CancelUpdate: ['CANCELUPDATE "a"'],
}  # fmt: skip
"""Commands that everybody may give: without ``l`` they say the same as where there is no such mailbox."""

granted = st.frozensets(st.sampled_from(RIGHTS)).map(lambda rights: "".join(sorted(rights)))
identifiers = st.sampled_from(("bob", "anyone", "group:staff"))
taken = st.sampled_from(("-carol", "-bob", "-anyone", "-group:staff", "-group:board"))


def world(
    rights: str | None, identifier: str = "bob", negative: tuple[str, str] = ("-carol", "lr"), selected: bool = False
) -> People:
    """Alice's mailbox with a list on it, or none where ``rights`` is None; the rest of the world is the same."""
    people = People(ModelStore(USERS, groups=GROUPS))
    people.does("alice", "CREATE Work")
    people.does("alice", "CREATE Open")
    people.grants("bob", "k", "Open")
    people["alice"].append(MESSAGE, r"\Deleted", "Work")
    people["bob"].append(MESSAGE)
    people.does("bob", f"SUBSCRIBE {BOX}")
    if selected:
        people.grants("bob", RIGHTS)
        people.does("bob", f"SELECT {BOX}")
        people.does("alice", "DELETEACL Work bob")
    if rights is None:
        people.does("alice", "DELETE Work")
        return people
    people.grants(identifier, rights)
    people.grants(*negative)
    return people


def mail_of(people: People, user: str) -> Any:
    """All there is of a user's mail, to be compared."""
    return copied_account(people.store.world.accounts[user])


def effective(rights: str, negative: tuple[str, str]) -> str:
    """What bob has."""
    away = negative[1] if negative[0] in ("-bob", "-anyone", "-group:staff") else ""
    return "".join(right for right in rights if right not in away)


def is_met(needs: dict[str, str], rights: str) -> bool:
    """Whether bob may."""
    return all((any if where == ANY else all)(right in rights for right in wanted) for where, wanted in needs.items())


def test_every_command_says_what_it_needs() -> None:
    for row in COMMANDS:
        assert row.rights is not None, f"{row.name} has no column 'rights' in tables.COMMANDS: FREE, or what RFC 4314 §4 asks for"
        named = LINES if row.rights else UNNEEDED
        assert row.value in named, f"say in LINES or UNNEEDED how {row.name} is tried on another user's mailbox"


BY_NAME = [row for row in COMMANDS if row.value in LINES and SELECTED not in NEEDS[row.value]]
WITHIN = [row for row in COMMANDS if row.value in LINES and SELECTED in NEEDS[row.value]]


@pytest.mark.parametrize("row", BY_NAME, ids=lambda row: row.name)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_command_that_names_a_mailbox(row: Command, data: st.DataObject) -> None:
    given_rights, identifier, negative = data.draw(granted), data.draw(identifiers), data.draw(st.tuples(taken, granted))
    line, needs = data.draw(st.sampled_from(LINES[row.value])), NEEDS[row.value]
    people = world(given_rights, identifier, negative)
    rights, before = effective(given_rights, negative), mail_of(people, "alice")
    answer = people["bob"].command(f"x {line}")
    if is_met(needs, rights):
        assert answer[-1].startswith(b"x OK"), answer
        return
    assert mail_of(people, "alice") == before
    assert answer == world(None)["bob"].command(f"x {line}") or ("l" in rights and answer == [b"x NO [NOPERM] not allowed"])


@pytest.mark.parametrize("row", WITHIN, ids=lambda row: row.name)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_command_in_a_mailbox_whose_rights_have_changed(row: Command, data: st.DataObject) -> None:
    given_rights, identifier, negative = data.draw(granted), data.draw(identifiers), data.draw(st.tuples(taken, granted))
    line = data.draw(st.sampled_from(LINES[row.value]))
    people = world(given_rights, identifier, negative, selected=True)
    rights, before = effective(given_rights, negative), mail_of(people, "alice")
    answer = people["bob"].command(f"x {line}")
    if is_met(NEEDS[row.value], rights):
        assert answer[-1].startswith(b"x OK"), answer
        return
    assert mail_of(people, "alice") == before
    assert mail_of(people, "bob") == mail_of(world(None), "bob")
    if "r" not in rights:
        gone = world(None, selected=True)["bob"].command(f"x {line}")
        assert people["bob"].closed
        assert answer[-1] == gone[-1] == b"* BYE [NONEXISTENT] the selected mailbox has been deleted"
        assert not any(b"EXISTS" in each or b"FETCH" in each or b"SEARCH" in each for each in answer)
    else:
        assert any(each.startswith(b"x NO") for each in answer)


@pytest.mark.parametrize("line", TARGETS)
@settings(max_examples=40, deadline=None)
@given(rights=granted, identifier=identifiers, negative=st.tuples(taken, granted))
def test_the_target_of_copy_and_move(line: str, rights: str, identifier: str, negative: tuple[str, str]) -> None:
    people = world(rights, identifier, negative)
    have, before = effective(rights, negative), mail_of(people, "alice")
    people.does("bob", "SELECT INBOX")
    answer = people["bob"].command(f"x {line}")
    if "i" in have:
        assert answer[-1].startswith(b"x OK")
        return
    assert mail_of(people, "alice") == before
    nowhere = world(None)
    nowhere.does("bob", "SELECT INBOX")
    assert answer == nowhere["bob"].command(f"x {line}") or ("l" in have and answer == [b"x NO [NOPERM] not allowed"])


URL = '"/Other%20Users/alice/Work/;UID=1"'


@settings(max_examples=30, deadline=None)
@given(rights=granted, identifier=identifiers, negative=st.tuples(taken, granted))
def test_a_url_of_a_message(rights: str, identifier: str, negative: tuple[str, str]) -> None:
    people, line = world(rights, identifier, negative), f"x APPEND INBOX CATENATE (URL {URL})"
    answer = people["bob"].command(line)
    if "r" in effective(rights, negative):
        assert answer[-1].startswith(b"x OK")
    else:
        assert answer == world(None)["bob"].command(line)
        assert answer[-1].startswith(b"x NO [BADURL ")


FREE_LINES = [line for lines in UNNEEDED.values() for line in lines]


@pytest.mark.parametrize("line", FREE_LINES)
@settings(max_examples=20, deadline=None)
@given(rights=granted, identifier=identifiers, negative=st.tuples(taken, granted))
def test_what_everybody_may_do_tells_nothing_of_a_mailbox_that_may_not_be_seen(
    line: str, rights: str, identifier: str, negative: tuple[str, str]
) -> None:
    people = world(rights, identifier, negative)
    before = mail_of(people, "alice")
    answer = people["bob"].command(f"x {line}")
    assert mail_of(people, "alice") == before
    if "l" not in effective(rights, negative):
        assert answer == world(None)["bob"].command(f"x {line}")
    elif line.startswith("LIST"):
        told = any(b"* LIST" in each and b"/Work" in each and b"NonExistent" not in each for each in answer)
        assert told == ("SPECIAL-USE" not in line)


@settings(max_examples=40, deadline=None)
@given(rights=granted, flags=st.sets(st.sampled_from((r"\Seen", r"\Deleted", r"\Flagged", "$Work"))))
def test_which_flags_store_and_append_change(rights: str, flags: set[str]) -> None:
    may = {flag for flag in flags if {r"\Seen": "s", r"\Deleted": "t"}.get(flag, "w") in rights}
    people = world(rights + "ri")
    line = f"APPEND {BOX} ({' '.join(sorted(flags))}) {{5+}}\r\nhello"
    people.does("bob", line)
    people.does("alice", "SELECT Work")
    (told,) = people.does("alice", "FETCH 2 FLAGS")
    assert {flag for flag in flags if flag.encode() in told} == may
