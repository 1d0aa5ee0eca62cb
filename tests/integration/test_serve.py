"""``angarium serve`` as a whole: real processes, sockets and signals."""

import contextlib
import imaplib
import json
import os
import pwd
import signal
import smtplib
import socket
import ssl
import subprocess
import sys

import pytest

from angarium.store.accounts import Accounts

HOST = "127.0.0.1"
MESSAGE = "Subject: hello\r\n\r\nworld\r\n"


def deliver(server, recipient="ann", message=MESSAGE):
    with smtplib.LMTP(HOST, server.ports["lmtp"]) as lmtp:
        return lmtp.sendmail("sender@example.org", recipient, message)


def login(server):
    client = imaplib.IMAP4(HOST, server.ports["imap"])
    client.login("ann", "secret")
    return client


def raw(server, protocol="imap"):
    client = socket.create_connection((HOST, server.ports[protocol]), 10)
    client.settimeout(10)
    return client, client.makefile("rb")


def idler(server):
    """A connection in IDLE on INBOX."""
    client, lines = raw(server)
    client.sendall(b"a LOGIN ann secret\r\nb SELECT INBOX\r\nc IDLE\r\n")
    for line in lines:
        if line.startswith(b"+"):
            return client, lines
    raise AssertionError("no IDLE")


def read_until(lines, wanted):
    for line in lines:
        if wanted in line:
            return line
    raise AssertionError(f"the server left without {wanted!r}")


@pytest.mark.parametrize("words", [("remove", "ann"), ("passwd", "ann", "--password-stdin")])
def test_sessions_end_with_the_account_they_were_opened_with(start_server, words):
    server = start_server()
    with contextlib.closing(Accounts(server.data)) as accounts:
        accounts.add("ben", "secret")
    idle = [idler(server) for _ in range(4)]
    other = imaplib.IMAP4(HOST, server.ports["imap"])
    other.login("ben", "secret")
    command = [sys.executable, "-m", "angarium.server", "user", *words, "--data", str(server.data)]
    subprocess.run(command, input=b"new\n", check=True, timeout=30)
    for client, lines in idle:
        assert read_until(lines, b"* BYE")
        assert lines.read() == b""
        client.close()
    assert other.noop()[0] == "OK"


def test_deliver_and_read_over_every_kind_of_connection(start_server, tls):
    server = start_server()
    assert deliver(server) == {}
    plain = login(server)
    starttls = imaplib.IMAP4(HOST, server.ports["imap"])
    starttls.starttls(tls)
    starttls.login("ann", "secret")
    implicit = imaplib.IMAP4_SSL(HOST, server.ports["imaps"], ssl_context=tls)
    implicit.login("ann", "secret")
    for client in (plain, starttls, implicit):
        assert client.select() == ("OK", [b"1"])
        _, fetched = client.fetch("1", "(BODY.PEEK[TEXT])")
        assert fetched[0][1] == b"world\r\n"
        client.logout()
    assert server.stop()[0] == 0


@pytest.mark.filterwarnings("ignore:.*TLSv1_1:DeprecationWarning")
def test_tls_is_1_2_at_least(start_server):
    server = start_server()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)), socket.create_connection((HOST, server.ports["imaps"]), 5) as client:
        old.wrap_socket(client)


def test_what_is_sent_behind_starttls_is_not_taken_into_tls(start_server, tls):
    server = start_server()
    client, lines = raw(server)
    lines.readline()
    client.sendall(b"a STARTTLS\r\nb LOGIN ann secret\r\nc SELECT INBOX\r\n")
    assert lines.readline().startswith(b"a OK")
    protected = tls.wrap_socket(client)
    protected.sendall(b"d NOOP\r\ne SELECT INBOX\r\n")
    answers = protected.makefile("rb")
    assert answers.readline().startswith(b"d OK")
    assert answers.readline().startswith(b"e BAD")


def test_a_change_wakes_idlers_of_every_worker(start_server):
    server = start_server()
    idlers = [idler(server) for _ in range(8)]
    for count in (b"* 1 EXISTS", b"* 2 EXISTS", b"* 3 EXISTS"):
        deliver(server)
        for _, lines in idlers:
            read_until(lines, count)


def test_sigterm_says_goodbye_and_ends_with_0(start_server):
    server = start_server()
    _idle, lines = idler(server)
    _busy, busy_lines = raw(server, "lmtp")
    assert busy_lines.readline().startswith(b"220")
    code, log = server.stop()
    assert (code, log.count("level=error")) == (0, 0)
    assert read_until(lines, b"* BYE")
    assert busy_lines.readline().startswith(b"421")
    assert lines.read() == b""
    assert sorted(os.listdir(server.data / "run")) == []


