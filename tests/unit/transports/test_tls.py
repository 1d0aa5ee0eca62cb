"""Certificates, and TLS over asyncio and threads: implicit, STARTTLS, and handshakes that fail."""

import asyncio
import contextlib
import socket
import ssl
import stat
import threading

import pytest
from cryptography import x509

from angarium.engine.steps import Closed, Read, Received, StartTls, TlsStarted, Write
from angarium.transports.asyncio_server import Admission, AsyncioServer, Protocol, event_loop
from angarium.transports.threads_server import ThreadsServer
from angarium.transports.tls import CertificateError, server_context
from angarium.transports.tls_self_signed import write_self_signed


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return write_self_signed(tmp_path_factory.mktemp("tls"), ("mail.example.org", "127.0.0.1", "::1"))


@pytest.fixture
def client_context():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_a_self_signed_certificate_names_what_it_should(certificate):
    path, key = certificate
    names = x509.load_pem_x509_certificate(path.read_bytes()).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == ["mail.example.org"]
    assert [str(each) for each in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert server_context(path, key).minimum_version is ssl.TLSVersion.TLSv1_2


def test_clients_can_check_it(certificate):
    path, key = certificate
    context = ssl.create_default_context(cafile=str(path))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="mail.example.org")
    server = server_context(path, key).wrap_bio(outgoing, incoming, server_side=True)
    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.version() == "TLSv1.3"


@pytest.mark.parametrize("broken", ["missing", "empty", "other key"])
def test_what_cannot_be_used_is_said_in_one_line(certificate, tmp_path, broken):
    path, key = certificate
    if broken == "missing":
        key = tmp_path / "none.pem"
    elif broken == "empty":
        key = tmp_path / "empty.pem"
        key.write_text("")
    else:
        _, key = write_self_signed(tmp_path, ("other",))
    with pytest.raises(CertificateError) as caught:
        server_context(path, key)
    assert str(key) in str(caught.value)
    assert "\n" not in str(caught.value)


class Upgrading:
    """Says plain words, then the protected ones, echoing."""

    def __init__(self, events):
        self.events = events

    def run(self):
        yield Write(b"plain\n")
        yield Read(5.0)
        yield Write(b"go ahead\n")
        event = yield StartTls()
        self.events.append(event)
        if isinstance(event, TlsStarted):
            received = yield Read(5.0)
            if isinstance(received, Received):
                yield Write(b"got " + received.octets)
        else:
            self.events.append((yield Read(5.0)))

    def crash_farewell(self):
        return b""


class NoStore:
    def is_quick(self, operation):
        return True


@contextlib.contextmanager
def serving(kind, events, context, implicit=False, admission=None):
    """A server of ``Upgrading`` engines; gives its address."""
    protocol = Protocol("x", lambda peer: Upgrading(events), b"full\n")
    sock = socket.create_server(("127.0.0.1", 0))
    address = sock.getsockname()
    if kind == "threads":
        with ThreadsServer(NoStore(), protocol, connections_max=1 if admission else 9) as server:
            server.listen(sock, context, implicit)
            yield address
        return
    loop = event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)

    async def start():
        server = AsyncioServer(NoStore(), admission=admission)
        await server.listen(sock, protocol, context, implicit)
        return server

    server = run(start())
    yield address
    run(server.drain(1.0))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


KINDS = pytest.mark.parametrize("kind", ["asyncio", "threads"])


@KINDS
def test_starttls_forgets_plaintext_behind_it(kind, certificate, client_context):
    events = []
    with serving(kind, events, server_context(*certificate)) as address, socket.create_connection(address, 5) as client:
        assert client.recv(100) == b"plain\n"
        client.sendall(b"go" + b"injected")
        assert client.recv(100) == b"go ahead\n"
        protected = client_context.wrap_socket(client)
        protected.sendall(b"hello")
        assert protected.recv(100) == b"got hello"
    assert events == [TlsStarted()]


@KINDS
def test_a_failed_handshake_ends_the_session(kind, certificate):
    events = []
    with serving(kind, events, server_context(*certificate)) as address, socket.create_connection(address, 5) as client:
        client.recv(100)
        client.sendall(b"go")
        assert client.recv(100) == b"go ahead\n"
        client.sendall(b"this is no handshake\r\n" * 10)
        with contextlib.suppress(ConnectionError):
            while client.recv(1000):
                continue
    assert events == [Closed(), Closed()]


@KINDS
def test_starttls_without_a_certificate_ends_the_session(kind):
    events = []
    with serving(kind, events, None) as address, socket.create_connection(address, 5) as client:
        client.recv(100)
        client.sendall(b"go")
        with contextlib.suppress(ConnectionError):
            while client.recv(100):
                continue
    assert events == [Closed(), Closed()]


@KINDS
def test_implicit_tls(kind, certificate, client_context):
    with serving(kind, [], server_context(*certificate), implicit=True) as address:
        with socket.create_connection(address, 5) as broken:
            broken.sendall(b"no handshake\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                while broken.recv(1000):
                    continue
        with socket.create_connection(address, 5) as client:
            assert client_context.wrap_socket(client).recv(100) == b"plain\n"


@KINDS
def test_no_room_is_said(kind):
    full = Admission(enter=lambda address: False, leave=lambda address: None)
    with serving(kind, [], None, admission=full) as address, socket.create_connection(address, 5) as first:
        if kind == "threads":
            assert first.recv(100) == b"plain\n"
            with socket.create_connection(address, 5) as second:
                assert second.recv(100) == b"full\n"
        else:
            assert first.recv(100) == b"full\n"
            assert first.recv(100) == b""
