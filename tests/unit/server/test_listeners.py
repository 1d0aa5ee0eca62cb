"""Addresses and listening sockets."""

import socket

import pytest

from angarium.server.listeners import Address, ListenError, bind, bound_address, parse_address, release


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:143", Address("127.0.0.1", 143)),
        ("[::1]:143", Address("::1", 143)),
        ("*:0", Address("*", 0)),
        ("mail.example.org:993", Address("mail.example.org", 993)),
        ("unix:/run/x", Address(path="/run/x")),
    ],
)
def test_addresses_are_read_and_written(text, address):
    assert parse_address(text) == address
    assert str(address) == text


def test_no_host_is_every_interface():
    assert parse_address(":143") == Address("*", 143)


@pytest.mark.parametrize("text", ["", "host", "host:", "host:x", "::1:143", "[::1]", "unix:", "host:65536", "a:b:1"])
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_address(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "*"])
def test_any_free_port_is_told(host):
    sock = bind(Address(host, 0))
    assert bound_address(sock).port > 0
    with socket.create_connection(("127.0.0.1", bound_address(sock).port), 5):
        release(sock)


def test_a_port_in_use_says_what_to_do():
    first = bind(Address("127.0.0.1", 0))
    with pytest.raises(ListenError, match="the port is in use; stop the other server or choose another port"):
        bind(bound_address(first))
    release(first)


def test_an_address_that_is_not_ours():
    with pytest.raises(ListenError, match="no such address on this machine"):
        bind(Address("192.0.2.1", 0))


def test_a_dead_unix_socket_is_replaced_a_live_one_is_not(tmp_path):
    address = Address(path=str(tmp_path / "s"))
    dead = bind(address)
    dead.close()
    live = bind(address)
    with pytest.raises(ListenError, match="in use"):
        bind(address)
    assert bound_address(live) == address
    release(live)
    assert not (tmp_path / "s").exists()


def test_a_unix_socket_in_no_folder(tmp_path):
    with pytest.raises(ListenError, match="No such file or directory"):
        bind(Address(path=str(tmp_path / "none" / "s")))
