"""DEFLATE between engine and transport: however it is cut, whatever size it inflates to (RFC 4978, RFC 1951)."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.imap.deflate import FLUSHED, Compression, Deflater, Inflater, NotDeflate

TEXTS = [b"a NOOP\r\n", b"b FETCH 1:* (FLAGS)\r\n" * 50, b"x" * 5_000, bytes(range(256)) * 3, FLUSHED * 5, b"\r\n"]


def peer_deflated(*texts: bytes, flush: int = zlib.Z_SYNC_FLUSH) -> bytes:
    peer = zlib.compressobj(wbits=-15)
    return b"".join(peer.compress(text) + peer.flush(flush) for text in texts)


def all_of(inflater: Inflater) -> list[bytes]:
    return list(iter(inflater.inflate, b""))


@given(
    st.lists(st.sampled_from(TEXTS) | st.binary(max_size=300), max_size=5), st.lists(st.integers(1, 40), min_size=1, max_size=9)
)
def test_however_it_is_cut_the_same_comes_out(texts: list[bytes], sizes: list[int]) -> None:
    octets, inflater, result, at, turn = peer_deflated(*texts), Inflater(700), b"", 0, 0
    while at < len(octets):
        size = sizes[turn % len(sizes)]
        inflater.feed(octets[at : at + size])
        pieces = all_of(inflater)
        assert all(len(piece) <= 700 for piece in pieces)
        result += b"".join(pieces)
        at, turn = at + size, turn + 1
    assert result == b"".join(texts)


@given(st.lists(st.sampled_from(TEXTS) | st.binary(max_size=300), max_size=6), st.sets(st.integers(0, 5)))
def test_the_peer_reads_what_is_deflated_with_rests_between(texts: list[bytes], rests: set[int]) -> None:
    deflater, peer = Deflater(), zlib.decompressobj(wbits=-15)
    for number, text in enumerate(texts):
        if number in rests:
            deflater.rest()
            assert deflater.rests
        assert peer.decompress(deflater.deflate(text)) == text
    assert peer.decompress(deflater.finish(b"end")) == b"end"
    assert peer.eof


def test_a_piece_ends_at_a_flush() -> None:
    inflater = Inflater(65_536)
    inflater.feed(peer_deflated(b"a", b"b", b"c"))
    assert all_of(inflater) == [b"a", b"b", b"c"]


def test_a_bomb_comes_out_in_pieces() -> None:
    bomb = peer_deflated(bytes(20_000_000))
    assert len(bomb) < 25_000
    inflater = Inflater(65_536)
    inflater.feed(bomb)
    first = inflater.inflate()
    assert len(first) == 65_536
    assert 65_536 + sum(map(len, all_of(inflater))) == 20_000_000


@pytest.mark.parametrize("octets", [b"a NOOP\r\n", b"\xff\xff\xff\xff", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
def test_what_is_no_raw_deflate_is_refused(octets: bytes) -> None:
    inflater = Inflater(100)
    inflater.feed(octets)
    with pytest.raises(NotDeflate):
        all_of(inflater)


def test_nothing_may_follow_the_end() -> None:
    inflater = Inflater(100)
    inflater.feed(peer_deflated(b"a", flush=zlib.Z_FINISH))
    assert all_of(inflater) == [b"a"]
    inflater.feed(b"b")
    with pytest.raises(NotDeflate):
        inflater.inflate()


@pytest.mark.parametrize("flush", [zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH])
@pytest.mark.parametrize("text", [b"a UNAUTHENTICATE\r\n", b"a UNAUTHENTICATE\r\nb NOOP\r\n" * 30])
def test_what_is_behind_the_last_flush_is_in_the_clear_wherever_it_is_cut(flush: int, text: bytes) -> None:
    before = peer_deflated(b"z NOOP\r\n", text, flush=zlib.Z_SYNC_FLUSH) if flush != zlib.Z_FINISH else b""
    octets = before or peer_deflated(text, flush=flush)
    whole = octets + b"b LOGIN tim secret\r\n"
    for cut in range(1, len(whole)):
        assert heard_in_the_clear([whole[:cut], whole[cut:]]) == b"b LOGIN tim secret\r\n", cut


def heard_in_the_clear(parts: list[bytes]) -> bytes:
    layer, said, clear, told = Compression(16), b"", b"", False
    for part in parts:
        if layer.over:
            clear += part
            continue
        layer.came(part)
        while not told and (piece := layer.next_piece()):
            said += piece
            told = b"UNAUTHENTICATE\r\n" in said
        if told:
            layer.expect_end()
            clear += layer.next_piece()
    assert layer.over
    return clear


def test_the_last_that_is_sent_ends_the_stream() -> None:
    layer, peer = Compression(100), zlib.decompressobj(wbits=-15)
    assert peer.decompress(layer.sent(b"one")) == b"one"
    assert layer.may_rest
    layer.rest()
    assert not layer.may_rest
    assert peer.decompress(layer.last_sent(b"two")) == b"two"
    assert peer.eof
    assert not layer.may_rest
    layer.rest()
    assert layer.sent(b"in the clear") == layer.last_sent(b"in the clear") == b"in the clear"
