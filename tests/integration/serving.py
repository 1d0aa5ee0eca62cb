"""Servers for the tests of this folder: real processes on free ports of the loopback interface, stopped when the test ends."""

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import time

import pytest

from angarium.store.accounts import Accounts

LISTEN = {"imap": "127.0.0.1:0", "imaps": "127.0.0.1:0", "lmtp": "127.0.0.1:0"}


class Server:
    """``angarium serve`` on a data folder of its own."""

    def __init__(self, data, *options, listen=tuple(LISTEN), **environment):
        self.data, self.options, self.listen = data, options, listen
        self.environment = {**os.environ, **environment}
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "angarium.server", "serve", "--data", str(self.data), "--workers", "2"]
        for name in self.listen:
            if f"--{name}" not in self.options:
                command += [f"--{name}", LISTEN[name]]
        self.process = subprocess.Popen(
            [*command, *self.options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
        )
        self.ports = {}
        for line in self.process.stdout:
            if line.startswith("ready"):
                return self
            protocol, address = line.split()
            if not address.startswith("unix:"):
                self.ports[protocol] = int(address.rpartition(":")[2])
        raise AssertionError(self.process.communicate()[1])

    def workers(self):
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(each) for each in file.read().split()]

    def tell(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """End it; its exit code and what it wrote to its log."""
        self.tell(number)
        _, log = self.process.communicate(timeout=20)
        return self.process.returncode, log

    def add_user(self, name, password):
        self.data.mkdir(mode=0o700)
        with contextlib.closing(Accounts(self.data)) as accounts:
            accounts.add(name, password)


@pytest.fixture
def start_server(tmp_path):
    """A function that starts a server with user ``ann``, password ``secret``."""
    started = []

    def start(*options, **given):
        data = tmp_path / "data"
        server = Server(data, *options, **given)
        if not data.exists():
            server.add_user("ann", "secret")
        started.append(server.start())
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.stop(signal.SIGTERM)
            server.process.kill()


@pytest.fixture
def tls():
    """A client's TLS context that takes the self-signed certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
def eventually():
    """A function that waits until what it is given is true."""

    def wait(true, seconds=10.0):
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "never became true"
            time.sleep(0.02)

    return wait
