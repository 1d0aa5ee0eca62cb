"""What ``config check`` tries: all that a start needs, without one."""

import os

import pytest
from attrs import evolve

from angarium.server.config import Config, ConfigError
from angarium.server.listeners import Address
from angarium.server.rehearsal import rehearse
from angarium.transports.tls_self_signed import write_self_signed


@pytest.fixture
def config(tmp_path):
    return Config(data=tmp_path / "data")


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    first, second = (write_self_signed(tmp_path_factory.mktemp("tls"), ("localhost",)) for _ in range(2))
    return (*first, *second)


def refusal(config):
    with pytest.raises(ConfigError) as caught:
        rehearse(config)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_is_made(config, tmp_path):
    rehearse(config)
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_and_its_key(config, pem):
    rehearse(evolve(config, certificate=pem[0], key=pem[1]))


def test_a_certificate_that_is_not_there(config, tmp_path):
    assert refusal(evolve(config, certificate=tmp_path / "none.pem")).startswith(f"cannot read {tmp_path / 'none.pem'}")


def test_a_certificate_that_is_not_pem(config, tmp_path):
    (tmp_path / "x.pem").write_text("x")
    assert refusal(evolve(config, certificate=tmp_path / "x.pem")).startswith("cannot use certificate")


def test_a_key_of_another_certificate(config, pem):
    assert "key values mismatch" in refusal(evolve(config, certificate=pem[0], key=pem[3]))


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n"])
def test_an_empty_password_of_the_key_is_none(config, pem, tmp_path, content):
    (tmp_path / "password").write_bytes(content)
    rehearse(evolve(config, certificate=pem[0], key=pem[1], key_password_file=tmp_path / "password"))


def test_a_password_file_that_cannot_be_read(config, pem, tmp_path):
    with_password = evolve(config, certificate=pem[0], key=pem[1], key_password_file=tmp_path / "password")
    assert refusal(with_password).endswith("password: No such file or directory")
    (tmp_path / "password").write_bytes(b"\xe9")
    assert refusal(with_password) == f"{tmp_path / 'password'}: not UTF-8"


def test_a_self_signed_certificate_that_was_spoiled(config):
    (config.data / "tls").mkdir(parents=True)
    for name in ("certificate.pem", "key.pem"):
        (config.data / "tls" / name).write_text("x")
    assert refusal(config).startswith("cannot use certificate")


def test_a_data_folder_that_is_a_file(config, tmp_path):
    (tmp_path / "data").write_text("")
    assert "data is no folder; choose another with --data" in refusal(config)
    assert "file is no folder" in refusal(evolve(config, data=_touched(tmp_path / "file") / "data"))


def _touched(path):
    path.touch()
    return path


def test_a_run_folder_that_is_a_file(config):
    config.data.mkdir()
    config.run.touch()
    assert f"{config.run} is no folder" in refusal(config)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_cannot_be_written_to(config):
    config.data.mkdir(0o500)
    assert refusal(config) == f"cannot write to the folder {config.data}; choose another with --data"


def test_a_name_too_long_for_a_folder(config, tmp_path):
    assert "File name too long" in refusal(evolve(config, data=tmp_path / ("x" * 300)))


def test_a_system_user_that_is_not_there(config):
    reason = "there is no user 'no-such-user'" if os.geteuid() == 0 else "only root can become another user"
    assert reason in refusal(evolve(config, user="no-such-user"))


def test_a_unix_socket_needs_a_folder(config, tmp_path):
    rehearse(evolve(config, lmtp=(Address(path=str(tmp_path / "lmtp")),)))
    rehearse(evolve(config, lmtp=(Address(path=str(config.run / "lmtp")),)))
    lost = evolve(config, lmtp=(Address(path=str(tmp_path / "none" / "lmtp")),))
    assert refusal(lost).startswith(f"cannot listen on unix:{tmp_path}/none/lmtp (listen.lmtp): there is no folder")
