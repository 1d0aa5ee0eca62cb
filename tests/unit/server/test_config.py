"""The configuration: read, checked, overridden, shown, and the reference page that is made of it."""

from pathlib import Path

import pytest
from attrs import fields

from angarium.server.config import Config, ConfigError, load, unknown_variables
from angarium.server.config_settings import SETTINGS
from angarium.server.config_text import main, markdown, show
from angarium.server.listeners import Address


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "a.toml"
        path.write_text(text)
        return path

    return write


def test_defaults_without_a_file():
    config = load(None, {})
    assert config == Config()
    assert config.source is None
    assert config.run == Path("/var/lib/angarium/run")


def test_every_setting_has_a_field_and_every_field_a_setting():
    assert {setting.field for setting in SETTINGS} == {each.name for each in fields(Config)} - {"source", "origins"}
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)


def test_a_file_is_read(write):
    path = write(
        'data = "/srv/mail"\n[listen]\nimap = ["*:143", "[::1]:1143"]\nlmtp = "unix:/run/l"\n[server]\nworkers = 3\n'
        '[lmtp]\nmessage_octets = "5 MB"\ndomains = ["a.example"]\n[log]\nformat = "json"\n'
    )
    config = load(path, {})
    assert config.data == Path("/srv/mail")
    assert config.imap == (Address("*", 143), Address("::1", 1143))
    assert config.lmtp == (Address(path="/run/l"),)
    assert (config.workers, config.message_octets, config.domains, config.log_format) == (3, 5 * 1024**2, ("a.example",), "json")
    assert config.origins["server.workers"] == f"{path}:6"


def test_variables_come_before_the_file_and_options_before_both(write):
    path = write("[server]\nworkers = 1\nthreads = 1\ngrace_seconds = 1\n")
    environ = {"ANGARIUM_SERVER_WORKERS": "2", "ANGARIUM_SERVER_THREADS": "2", "HOME": "/", "ANGARIUM_CONFIG": str(path)}
    config = load(None, environ, {"server.workers": "4", "listen.imap": "127.0.0.1:0,[::1]:0"})
    assert (config.workers, config.threads, config.grace_seconds) == (4, 2, 1)
    assert config.imap == (Address("127.0.0.1", 0), Address("::1", 0))
    assert config.origins["server.threads"] == "ANGARIUM_SERVER_THREADS"


def test_usual_listeners_where_none_is_named():
    assert [str(each) for each in load(None, {}).listening().imap] == ["*:143"]
    named = load(None, {}, {"listen.lmtp": "127.0.0.1:24"}).listening()
    assert (named.imap, named.imaps) == ((), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[listen]\nimpa = 'x'\n", ":2: unknown key 'listen.impa'; did you mean 'listen.imap'?"),
        ("[lisen]\nimap = 'x'\n", ":1: unknown key 'lisen'; did you mean 'listen'?"),
        ("workers = 2\n", ":1: unknown key 'workers'; did you mean 'server.workers'?"),
        ("datta = 'x'\n", ":1: unknown key 'datta'; did you mean 'data'?"),
        ("qqqqqq = 1\n", ":1: unknown key 'qqqqqq'; see docs/reference/configuration.md"),
        ("# comment\n[server]\n\nworkers = -1\n", ":4: server.workers: -1 is not between 0 and 128; expected: number"),
        ("server.workers = 'many'\n", ":1: server.workers: 'many' is not a whole number; expected: number"),
        ("[server]\nworkers = true\n", ":2: server.workers: True is not a whole number; expected: number"),
        ("[listen]\nimap = 143\n", ":2: listen.imap: 143 is not an address or a list of addresses;"),
        ("[listen]\nimap = 'host'\n", ":2: listen.imap: 'host' is not HOST:PORT, [IPV6]:PORT or unix:PATH;"),
        ("[listen]\nimap = 'host:99999'\n", ":2: listen.imap: port 99999 is above 65535;"),
        ("[lmtp]\nmessage_octets = 'big'\n", ":2: lmtp.message_octets: 'big' is not a size"),
        ("[lmtp]\nmessage_octets = true\n", ":2: lmtp.message_octets: True is not a size"),
        ("[lmtp]\ndomains = 5\n", ":2: lmtp.domains: 5 is not a list of names;"),
        ("[log]\nlevel = 'loud'\n", ":2: log.level: 'loud' is not one of debug, info, warning, error;"),
        ("[tls]\ncertificate = 5\n", ":2: tls.certificate: 5 is not a string;"),
        ("[tls]\nkey = 'x'\n", ":2: tls.key needs tls.certificate beside it"),
        ("[server\n", ":1: "),
        ("a = \n", ":1: invalid value"),
        ("a = 1\na = 2\n", ":2: cannot overwrite a value"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(write, text, expected):
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value).startswith(f"{path}{expected}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ANGARIUM_SERVER_WORKER", "ANGARIUM_SERVER_WORKERS"),
        ("ANGARIUM_WORKERS", "ANGARIUM_SERVER_WORKERS"),
        ("ANGARIUM_LISTEN_IMPA", "ANGARIUM_LISTEN_IMAP"),
    ],
)
def test_a_variable_with_a_typo_is_refused(given, meant):
    with pytest.raises(ConfigError, match=f"unknown variable {given}; did you mean {meant}?"):
        load(None, {given: "2"})


def test_a_variable_like_none_of_ours_is_worth_a_word():
    environ = {"ANGARIUM_PORT": "tcp://10.0.0.1:143", "ANGARIUM_CONFIG": "", "ANGARIUM_DATA": "/x", "HOME": "/"}
    load(None, environ)
    (line,) = unknown_variables(environ)
    assert line.startswith("variable ANGARIUM_PORT sets nothing; the nearest that does is ANGARIUM_")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read .*: No such file"):
        load(tmp_path / "none.toml", {})
    (tmp_path / "latin.toml").write_bytes(b"data = '\xe9'\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "latin.toml", {})


def test_what_is_shown_is_read_back_as_it_was(write):
    first = load(None, {}, {"listen.imap": "*:143,[::1]:5", "data": '/a "b"\\c', "lmtp.domains": "a,b", "tls.certificate": "/x"})
    second = load(write(show(first)), {})
    assert [getattr(first, each.field) for each in SETTINGS] == [getattr(second, each.field) for each in SETTINGS]


def test_the_reference_page_is_up_to_date(tmp_path):
    page = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"
    assert page.read_text() == markdown(), "run: python -m angarium.server.config_text"
    assert main(["--check"]) == 0
