"""Clauses of RFC 9051 §11.1 on TLS, tried with real handshakes."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from angarium.transports.client import ConnectionLost, connect
from angarium.transports.tls import server_context


def rsa_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate with the kind of key that the suites of TLS 1.2 in the RFC are about, and the key."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    encoding, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(encoding))
    (folder / "key.pem").write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password))
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return rsa_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def server(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return server_context(*certificate)


def agreed(server: ssl.SSLContext, version_max: ssl.TLSVersion, suites: str = "DEFAULT") -> tuple[str, str]:
    """Version and suite that a client up to ``version_max`` and the server agree upon."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = version_max
    client.set_ciphers(suites)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(incoming, outgoing)
    far = server.wrap_bio(outgoing, incoming, server_side=True)
    for side in (near, far, near, far, near):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    (suite, _, _), version = near.cipher(), near.version()
    return version, suite


def test_tls_1_3_where_possible(server: ssl.SSLContext) -> None:
    assert agreed(server, ssl.TLSVersion.MAXIMUM_SUPPORTED)[0] == "TLSv1.3"


@pytest.mark.parametrize("suite", ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"])
def test_suites_of_tls_1_2(server: ssl.SSLContext, suite: str) -> None:
    assert agreed(server, ssl.TLSVersion.TLSv1_2, suite) == ("TLSv1.2", suite)


@pytest.fixture
def port(server: ssl.SSLContext) -> Iterator[int]:
    """Where a server greets one client over TLS, and leaves."""

    def greet() -> None:
        client, _ = listener.accept()
        with client, contextlib.suppress(OSError), server.wrap_socket(client, server_side=True) as protected:
            protected.sendall(b"* OK ready\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = Thread(target=greet)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_client_checks_the_name_of_the_host(certificate: tuple[Path, Path], port: int, host: str) -> None:
    context = ssl.create_default_context(cafile=str(certificate[0]))
    if host == "localhost":
        connect(host, port, tls=context, seconds_max=10).close()
    else:
        with pytest.raises(ConnectionLost, match="certificate verify failed: IP address mismatch"):
            connect(host, port, tls=context, seconds_max=10)
