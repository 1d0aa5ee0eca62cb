"""LMTP command lines to values (RFC 2033, RFC 5321, RFC 1870, RFC 6152, RFC 3030, RFC 6531)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.grammar.lmtp.commands import (
    Bdat,
    BodyValue,
    Data,
    Expn,
    Greet,
    Help,
    Lhlo,
    Mail,
    Noop,
    Path,
    Quit,
    Rcpt,
    Rset,
    Vrfy,
)  # fmt: skip
from angarium.grammar.lmtp.parse_command import CommandSyntaxError, parse_command

AB = Path("a", "b.example")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"LHLO mta.example.org", Lhlo("mta.example.org")),
        (b"lhlo my_host.", Lhlo("my_host.")),
        (b"LHLO [127.0.0.1]", Lhlo("[127.0.0.1]")),
        (b"LHLO [IPv6:::1]", Lhlo("[IPv6:::1]")),
        (b"EHLO", Greet()),
        (b"HELO there", Greet()),
        (b"MAIL FROM:<>", Mail(None)),
        (b"MAIL FROM:<a@b.example>", Mail(AB)),
        (b"mail from: <a@b.example> ", Mail(AB)),
        (b"MAIL FROM:<a@b.example> SIZE=1000", Mail(AB, size=1000)),
        (b"MAIL FROM:<a@b.example> BODY=7bit", Mail(AB)),
        (b"MAIL FROM:<a@b.example> body=8BitMime", Mail(AB, body=BodyValue.EIGHT_BIT_MIME)),
        (b"MAIL FROM:<a@b.example> BODY=BINARYMIME SIZE=5", Mail(AB, 5, BodyValue.BINARY_MIME)),
        (b"MAIL FROM:<a@b.example> SMTPUTF8 SIZE=5", Mail(AB, 5, smtputf8=True)),
        (b"MAIL FROM:<a@b.example> RET=HDRS ENVID=x SMTPUTF8X", Mail(AB, unknown=("RET", "ENVID", "SMTPUTF8X"))),
        (b"MAIL FROM:<a@b.example> SIZE=1 SIZE=1", Mail(AB, 1, repeated=True)),
        (b"RCPT TO:<a@b.example>", Rcpt(AB)),
        (b"RCPT TO:<user+folder@b.example> NOTIFY=NEVER", Rcpt(Path("user+folder", "b.example"), ("NOTIFY",))),
        (b"RCPT TO:<@relay.example,@other.example:a@b.example>", Rcpt(AB)),
        (b"RCPT TO:<Postmaster>", Rcpt(Path("Postmaster"))),
        (b"RCPT TO:<a@[10.0.0.1]>", Rcpt(Path("a", "[10.0.0.1]"))),
        (b'RCPT TO:<"a"@b.example>', Rcpt(AB)),
        (b'RCPT TO:<"a b\\"@\\\\c"@b.example>', Rcpt(Path('a b"@\\c', "b.example"))),
        ("RCPT TO:<jürgen@bücher.example>".encode(), Rcpt(Path("jürgen", "bücher.example"))),
        (b"DATA", Data()),
        (b"BDAT 86", Bdat(86)),
        (b"bdat 0 last", Bdat(0, last=True)),
        (b"RSET", Rset()),
        (b"VRFY someone", Vrfy()),
        (b"EXPN list", Expn()),
        (b"HELP", Help()),
        (b"HELP mail", Help()),
        (b"NOOP", Noop()),
        (b"NOOP with text", Noop()),
        (b"QUIT ", Quit()),
    ],
)
def test_lines_are_read(line, command):
    assert parse_command(line) == command


@pytest.mark.parametrize(
    ("line", "octet"),
    [
        (b"LHLO", 4),
        (b"MAIL", 0),
        (b"MAIL FROM:a@b", 10),
        (b"MAIL FROM:<a@b", 10),
        (b"MAIL FROM:<a@-b>", 10),
        (b"MAIL FROM:<a@b> BODY=9BIT", 21),
        (b"MAIL FROM:<a@b> SIZE=x", 21),
        (b"RCPT TO:<>", 8),
        (b"RCPT TO:<a b@c>", 8),
        (b"DATA now", 4),
        (b"BDAT", 4),
        (b"BDAT -1", 5),
        (b"BDAT 1 FIRST", 7),
        (b"RSET x", 4),
        (b"NOOP \x00", 5),
    ],
)
def test_a_known_verb_with_wrong_arguments_is_a_syntax_error(line, octet):
    with pytest.raises(CommandSyntaxError) as caught:
        parse_command(line)
    assert not caught.value.unknown
    assert caught.value.octet == octet


@pytest.mark.parametrize("line", [b"", b" ", b"STARTTLS", b"TURN", b"GET / HTTP/1.1", b"\x00\xff"])
def test_an_unknown_verb_is_told_apart(line):
    with pytest.raises(CommandSyntaxError) as caught:
        parse_command(line)
    assert caught.value.unknown


def test_octets_that_are_no_utf8_are_no_address():
    with pytest.raises(CommandSyntaxError):
        parse_command(b"RCPT TO:<\xe9@x>")


def outcome(line):
    try:
        return parse_command(line)
    except CommandSyntaxError as error:
        return error


@given(st.binary(max_size=200))
def test_any_octets_are_a_command_or_a_syntax_error_within_the_line(line):
    got = outcome(line)
    assert not isinstance(got, CommandSyntaxError) or 0 <= got.octet <= len(line)


LOCAL_PARTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


@given(LOCAL_PARTS)
def test_a_path_is_spelled_so_that_it_is_read_back(local_part):
    path = Path(local_part, "b.example")
    assert parse_command(b"RCPT TO:" + path.spelled.encode()) == Rcpt(path)