def test_a_worker_that_dies_is_replaced(start_server, eventually):
    server = start_server()
    before = server.workers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(server.workers()) == 2 and not set(before) & set(server.workers()))
    after = server.workers()
    for _ in range(4):
        client = login(server)
        assert client.noop()[0] == "OK"
        client.logout()
    assert deliver(server) == {}
    assert server.workers() == after, "they live on"


def test_workers_end_with_their_supervisor(start_server, eventually):
    server = start_server()
    workers = server.workers()
    server.stop(signal.SIGKILL)
    eventually(lambda: not any(alive(pid) for pid in workers))
    assert start_server().stop()[0] == 0


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_reload_takes_a_new_certificate_and_drops_nobody(start_server, tls, tmp_path, eventually):
    from angarium.transports.tls_self_signed import write_self_signed

    file = tmp_path / "angarium.toml"
    file.write_text("")
    server = start_server("--config", str(file))
    old, lines = idler(server)
    before = certificate(server, tls)
    made, key = write_self_signed(tmp_path / "new", ("mail.example.org",))
    file.write_text(f'[tls]\ncertificate = "{made}"\nkey = "{key}"\n')
    server.tell(signal.SIGHUP)
    eventually(lambda: certificate(server, tls) != before)
    deliver(server)
    assert read_until(lines, b"* 1 EXISTS")
    old.shutdown(socket.SHUT_RDWR)
    eventually(lambda: len(server.workers()) == 2)


def certificate(server, tls):
    with socket.create_connection((HOST, server.ports["imaps"]), 5) as client, tls.wrap_socket(client) as protected:
        return protected.getpeercert(binary_form=True)


def test_a_reload_with_mistakes_changes_nothing(start_server, tmp_path, eventually):
    file = tmp_path / "angarium.toml"
    file.write_text("")
    server = start_server("--config", str(file))
    workers = server.workers()
    file.write_text("[listen]\nimpa = 'x'\n")
    server.tell(signal.SIGHUP)
    login(server).logout()
    assert server.workers() == workers
    _, log = server.stop()
    assert "reload refused" in log
    assert "angarium.toml:2: unknown key 'listen.impa'; did you mean 'listen.imap'?" in log


def refused(*arguments, **environment):
    """Run a server that cannot start: exit code and the only line it says."""
    done = subprocess.run(
        [sys.executable, "-m", "angarium.server", "serve", *arguments],
        capture_output=True, text=True, timeout=20, env={**os.environ, **environment},
    )  # fmt: skip
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.returncode, done.stderr


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path):
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused("--data", str(tmp_path), "--imap", f"{HOST}:{port}")
    assert code == 2
    assert f"cannot listen on {HOST}:{port}: the port is in use" in said


def test_a_typo_is_found_with_its_line(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("data = 'x'\n\n[listen]\nimapp = 'x'\n")
    assert refused("--config", str(file)) == (
        2,
        f"angarium: {file}:4: unknown key 'listen.imapp'; did you mean 'listen.imap'?\n",
    )


def test_a_bad_certificate_is_one_line(tmp_path):
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    code, said = refused("--data", str(tmp_path / "d"), "--imap", f"{HOST}:0", ANGARIUM_TLS_CERTIFICATE=str(bad))
    assert code == 2
    assert "cannot use certificate" in said


def test_a_data_folder_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    code, said = refused("--data", str(tmp_path / "file" / "data"), "--imap", f"{HOST}:0")
    assert code == 2
    assert "cannot write to the data folder" in said


def test_a_second_server_in_the_same_folder_is_refused(start_server):
    server = start_server()
    code, said = refused("--data", str(server.data), "--imap", f"{HOST}:0")
    assert code == 2
    assert f"a server (pid {server.process.pid}) runs in" in said


def test_too_many_connections_hear_why(start_server):
    server = start_server(ANGARIUM_LIMITS_CONNECTIONS="1")
    heard = []
    held = []
    # Two workers with one place each, and the kernel chooses who is asked: until both are full and one has refused.
    while len(heard) < 100 and (heard.count(b"* OK ") < 2 or b"* BYE" not in heard):
        client, lines = raw(server)
        held.append(client)
        heard.append(lines.readline()[:5])
    assert set(heard) == {b"* OK ", b"* BYE"}
    assert heard.count(b"* OK ") == 2
    client, lines = raw(server, "lmtp")
    held.append(client)
    assert lines.readline().startswith(b"421 4.3.2")


def test_dripping_octets_do_not_put_off_the_login_deadline(start_server):
    server = start_server(ANGARIUM_IMAP_LOGIN_SECONDS="5")
    client, lines = raw(server)
    lines.readline()
    client.settimeout(0.3)
    heard = b""
    for _ in range(40):
        try:
            client.sendall(b"x")
            heard += client.recv(1000)
        except TimeoutError:
            continue
        except OSError:
            break
        if b"BYE" in heard:
            break
    assert heard.startswith(b"* BYE")


def test_the_log_as_json_names_users_and_no_passwords(start_server):
    server = start_server(ANGARIUM_LOG_FORMAT="json", ANGARIUM_LOG_LEVEL="debug")
    client = login(server)
    with pytest.raises(imaplib.IMAP4.error):
        login(server).login("ann", "secret2")
    with pytest.raises(imaplib.IMAP4.error):
        imaplib.IMAP4(HOST, server.ports["imap"]).login("ann", "wrong-and-secret")
    client.logout()
    deliver(server)
    _, log = server.stop()
    events = [json.loads(line) for line in log.splitlines()]
    assert {"login", "login failed", "append", "operation"} <= {each["event"] for each in events}
    assert all(each["user"] == "ann" for each in events if each["event"] == "login")
    assert "secret" not in log
    assert "hello" not in log


def test_unix_socket_delivery(start_server, tmp_path):
    path = tmp_path / "lmtp.sock"
    server = start_server("--lmtp", f"unix:{path}")
    with smtplib.LMTP(str(path)) as lmtp:
        assert lmtp.sendmail("a@b", "ann", MESSAGE) == {}
    client = login(server)
    assert client.select() == ("OK", [b"1"])
    client.logout()
    server.stop()
    assert not path.exists()


def test_systemd_is_told(start_server, tmp_path):
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(place))
        notified.settimeout(5)
        start_server(NOTIFY_SOCKET=str(place))
        assert notified.recv(100) == b"READY=1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_workers_become_the_configured_user(start_server, tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    server = start_server(ANGARIUM_SERVER_USER="nobody")
    assert {os.stat(f"/proc/{pid}").st_uid for pid in server.workers()} == {pwd.getpwnam("nobody").pw_uid}
    assert deliver(server) == {}
    client = login(server)
    assert client.select() == ("OK", [b"1"])
    client.logout()


