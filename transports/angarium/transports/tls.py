"""TLS contexts: what we accept (RFC 8314 §4: TLS 1.2 at least)."""

import os
import ssl
from pathlib import Path


class CertificateError(Exception):
    """A certificate or key that cannot be used; one line that says which and why."""


def server_context(certificate: Path, key: Path | None = None, password: str | None = None) -> ssl.SSLContext:
    """Make a server's context from a PEM chain and its key (in the same file where ``key`` is None)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    for path in filter(None, (certificate, key)):
        if not os.access(path, os.R_OK):
            raise CertificateError(f"cannot read {path}: set tls.certificate and tls.key to readable PEM files")
    try:
        # An empty password instead of None: OpenSSL must never ask for one on the terminal.
        context.load_cert_chain(certificate, key, password or "")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise CertificateError(f"cannot use certificate {certificate} with key {key or certificate}: {_reason(error)}") from error
    return context


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason).replace("_", " ").lower() if reason else str(error) or type(error).__name__
