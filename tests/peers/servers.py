"""Start real servers on loopback ports for tests and measurements: Angarium from this checkout, and Dovecot as the peer.

Both get the same users ``u1`` ... with the password ``secret``, IMAP and LMTP without TLS, and a folder of their own.
Every process started here is stopped by its process id when the ``with`` block ends.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

PASSWORD = "secret"
# All the clients of a test come from one address.
SETTINGS = {"ANGARIUM_LIMITS_CONNECTIONS_PER_ADDRESS": "5000"}
START_SECONDS_MAX = 20.0
STOP_SECONDS_MAX = 15.0


class CannotStart(Exception):
    """The server did not come up; the text says why."""


@frozen
class Server:
    """A running server; ``pid`` is the root of its process tree."""

    name: str
    port: int
    lmtp_port: int
    pid: int
    folder: Path
    host: str = "127.0.0.1"
    imaps_port: int = 0


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()


def await_port(port: int, process: subprocess.Popen[bytes] | None = None, log: Path | None = None) -> None:
    """Wait until something greets on the port, or say what went wrong."""
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as sock:
                if sock.recv(64):
                    return
        except OSError:
            time.sleep(0.02)
    raise CannotStart(f"nothing greets on port {port}: {log.read_text()[-2000:] if log and log.exists() else ''}")


def angarium_command(*arguments: str) -> list[str]:
    """The command line of the Angarium in this environment."""
    return [sys.executable, "-m", "angarium.server", *arguments]


def add_user(data: Path, user: str, password: str = PASSWORD) -> None:
    """``angarium user add``."""
    command = angarium_command("user", "add", user, "--password-stdin", "--data", str(data))
    done = subprocess.run(command, input=password.encode() + b"\n", capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise CannotStart(f"user add: {done.stderr.decode()}")


@contextmanager
def angarium(folder: Path, *, users: int = 1, workers: int | None = None) -> Iterator[Server]:
    """Run ``angarium serve``."""
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    for number in range(1, users + 1):
        if not (folder / f"u{number}.added").exists():
            add_user(data, f"u{number}")
            (folder / f"u{number}.added").touch()
    imap, lmtp = free_ports(2)
    command = angarium_command("serve", "--data", str(data), "--imap", f"127.0.0.1:{imap}", "--lmtp", f"127.0.0.1:{lmtp}")
    if workers is not None:
        command += ["--workers", str(workers)]
    log = folder / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=os.environ | SETTINGS)
    try:
        await_port(imap, process, log)
        await_port(lmtp, process, log)
        yield Server("angarium", imap, lmtp, process.pid, folder)
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL for one that does not go."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def dovecot_missing() -> str | None:
    """Why Dovecot cannot be run here, or None."""
    if shutil.which("dovecot") is None:
        return "Dovecot is not installed"
    if not Path("/usr/lib/dovecot/lmtp").exists():
        return "Dovecot's LMTP server is not installed"
    if os.geteuid() != 0:
        return "Dovecot is run as root here"
    return None


DOVECOT_CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = angarium-peer-{imap}
log_path = {folder}/dovecot.log
info_log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
disable_plaintext_auth = no
ssl = no
auth_cache_size = 10M
default_process_limit = 2000
default_client_limit = 4000
default_vsz_limit = 1G
mail_location = sdbox:~/sdbox
mail_home = {folder}/mail/%n
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = optimized
mail_max_userip_connections = 2000
auth_username_format = %Ln
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
protocol imap {{
  mail_max_userip_connections = 2000
}}
service imap-login {{
  service_count = 0
  process_min_avail = 2
  client_limit = 2000
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 2000
}}
service lmtp {{
  process_min_avail = 2
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  client_limit = 10000
}}
service anvil {{
  client_limit = 10000
}}
service auth {{
  client_limit = 10000
}}
"""


def _mail_user() -> tuple[str, str]:
    """An unprivileged account to own Dovecot's mail."""
    for name in ("vmail", "mail", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return str(account.pw_uid), str(account.pw_gid)
    raise CannotStart("no unprivileged account for Dovecot's mail")


@contextmanager
def dovecot() -> Iterator[Server]:
    """Run a private Dovecot (sdbox, fsync as by default); any user ``u1`` ... is known to it.

    It gets a folder of its own right under the system's temporary one: its unprivileged processes have to reach it, and
    pytest closes its folders to others again and again.
    """
    with tempfile.TemporaryDirectory(prefix="angarium-peer-") as folder:
        yield from _dovecot(Path(folder))


def _dovecot(folder: Path) -> Iterator[Server]:
    imap, lmtp = free_ports(2)
    user, group = _mail_user()
    for name in ("run", "state", "mail"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    os.chown(folder / "mail", int(user), int(group))
    conf = folder / "dovecot.conf"
    conf.write_text(DOVECOT_CONF.format(folder=folder, imap=imap, lmtp=lmtp, user=user, group=group, password=PASSWORD))
    log = folder / "dovecot.log"
    with log.open("ab") as out:
        process = subprocess.Popen(["dovecot", "-F", "-c", str(conf)], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        await_port(imap, process, log)
        await_port(lmtp, process, log)
        yield Server("dovecot", imap, lmtp, process.pid, folder)
    finally:
        stop(process)


def process_tree(root: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def memory_kb(root: int) -> int:
    """Memory of the process tree, shared pages counted in proportion (PSS), in KB."""
    total = 0
    for pid in process_tree(root):
        try:
            match = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(match.group(1)) if match else 0
    return total


def cpu_seconds(root: int) -> float:
    """Processor time that the process tree has used."""
    ticks = 0
    for pid in process_tree(root):
        try:
            ticks += sum(int(field) for field in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def await_quiet(root: int, seconds_max: float = 120) -> None:
    """Wait until the process tree has nothing to do: work put off, such as indexing, is over."""
    end = time.monotonic() + seconds_max
    used = cpu_seconds(root)
    quiet = 0
    while quiet < 3 and time.monotonic() < end:
        time.sleep(0.5)
        now = cpu_seconds(root)
        quiet = quiet + 1 if now - used < 0.03 else 0
        used = now