def test_a_reload_may_listen_elsewhere(start_server, tmp_path, eventually):
    """Listening addresses come from the file here: options of the command line would stay above it."""
    file, path = tmp_path / "angarium.toml", tmp_path / "lmtp.sock"
    file.write_text("[listen]\nlmtp = '127.0.0.1:0'\n")
    server = start_server("--config", str(file), listen=("imap",))
    listeners = server.data / "run" / "listeners"
    client, lines = raw(server)
    lines.readline()
    file.write_text(f"[listen]\nlmtp = 'unix:{path}'\n")
    server.tell(signal.SIGHUP)
    eventually(lambda: f"lmtp unix:{path}" in listeners.read_text())
    with smtplib.LMTP(str(path)) as lmtp:
        assert lmtp.sendmail("a@b", "ann", MESSAGE) == {}
    eventually(lambda: refuses(server.ports["lmtp"]))
    client.sendall(b"a NOOP\r\n")
    assert lines.readline() == b"a OK NOOP completed\r\n"


def refuses(port):
    with socket.socket() as client:
        return client.connect_ex((HOST, port)) != 0


def test_a_reload_whose_workers_cannot_begin_leaves_the_old_ones(start_server, tmp_path, eventually):
    file = tmp_path / "angarium.toml"
    file.write_text("")
    server = start_server("--config", str(file))
    workers = server.workers()
    accounts = server.data / "accounts.sqlite3"
    accounts.rename(tmp_path / "aside")
    accounts.mkdir()
    server.tell(signal.SIGHUP)
    assert any("reload failed" in line for line in server.process.stderr)
    eventually(lambda: server.workers() == workers)
    accounts.rmdir()
    (tmp_path / "aside").rename(accounts)
    login(server).logout()


def test_demo_has_a_user_and_sample_mail(tmp_path):
    command = [sys.executable, "-m", "angarium.server", "serve", "--demo", "--data", str(tmp_path / "d"), "--workers", "1"]
    for name in ("imap", "imaps", "lmtp"):
        command += [f"--{name}", f"{HOST}:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        ports = {}
        for line in demo.stdout:
            if line.startswith("demo: user demo, password "):
                password = line.split("password ")[1].split(",")[0]
                break
            if " " in line:
                protocol, address = line.split()
                ports[protocol] = int(address.rpartition(":")[2])
        client = imaplib.IMAP4(HOST, ports["imap"])
        client.login("demo", password)
        assert client.select() == ("OK", [b"6"])
        assert client.search(None, "SUBJECT", "Welcome")[1] == [b"1"]
        assert client.fetch("3", "(BODYSTRUCTURE)")[1][0].count(b'"royal-road.csv"') == 1
        client.logout()
        demo.send_signal(signal.SIGINT)
        assert demo.wait(20) == 0
