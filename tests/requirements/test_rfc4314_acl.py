"""RFC 4314: access control lists, and what they let other users do, on the model and on SQLite."""

from pathlib import Path
from typing import Any

import pytest

from angarium.engine.steps import Woken
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue
from requirements.sharing_world import MESSAGE, STORES, USERS, People

ALL = b"lrswipkxteacd"
WORK = '"Other Users/alice/Work"'


@pytest.fixture(params=STORES, ids=lambda make: make.__name__)
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Alice has a mailbox Work with two messages."""
    stores = request.param(tmp_path)
    people = People(next(stores))
    people.does("alice", "CREATE Work")
    for flags in (r"\Seen $Label", r"\Deleted \Draft"):
        people["alice"].append(MESSAGE, flags, "Work")
    yield people
    next(stores, None)


def flags_of(people: People, user: str, name: str) -> list[bytes]:
    """The flags of all messages, as their owner sees them, in another session."""
    connection = people.another(user)
    connection.command("e ENABLE IMAP4rev2")
    connection.command(f's EXAMINE "{name}"')
    told = connection.command("f UID FETCH 1:* FLAGS")[:-1]
    return [line.partition(b"FLAGS (")[2].partition(b")")[0] for line in told]


def test_acl_and_the_new_rights_are_announced(people: People) -> None:
    (told,) = people.does("bob", "CAPABILITY")
    words = told.split()
    assert {b"ACL", b"RIGHTS=kxte", b"LIST-MYRIGHTS"} <= set(words)
    assert not [word for word in words if word.startswith(b"RIGHTS=") and set(word[7:]) & set(b"lrswipacd0123456789")]


def test_without_namespaces_there_is_no_access_control() -> None:
    connection = Dialogue(ModelStore(USERS).execute, namespaces=None)
    assert b"ACL" not in connection.command("in LOGIN bob b")[-1].split()
    for line in ("GETACL INBOX", "MYRIGHTS INBOX", "SETACL INBOX alice l", 'LIST "" * RETURN (MYRIGHTS)'):
        assert connection.command(f"a {line}")[-1].startswith(b"a BAD")
    assert connection.command("b NAMESPACE")[0] == b'* NAMESPACE (("" "/")) NIL NIL'


@pytest.mark.parametrize(
    ("given", "told"), [("lrd", b"lrted"), ("te", b"ted"), ("t", b"td"), ("lc", b"lkxc"), ("x", b"xc"), ("lrswi", b"lrswi")]
)
def test_the_obsolete_rights_stand_for_others(people: People, given: str, told: bytes) -> None:
    people.grants("bob", given)
    assert people.does("alice", "GETACL Work") == [b"* ACL Work alice " + ALL + b" bob " + told]
    people.grants("bob", "+l")
    (mine,) = people.does("bob", f"MYRIGHTS {WORK}")
    assert set(mine.split()[-1]) == set(told) | {ord("l")}


def test_rights_are_replaced_added_and_removed(people: People) -> None:
    for change, after in (("rl", b"lr"), ("+cda", b"lrkxteacd"), ("-d", b"lrkxac"), ("-lrkxa", b""), ("+", b"")):
        people.grants("bob", change)
        entry = b" bob " + after if after else b""
        assert people.does("alice", "GETACL Work") == [b"* ACL Work alice " + ALL + entry]


@pytest.mark.parametrize("rights", ["lrQswicda", "lrqswi", "+n", "l5", "-L"])
def test_an_unknown_right_is_bad_and_changes_nothing(people: People, rights: str) -> None:
    people.grants("bob", "lr")
    assert people["alice"].command(f"a SETACL Work bob {rights}")[-1].startswith(b"a BAD")
    assert people.does("alice", "GETACL Work")[0].endswith(b" bob lr")


@pytest.mark.parametrize("identifier", ['""', "{1+}\r\n\x07", "{2+}\r\n\xc3(", '"-"', "{600+}\r\n" + "x" * 600])
@pytest.mark.parametrize("line", ["SETACL Work {} l", "DELETEACL Work {}", "LISTRIGHTS Work {}"])
def test_what_is_no_identifier_is_bad(people: People, identifier: str, line: str) -> None:
    octets = b"a " + line.encode().replace(b"{}", identifier.encode("latin-1")) + b"\r\n"
    assert people["alice"].say(octets)[-1].startswith(b"a BAD")


def test_identifiers_are_prepared_and_listrights_repeats_them_as_they_came(people: People) -> None:
    people.grants("Bob", "l")
    assert b" bob l" in people.does("alice", "GETACL Work")[0]
    (told,) = people.does("alice", "LISTRIGHTS Work BOB")
    assert told == b'* LISTRIGHTS Work BOB "" l r s w i p k x t e a c d'
    people["alice"].say(b"s SETACL Work {5+}\r\n\xef\xac\x81sh l\r\n")
    assert b" fish l" in people.does("alice", "GETACL Work")[0]


def test_deleteacl_takes_the_entry_alone(people: People) -> None:
    for identifier, rights in (("bob", "lrs"), ("-bob", "s"), ("anyone", "ls")):
        people.grants(identifier, rights)
    people.does("alice", "DELETEACL Work bob")
    (told,) = people.does("alice", "GETACL Work")
    assert told == b"* ACL Work alice " + ALL + b" -bob s anyone ls"
    assert people.does("bob", f"MYRIGHTS {WORK}") == [b"* MYRIGHTS " + WORK.encode() + b" l"]


def test_groups_and_anyone(people: People) -> None:
    people.grants("group:Staff", "lr")
    people.grants("anyone", "l")
    assert people.does("bob", f"MYRIGHTS {WORK}")[0].endswith(b" lr")
    assert people.does("carol", f"MYRIGHTS {WORK}")[0].endswith(b" l")


def test_the_owner_keeps_every_right(people: People) -> None:
    people.grants("-anyone", "lrswipkxtea")
    assert people.does("alice", "MYRIGHTS Work") == [b"* MYRIGHTS Work " + ALL]
    assert people.does("alice", "LISTRIGHTS Work alice") == [b"* LISTRIGHTS Work alice " + ALL]
    for line in ("SETACL Work alice l", "SETACL Work -alice l", "DELETEACL Work alice"):
        people.fails("alice", line, "CANNOT")


def test_a_mailbox_that_is_not_there_has_no_list(people: People) -> None:
    for line in ("GETACL none", "SETACL none bob l", "DELETEACL none bob", "LISTRIGHTS none bob", "MYRIGHTS none"):
        people.fails("alice", line, "NONEXISTENT")


def test_an_administrator_that_is_not_the_owner(people: People) -> None:
    people.grants("bob", "la")
    people.grants("carol", "lr", "Other Users/alice/Work", "bob")
    told = people.does("bob", f"GETACL {WORK}")
    assert told == [b"* ACL " + WORK.encode() + b" alice " + ALL + b" bob la carol lr"]
    people.fails("carol", f"GETACL {WORK}", "NOPERM")


def test_list_shows_what_may_be_looked_up(people: People) -> None:
    people.does("alice", "CREATE Work/sub")
    people.grants("bob", "l", "Work/sub")
    told = people.does("bob", 'LIST "" "Other Users/alice/*"')
    assert [line for line in told if b"NonExistent" not in line] == [b'* LIST (\\HasNoChildren) "/" "Other Users/alice/Work/sub"']
    assert people.does("carol", 'LIST "" "Other Users/*"') == []


def test_subscriptions_need_no_right_and_are_the_subscribers_own(people: People) -> None:
    people.does("bob", f"SUBSCRIBE {WORK}")
    assert people.does("bob", 'LSUB "" "Other*"') == [b'* LSUB (\\Noselect) "/" ' + WORK.encode()]
    people.grants("bob", "l")
    assert people.does("bob", 'LSUB "" "Other*"') == [b'* LSUB () "/" ' + WORK.encode()]
    (told,) = people.does("bob", 'LIST (SUBSCRIBED) "" *')
    assert told.startswith(b"* LIST (\\Subscribed")
    assert people.does("alice", 'LSUB "" *') == []
    people.does("bob", f"UNSUBSCRIBE {WORK}")
    assert people.does("bob", 'LSUB "" *') == []


def test_create_inherits_and_delete_forgets(people: People) -> None:
    people.grants("bob", "lkx")
    people.does("bob", 'CREATE "Other Users/alice/Work/a/b"')
    assert people.does("alice", "GETACL Work/a/b")[0].endswith(b" bob lkxc")
    people.does("bob", 'DELETE "Other Users/alice/Work/a/b"')
    people.does("alice", "CREATE Work/a/b")
    people.does("alice", "CREATE Play")
    people.does("alice", "SETACL Play carol l")
    people.does("alice", "DELETE Play")
    people.does("alice", "CREATE Play")
    assert people.does("alice", "GETACL Play") == [b"* ACL Play alice " + ALL]


def test_create_needs_the_right_on_the_nearest_parent_that_exists(people: People) -> None:
    people.grants("bob", "lr")
    for name in ("Work/a", "Work/a/b", "none/a", "none"):
        people.fails("bob", f'CREATE "Other Users/alice/{name}"', "NOPERM")
    for name in ("Other Users/nobody/a", "Other Users/alice", "Other Users", "Shared/a"):
        people.fails("bob", f'CREATE "{name}"', "NOPERM")


def test_rename_keeps_the_lists_and_the_owner(people: People) -> None:
    people.does("alice", "CREATE Open")
    people.does("alice", "CREATE Work/a")
    people.grants("carol", "r", "Work/a")
    people.grants("bob", "lx")
    people.fails("bob", f'RENAME {WORK} "Other Users/alice/Open/Work"', "NOPERM")
    people.grants("bob", "lk", "Open")
    people.fails("bob", f"RENAME {WORK} mine", "CANNOT")
    people.does("bob", f'RENAME {WORK} "Other Users/alice/Open/Work"')
    assert people.does("alice", "GETACL Open/Work")[0].endswith(b" bob lxc")
    assert people.does("alice", "GETACL Open/Work/a")[0].endswith(b" carol r")
    people.grants("bob", "lx", "INBOX")
    people.fails("bob", 'RENAME "Other Users/alice/INBOX" "Other Users/alice/Open/in"', "CANNOT")


@pytest.mark.parametrize(
    ("rights", "flags"), [("wi", b"$Forwarded \\Draft"), ("sti", b"\\Deleted \\Seen"), ("i", b""), ("swti", None)]
)
def test_copy_and_append_leave_flags_out(people: People, rights: str, flags: bytes | None) -> None:
    people.grants("bob", rights)
    people["bob"].append(MESSAGE, r"\Draft \Deleted \Seen $Forwarded")
    people.does("bob", "SELECT INBOX")
    expected = {b"\\Draft", b"\\Deleted", b"\\Seen", b"$Forwarded"} if flags is None else set(flags.split())
    people["bob"].append(MESSAGE, r"\Draft \Deleted \Seen $Forwarded", WORK)
    people.does("bob", f"COPY 1 {WORK}")
    assert [set(each.split()) for each in flags_of(people, "alice", "Work")[2:]] == [expected, expected]


def test_move_into_and_out_of_anothers_mailbox(people: People) -> None:
    people.grants("bob", "lrtei")
    people["bob"].append(MESSAGE)
    people.does("bob", "SELECT INBOX")
    assert any(b"COPYUID" in line for line in people.does("bob", f"MOVE 1 {WORK}"))
    people.does("bob", f"SELECT {WORK}")
    told = people.does("bob", "MOVE 1:2 INBOX")
    assert [line for line in told if b"EXPUNGE" in line] == [b"* 1 EXPUNGE", b"* 1 EXPUNGE"]
    assert len(flags_of(people, "alice", "Work")) == 1
    assert len(flags_of(people, "bob", "INBOX")) == 2
    people.grants("bob", "-t")
    people.fails("bob", "MOVE 1 INBOX", "NOPERM")
    people.fails("bob", "REPLACE 1 INBOX {5+}\r\nhello", "NOPERM")


def test_replace_stays_with_the_owner(people: People) -> None:
    people.grants("bob", "lrtei")
    people.does("bob", f"SELECT {WORK}")
    people.fails("bob", "REPLACE 1 INBOX {5+}\r\nhello", "CANNOT")
    people.does("bob", f"REPLACE 1 {WORK} (\\Seen \\Deleted) {{5+}}\r\nhello")
    assert flags_of(people, "alice", "Work") == [b"\\Deleted \\Draft", b"\\Deleted"]


def test_close_without_the_right_removes_nothing(people: People) -> None:
    people.grants("bob", "lrt")
    people.does("bob", f"SELECT {WORK}")
    people.fails("bob", "EXPUNGE", "NOPERM")
    people.does("bob", "CLOSE")
    assert len(flags_of(people, "alice", "Work")) == 2
    people.grants("bob", "+e")
    people.does("bob", f"SELECT {WORK}")
    people.does("bob", "CLOSE")
    assert len(flags_of(people, "alice", "Work")) == 1


def test_fetch_without_the_right_leaves_seen(people: People) -> None:
    people.grants("bob", "lrw")
    people.does("bob", f"SELECT {WORK}")
    people.does("bob", "FETCH 1:2 BODY[]")
    assert b"\\Seen" not in flags_of(people, "alice", "Work")[1]
    people.grants("bob", "+s")
    people.does("bob", "FETCH 2 BODY[]")
    assert b"\\Seen" in flags_of(people, "alice", "Work")[1]


@pytest.mark.parametrize(
    ("rights", "line", "first"),
    [
        ("t", r"STORE 1 FLAGS (\Deleted \Flagged)", {b"\\Seen", b"$Label", b"\\Deleted"}),
        ("s", r"STORE 1 FLAGS (\Flagged \Seen)", {b"\\Seen", b"$Label"}),
        ("s", r"STORE 1 FLAGS ()", {b"$Label"}),
        ("w", r"STORE 1 FLAGS (\Flagged)", {b"\\Seen", b"\\Flagged"}),
        ("w", r"STORE 1 -FLAGS (\Seen $label)", {b"\\Seen"}),
        ("st", r"STORE 1 +FLAGS (\Seen \Deleted $New)", {b"\\Seen", b"$Label", b"\\Deleted"}),
    ],
)
def test_store_changes_what_may_be_changed(people: People, rights: str, line: str, first: set[bytes]) -> None:
    people.grants("bob", "lr" + rights)
    people.does("bob", f"SELECT {WORK}")
    people.does("bob", line)
    assert set(flags_of(people, "alice", "Work")[0].split()) == first


def test_store_that_may_change_nothing_is_refused(people: People) -> None:
    people.grants("bob", "lrs")
    people.does("bob", f"SELECT {WORK}")
    people.fails("bob", r"STORE 1 +FLAGS (\Flagged \Deleted)", "NOPERM")
    people.grants("bob", "lr")
    people.fails("bob", "STORE 1 FLAGS ()", "NOPERM")


@pytest.mark.parametrize(
    ("rights", "writable", "permanent"),
    [
        ("lr", False, b"()"),
        ("lrpkxa", False, b"()"),
        ("lri", True, b"()"),
        ("lre", True, b"()"),
        ("lrs", True, b"(\\Seen)"),
        ("lrt", True, b"(\\Deleted)"),
        ("lrw", True, b"(\\Answered \\Flagged \\Draft $Label \\*)"),
    ],
)
def test_select_tells_what_may_be_changed(people: People, rights: str, writable: bool, permanent: bytes) -> None:
    people.grants("bob", rights)
    *told, tagged = people["bob"].command(f"s SELECT {WORK}")
    assert (b"[READ-WRITE]" in tagged, b"[READ-ONLY]" in tagged) == (writable, not writable)
    assert any(b"[PERMANENTFLAGS " + permanent + b"]" in line for line in told)
    *told, tagged = people["bob"].command(f"s EXAMINE {WORK}")
    assert b"[READ-ONLY]" in tagged


def test_changed_rights_are_told_and_count_at_once(people: People) -> None:
    people.grants("bob", "lrs")
    people.does("bob", f"SELECT {WORK}")
    people.grants("bob", "lrt")
    told = people.does("bob", "NOOP")
    assert any(b"[PERMANENTFLAGS (\\Deleted)]" in line for line in told)
    assert any(line.startswith(b"* FLAGS (") for line in told)
    people.fails("bob", r"STORE 1 +FLAGS (\Seen)", "NOPERM")
    assert people.does("bob", "NOOP") == []


def test_the_mailbox_is_gone_when_it_may_be_read_no_more(people: People) -> None:
    people.grants("bob", "lrs")
    people.does("bob", f"SELECT {WORK}")
    people["bob"].command("i IDLE")
    people.does("alice", "DELETEACL Work bob")
    told = people["bob"].send(Woken())
    assert told[-1] == b"* BYE [NONEXISTENT] the selected mailbox has been deleted"
    assert people["bob"].closed


def test_select_that_is_refused_leaves_nothing_selected(people: People) -> None:
    people.grants("bob", "l")
    people.does("bob", "SELECT INBOX")
    assert people.fails("bob", f"SELECT {WORK}", "NOPERM") == [b"* OK [CLOSED] previous mailbox closed"]
    assert people["bob"].command("c CLOSE")[-1].startswith(b"c BAD")


def test_setacl_counts_before_the_command_behind_it(people: People) -> None:
    people.grants("bob", "la")
    octets = f"a SETACL {WORK} bob +r\r\nb MYRIGHTS {WORK}\r\n".encode()
    assert people["bob"].say(octets)[:3] == [
        b"a OK SETACL completed",
        b"* MYRIGHTS " + WORK.encode() + b" lra",
        b"b OK MYRIGHTS completed",
    ]


def test_no_command_on_a_list_tells_of_a_mailbox_that_may_not_be_seen(people: People) -> None:
    for line in ("GETACL {}", "SETACL {} bob l", "DELETEACL {} bob", "LISTRIGHTS {} bob", "MYRIGHTS {}"):
        answers = {
            tuple(people["bob"].command("a " + line.format(f'"Other Users/{name}"')))
            for name in ("alice/Work", "alice/none", "alice/INBOX", "nobody/Work", "nobody", "")
        }
        assert answers == {(b"a NO [NONEXISTENT] no such mailbox",)}


def test_words_in_any_case(people: People) -> None:
    people.does("alice", "setacl Work bob lr")
    people.does("alice", "GetAcl Work")
    people.does("alice", "listRights Work bob")
    people.does("alice", "myrights Work")
    people.does("alice", "deleteAcl Work bob")


def test_the_shared_namespace_belongs_to_one_owner(people: People) -> None:
    assert people.does("bob", "NAMESPACE") == [b'* NAMESPACE (("" "/")) (("Other Users/" "/")) (("Shared/" "/"))']
    people.does("shared", "CREATE Lists")
    people.grants("anyone", "lri", "Lists", "shared")
    assert b'* LIST (\\HasNoChildren) "/" Shared/Lists' in people.does("bob", 'LIST "" Shared/*')
    people["bob"].append(MESSAGE, "", "Shared/Lists")
    assert people.does("bob", "STATUS Shared/Lists (MESSAGES)") == [b"* STATUS Shared/Lists (MESSAGES 1)"]
    people.does("bob", "SELECT Shared/Lists")


def test_list_brings_the_rights_behind_each_mailbox(people: People) -> None:
    people.does("bob", "CREATE mine")
    people.does("bob", "SUBSCRIBE mine/sub")
    people.grants("bob", "lr")
    told = people.does("bob", 'LIST "" (m* Other*) RETURN (MYRIGHTS)')
    assert b"* MYRIGHTS mine " + ALL in told
    assert b"* MYRIGHTS " + WORK.encode() + b" lr" in told
    assert len([line for line in told if line.startswith(b"* MYRIGHTS")]) == 2
    for line in [line for line in told if line.startswith(b"* MYRIGHTS")]:
        name = line.removeprefix(b"* MYRIGHTS ").rpartition(b" ")[0]
        assert told.index(line) > next(at for at, each in enumerate(told) if each.endswith(b'"/" ' + name))
    told = people.does("bob", 'LIST (SUBSCRIBED RECURSIVEMATCH) "" m* RETURN (MYRIGHTS)')
    assert not any(line.startswith(b"* MYRIGHTS") for line in told)


def test_what_a_mailbox_is_for_its_owner_says(people: People) -> None:
    people.grants("bob", "lk")
    people.fails("bob", r'CREATE "Other Users/alice/Work/a" (USE (\Drafts))', "USEATTR")
    people.does("alice", r"CREATE Work/b (USE (\Drafts))")
    assert people.does("bob", 'LIST "" "Other*" RETURN (SPECIAL-USE)')[-1].endswith(b'"Other Users/alice/Work/b"')
    assert people.does("bob", 'LIST (SPECIAL-USE) "" "Other*"') == []


def test_names_of_others_under_imap4rev2(people: People) -> None:
    """What is listed with SELECT, and OLDNAME where a name was not normalized (RFC 9051 §6.3.2, §6.3.9.7)."""
    people.grants("bob", "lrkxi")
    people.does("bob", "ENABLE IMAP4rev2")
    listed = [line for line in people.does("bob", f"SELECT {WORK}") if line.startswith(b"* LIST")]
    assert listed == [b'* LIST (\\HasNoChildren) "/" ' + WORK.encode()]
    told = people.does("bob", 'CREATE "Other Users/alice/Work/e\u0301"')
    assert len(told) == 1
    assert "/Work/\u00e9".encode() in told[0]
    assert b"OLDNAME" in told[0]
    people.does("bob", 'RENAME "Other Users/alice/Work/\u00e9" "Other Users/alice/Work/e\u0301e"')
    assert people.does("bob", 'STATUS "Other Users/alice/Work/\u00e9e" (MESSAGES)')[0].endswith(b"(MESSAGES 0)")
    people.does("bob", 'DELETE "Other Users/alice/Work/e\u0301e"')
    people.fails("bob", 'STATUS "Other Users/alice/Work/\u00e9e" (MESSAGES)', "NONEXISTENT")
