"""parse(render(value)) == value for every command and response, through the framer and in pieces."""

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from angarium.grammar.imap.commands import Command, TaggedCommand
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.parse_command import parse_command
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.render_command import render_command
from angarium.grammar.imap.render_response import render_response
from angarium.grammar.imap.responses import Response
from strategies import imap

any_size = settings(suppress_health_check=list(HealthCheck))


def frame_of(octets, *, responses=False):
    framer = Framer(1_000_000, 1_000_000, 10_000, 1_000_000, responses=responses)
    framer.feed(octets)
    while isinstance(event := framer.next(), LiteralWanted):
        framer.accept_literal(stream=False)
    assert isinstance(event, Frame)
    assert not framer.pending
    return event


def test_every_command_and_response_has_a_strategy():
    assert set(imap.command_values) == set(get_args(Command))
    assert set(imap.response_values) == set(get_args(Response))


@pytest.mark.parametrize("command", imap.command_values, ids=lambda command: command.__name__)
def test_commands(command):
    @any_size
    @given(imap.tags, imap.command_values[command], st.booleans(), st.booleans())
    def round_trip(tag, value, utf8, literal_plus):
        tagged = TaggedCommand(tag, value)
        pieces = render_command(tagged, utf8=utf8, literal_plus=literal_plus)
        assert len(pieces) == 1 or not literal_plus
        assert parse_command(frame_of(b"".join(pieces)), utf8) == tagged

    round_trip()


@pytest.mark.parametrize("response", imap.response_values, ids=lambda response: response.__name__)
def test_responses(response):
    @any_size
    @given(imap.response_values[response])
    def round_trip(value):
        assert parse_response(frame_of(render_response(value, utf8=True), responses=True), utf8=True) == value

    round_trip()


@any_size
@given(imap.mailboxes)
def test_mailbox_names_without_utf8(name):
    from angarium.grammar.imap.responses import ListData

    value = ListData((), "/", name)
    octets = render_response(value)
    assert octets.isascii()
    assert parse_response(frame_of(octets)) == value
