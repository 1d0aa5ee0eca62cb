"""The tables, made anew or read back."""

import pytest

from angarium.grammar.imap import grammar_files
from angarium.grammar.imap.commands import Noop, TaggedCommand
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.responses import Exists


@pytest.fixture(scope="module")
def tables():
    return grammar_files.dump_tables()


def test_tables_read_back_parse_the_same(tables):
    built = grammar_files.command_parser()
    assert grammar_files.load_tables(tables)
    assert grammar_files.command_parser() is not built
    assert grammar_files.command_parser() is grammar_files.command_parser()
    assert parse_command(Frame(b"read-back NOOP")) == TaggedCommand(b"read-back", Noop())
    assert parse_response(Frame(b"* 4 EXISTS")) == Exists(4)
    with pytest.raises(CommandSyntaxError, match="expected CRLF at octet 6"):
        parse_command(Frame(b"a NOOP x"))


@pytest.mark.parametrize("position", [0, 40, -1])
def test_other_octets_are_no_tables(tables, position):
    octets = bytearray(tables)
    octets[position] ^= 1
    built = grammar_files.command_parser()
    assert not grammar_files.load_tables(bytes(octets))
    assert not grammar_files.load_tables(b"")
    assert grammar_files.command_parser() is built
