"""The command line as scripts see it: exit codes, complaints, output."""

import io
import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.operations import StoreUnavailable
from angarium.server import cli
from angarium.server.cli import complaints, parser, reference
from angarium.server.cli.table import COMMANDS, GROUPS
from angarium.server.config import ConfigError
from angarium.server.importing.source import SourceError
from angarium.store.sqlite.users import DATABASE, SEARCH_INDEX, user_folder

CHECKOUT = Path(__file__).parents[4]
MESSAGE = b"Subject: x\n\ntext\n"


@pytest.fixture
def angarium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line on a data folder of its own and return exit code, output and complaints."""
    for name in ("ANGARIUM_CONFIG", "ANGARIUM_DATA", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANGARIUM_DATA", str(tmp_path / "data"))

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "surrogateescape"))))
        try:
            code = cli.main(arguments)
        except SystemExit as leaving:
            code = int(str(leaving.code))
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


@pytest.fixture
def ann(angarium: Any) -> Any:
    """The same, where there is a user."""
    assert angarium("user", "add", "ann", "--password-stdin", stdin="secret\n") == (0, "", "")
    return angarium


def test_version(angarium: Any) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    assert angarium("--version") == (0, f"angarium {project['version']}\n", "")


def test_help_lists_every_command(angarium: Any) -> None:
    code, out, _ = angarium("--help")
    assert code == 0
    assert {command.words[0] for command in COMMANDS} <= set(out.split())
    for group in GROUPS:
        code, out, _ = angarium(group, "--help")
        assert {command.words[1] for command in COMMANDS if command.words[0] == group} <= set(out.split())


def test_no_command_is_wrong_use(angarium: Any) -> None:
    code, out, err = angarium()
    assert (code, out) == (2, "")
    assert err.startswith("usage: angarium")
    assert angarium("user")[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("user", "add"),
        ("mailbox", "list"),
        ("serve", "--workers", "many"),
        ("export", "x", "--user", "a", "--format", "zip"),
    ],
)
def test_wrong_use_is_one_line(angarium: Any, arguments: tuple[str, ...]) -> None:
    code, out, err = angarium(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("angarium: ")
    assert err.endswith(" --help\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.words))
def test_every_command_has_a_function(command: Any) -> None:
    assert callable(parser.load_function(command))


def test_options_are_told_apart() -> None:
    for command in COMMANDS:
        names = [name for option in command.options for name in option.names]
        assert len(set(names)) == len(names)


def test_reference_is_fresh() -> None:
    page = CHECKOUT / reference.TARGET
    assert page.read_text("utf-8") == reference.render()


def test_reference_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert reference.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().err
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        (complaints.UsageError("give a folder"), "give a folder", 2),
        (complaints.ProblemFound("there is\nnone\x1b[2J"), "there is none\\x1b[2J", 1),
        (ConfigError("x.toml:3: no"), "x.toml:3: no", 2),
        (StoreUnavailable("the disk is full"), "the disk is full", 1),
        (SourceError("gone"), "gone", 1),
        (PermissionError(13, "Permission denied", "/x"), "/x: Permission denied", 1),
        (OSError("odd"), "odd", 1),
        (KeyboardInterrupt(), "stopped; what was finished is kept", 130),
        (
            ZeroDivisionError("division by zero"),
            "internal error, please report it: ZeroDivisionError: division by zero (angarium --traceback ... shows where)",
            1,
        ),
    ],
)
def test_complaints(error: BaseException, text: str, code: int) -> None:
    assert complaints.explain_failure(error) == (text, code)


def test_no_traceback_unless_asked_for(angarium: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(chosen: object) -> int:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(parser, "load_function", lambda command: broken)
    code, out, err = angarium("user", "list")
    assert (code, out) == (1, "")
    assert err.startswith("angarium: internal error")
    with pytest.raises(ZeroDivisionError):
        angarium("--traceback", "user", "list")


def test_reader_that_goes_away(tmp_path: Path) -> None:
    script = "import sys; from angarium.server.cli import main; sys.exit(main(['explain', 'a NOOP']))"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(60) == 1


def test_users(ann: Any) -> None:
    assert ann("user", "list") == (0, "ann\n", "")
    assert ann("user", "add", "bob", "--password-stdin", stdin="pass wörd\n") == (0, "", "")
    assert json.loads(ann("user", "list", "--json")[1]) == ["ann", "bob"]
    code, _, err = ann("user", "add", "ANN", "--password-stdin", stdin="x\n")
    assert (code, err.count("\n")) == (1, 1)
    assert ann("user", "passwd", "bob", "--password-stdin", stdin="other\n") == (0, "", "")
    assert ann("user", "remove", "bob") == (0, "", "")
    assert ann("user", "list") == (0, "ann\n", "")


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("user", "remove", "nobody"), "", 1),
        (("user", "passwd", "nobody", "--password-stdin"), "x\n", 1),
        (("user", "add", "bob"), "", 2),
        (("user", "add", "bob", "--password-stdin"), "", 2),
        (("user", "add", "bob", "--password-stdin"), "\udcff\n", 2),
        (("user", "add", "a/b", "--password-stdin"), "x\n", 1),
        (("mailbox", "list", "--user", "nobody"), "", 1),
        (("mailbox", "create", "INBOX", "--user", "ann"), "", 1),
        (("mailbox", "create", "a//b", "--user", "ann"), "", 1),
        (("mailbox", "delete", "INBOX", "--user", "ann"), "", 1),
        (("mailbox", "delete", "Nothing", "--user", "ann"), "", 1),
        (("mailbox", "rename", "Nothing", "X", "--user", "ann"), "", 1),
        (("mailbox", "rename", "Sent", "Trash", "--user", "ann"), "", 1),
        (("import", "/nowhere", "--user", "ann"), "", 2),
        (("import", "imap://nobody/", "--user", "ann"), "", 1),
        (("export", "/dev/null", "--user", "ann"), "", 2),
        (("config", "check", "--config", "/nowhere.toml"), "", 2),
        (("explain", "a FETCH 1:+ FLAGS"), "", 1),
        (("explain", r"a LOGIN {3}\r\n"), "", 2),
        (("explain", r"a NOOP\r\nb NOOP"), "", 2),
    ],
)
def test_refusals_are_one_line(ann: Any, arguments: tuple[str, ...], stdin: str, code: int) -> None:
    got, out, err = ann(*arguments, stdin=stdin)
    assert (got, out, err.count("\n")) == (code, "", 1), err
    assert err.startswith("angarium: ")
    assert "internal error" not in err


def test_data_folder_has_to_be_there(angarium: Any) -> None:
    code, _, err = angarium("user", "list")
    assert (code, err.count("\n")) == (1, 1)
    assert "angarium user add" in err


def test_mailboxes(ann: Any) -> None:
    assert ann("mailbox", "create", "Work/2020", "--user", "ann") == (0, "", "")
    assert ann("mailbox", "rename", "Work", "Old", "--user", "ann") == (0, "", "")
    assert ann("mailbox", "delete", "Old/2020", "--user", "ann") == (0, "", "")
    lines = [line.split("\t") for line in ann("mailbox", "list", "--user", "ann")[1].splitlines()]
    assert ["Sent", "0", "0", "0", "\\Sent", ""] in lines
    assert ["Old", "0", "0", "0", "", ""] in lines
    facts = {each["name"]: each for each in json.loads(ann("mailbox", "list", "--user", "ann", "--json")[1])}
    assert facts["Sent"] == {
        "name": "Sent", "messages": 0, "unseen": 0, "size": 0, "special_use": ["\\Sent"], "subscribed": False
    }  # fmt: skip


def test_import_export_and_import(ann: Any, tmp_path: Path) -> None:
    folder = tmp_path / "mail" / "Work"
    folder.mkdir(parents=True)
    (folder / "1.eml").write_bytes(MESSAGE)
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n")
    code, out, err = ann("import", str(tmp_path / "mail"), "--user", "ann")
    assert (code, out) == (0, "message files: 1 messages added, 0 were there already\n")
    assert err == f"angarium: {folder / 'picture.png'} was passed over: it is no message\n"
    report = json.loads(ann("import", str(tmp_path / "mail"), "--user", "ann", "--json")[1])
    assert (report["added"], report["present"], report["failed"]) == (0, 1, [])
    assert ann("import", str(folder / "1.eml"), "--user", "ann", "--mailbox", "inbox")[0] == 0
    target = tmp_path / "out"
    assert ann("export", str(target), "--user", "ann", "--format", "eml", "--mailbox", "Work") == (
        0, "1 mailboxes: 1 messages written, 0 were there already\n", ""
    )  # fmt: skip
    assert (target / "Work" / "00000001.eml").read_bytes() == MESSAGE.replace(b"\n", b"\r\n")
    assert json.loads(ann("export", str(target), "--user", "ann", "--json")[1])["written"] == 2


def test_export_of_what_is_not_there_leaves_nothing(ann: Any, tmp_path: Path) -> None:
    code, out, err = ann("export", str(tmp_path / "out"), "--user", "ann", "--mailbox", "INBOX", "--mailbox", "Nothing")
    assert (code, out) == (2, "")
    assert err == "angarium: ann has no mailbox Nothing; see: angarium mailbox list --user ann\n"
    assert not (tmp_path / "out").exists()


def test_export_says_what_a_format_cannot_hold(ann: Any, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(b"a\r\n\r\nhi")
    assert ann("import", str(tmp_path / "1.eml"), "--user", "ann")[0] == 0
    code, out, err = ann("export", str(tmp_path / "out"), "--user", "ann", "--format", "mbox", "--json")
    assert (code, err.count("\n")) == (0, 1)
    assert err.startswith("angarium: 1 messages are not as they were: mbox cannot hold LF alone")
    assert (json.loads(out)["altered"], json.loads(out)["unflagged"]) == (1, 0)
    for source in ("1.eml", "out"):
        assert json.loads(ann("import", str(tmp_path / source), "--user", "ann", "--json")[1])["present"] == 1


@pytest.mark.parametrize("source", ["mail", "imap://nobody@127.0.0.1:1/"])
def test_import_into_what_cannot_be_a_mailbox(ann: Any, tmp_path: Path, source: str) -> None:
    for name in ("A", "B"):
        (tmp_path / "mail" / name).mkdir(parents=True)
        (tmp_path / "mail" / name / "1.eml").write_bytes(MESSAGE)
    source = str(tmp_path / source) if source == "mail" else source
    code, out, err = ann("import", source, "--user", "ann", "--mailbox", "a//b", "--password-stdin", stdin="x\n")
    assert (code, out, err) == (1, "", "angarium: A part of the mailbox name is empty\n")


def test_import_of_a_device(ann: Any) -> None:
    code, _, err = ann("import", "/dev/null", "--user", "ann")
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith("angarium: /dev/null is neither a file nor a folder: give a Maildir")


def test_removing_a_user_with_the_mail(ann: Any, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(MESSAGE)
    assert ann("import", str(tmp_path / "1.eml"), "--user", "ann")[0] == 0
    assert ann("import", str(tmp_path / "1.eml"), "--user", "ann", "--mailbox", "A/B")[0] == 0
    assert ann("user", "remove", "ann") == (0, "", "")
    assert ann("user", "add", "ann", "--password-stdin", stdin="x\n")[0] == 0
    assert "A/B\t1\t1" in ann("mailbox", "list", "--user", "ann")[1]
    assert ann("user", "remove", "ann", "--delete-mail") == (0, "", "")
    assert ann("user", "add", "ann", "--password-stdin", stdin="x\n")[0] == 0
    assert ann("mailbox", "list", "--user", "ann") == (0, "INBOX\t0\t0\t0\t\t\n", "")


def test_check_finds_and_mends(ann: Any, tmp_path: Path) -> None:
    assert ann("check") == (0, "no damage found\n", "")
    assert ann("check", "--json", "--user", "ann") == (0, "[]\n", "")
    with closing(sqlite3.connect(user_folder(tmp_path / "data", "ann") / DATABASE)) as database:
        database.execute("UPDATE mailbox SET messages = 7 WHERE name = 'Sent'")
        database.commit()
    code, out, _ = ann("check")
    assert (code, out.split("\t")[:3], out.count("\n")) == (1, ["ann", "Sent", ""], 1)
    code, out, _ = ann("check", "--repair", "--json")
    assert code == 0
    assert [(each["user"], each["mailbox"], bool(each["repaired"])) for each in json.loads(out)] == [("ann", "Sent", True)]
    assert ann("check")[0] == 0
    assert ann("check", "--user", "nobody")[0] == 1


def test_reindex(ann: Any, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(MESSAGE)
    assert ann("import", str(tmp_path / "1.eml"), "--user", "ann")[0] == 0
    index = user_folder(tmp_path / "data", "ann") / SEARCH_INDEX
    index.unlink()
    assert ann("reindex", "--user", "ann") == (0, "", "")
    assert index.exists()
    assert ann("reindex")[0] == 0
    assert ann("reindex", "--user", "nobody")[0] == 1


def test_configuration(angarium: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(f'data = "{tmp_path}/mail"\n')
    assert angarium("config", "check", "--config", str(file)) == (0, f"{file}: fine\n", "")
    shown = json.loads(angarium("config", "show", "--config", str(file), "--data", "/other", "--json")[1])
    assert shown["data"] == {"value": "/other", "origin": "command line"}
    assert "grace_seconds = 10" in angarium("config", "show")[1]
    file.write_text('dta = "/mail"\n')
    code, _, err = angarium("config", "check", "--config", str(file))
    assert (code, err.count("\n")) == (2, 1)
    assert f"{file}:1" in err


def test_configuration_check_tries_the_certificate(angarium: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANGARIUM_TLS_CERTIFICATE", str(tmp_path / "none.pem"))
    code, out, err = angarium("config", "check")
    assert (code, out) == (2, "")
    assert err == f"angarium: cannot read {tmp_path}/none.pem: set tls.certificate and tls.key to readable PEM files\n"


def test_variables_that_set_nothing_are_named(angarium: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANGARIUM_PORT", "143")
    for words in (("config", "check"), ("config", "show")):
        code, _, err = angarium(*words)
        assert (code, err.count("\n")) == (0, 1)
        assert err.startswith("angarium: variable ANGARIUM_PORT sets nothing")


def test_explain(angarium: Any) -> None:
    code, out, _ = angarium("explain", "a1 UID FETCH 1:* FLAGS")
    assert code == 0
    assert "  tag: a1  (RFC 9051" in out
    tree = json.loads(angarium("explain", "a1 NOOP", "--json")[1])
    assert (tree["rule"], tree["text"]) == ("command", "a1 NOOP")
    assert tree["children"][0]["rule"] == "tag"
    code, out, _ = angarium("explain", r'a LOGIN {3}\r\nann "x"')
    assert code == 0
    assert r"astring: {3}\r\nann  (RFC" in out


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_foreign_data_folder(ann: Any, tmp_path: Path) -> None:
    os.chown(tmp_path / "data", 65_534, 65_534)
    code, _, err = ann("user", "list")
    assert (code, err.count("\n")) == (1, 1)
    assert "belongs to" in err
