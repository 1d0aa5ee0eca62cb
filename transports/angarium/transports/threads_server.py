"""A server on threads: one accepting thread per listening socket, one thread per connection, no event loop."""

import contextlib
import socket
import ssl
import threading
import time
from typing import Any, Final

from angarium.store.store import Store
from angarium.transports.asyncio_server import Protocol
from angarium.transports.drive import drive, in_this_thread, run_blocking
from angarium.transports.tcp_threads import TLS_SECONDS_MAX, BlockingTransport
from angarium.transports.watch import Watchers

CONNECTIONS_MAX: Final = 200


class ThreadsServer:
    """Serves ``protocol`` over ``store`` on bound sockets. Use it as a context manager, or call ``close``."""

    def __init__(
        self, store: Store, protocol: Protocol, *, watchers: Watchers | None = None, connections_max: int = CONNECTIONS_MAX
    ) -> None:
        self.watchers = Watchers() if watchers is None else watchers
        self._execute = in_this_thread(store)
        self._protocol = protocol
        self._room = threading.BoundedSemaphore(connections_max)
        self._connections: dict[threading.Thread, BlockingTransport] = {}
        self._listening: list[socket.socket] = []

    def listen(self, sock: socket.socket, tls_context: ssl.SSLContext | None = None, implicit_tls: bool = False) -> None:
        """Accept connections on a bound socket, in a thread; with a context but no ``implicit_tls``, STARTTLS is offered."""
        sock.listen()
        self._listening.append(sock)
        threading.Thread(target=self._accept, args=(sock, tls_context, implicit_tls), daemon=True).start()

    @property
    def addresses(self) -> list[Any]:
        """Where it listens."""
        return [sock.getsockname() for sock in self._listening]

    def close(self, seconds_max: float = 5.0) -> None:
        """Stop accepting, say goodbye on every connection and wait for them to end."""
        for sock in self._listening:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        deadline = time.monotonic() + seconds_max
        for thread, transport in tuple(self._connections.items()):
            transport.shut_down()
            thread.join(max(0.0, deadline - time.monotonic()))

    def __enter__(self) -> "ThreadsServer":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _accept(self, listening: socket.socket, tls_context: ssl.SSLContext | None, implicit_tls: bool) -> None:
        with contextlib.suppress(OSError):  # closed: that is how the server ends
            while True:
                sock, _ = listening.accept()
                if self._room.acquire(blocking=False):
                    threading.Thread(target=self._serve, args=(sock, tls_context, implicit_tls), daemon=True).start()
                else:
                    with contextlib.suppress(OSError), sock:
                        sock.send(self._protocol.refusal if not implicit_tls else b"")

    def _serve(self, sock: socket.socket, tls_context: ssl.SSLContext | None, implicit_tls: bool) -> None:
        thread = threading.current_thread()
        try:
            if implicit_tls and tls_context is not None:
                sock.settimeout(TLS_SECONDS_MAX)
                sock = tls_context.wrap_socket(sock, server_side=True)
            transport = BlockingTransport(sock, self.watchers, tls_context)
            self._connections[thread] = transport
            run_blocking(drive(self._protocol.engine(transport.peer), transport, self._execute))
        except OSError:
            sock.close()  # gone before it began: a failed handshake, a reset
        finally:
            self._connections.pop(thread, None)
            self._room.release()
