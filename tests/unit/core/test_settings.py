import os

import pytest

from helpers.core.errors import GridbridgeError, UserError
from helpers.core.settings import ROOT, Settings, keep_loopback_off_proxies, settings


@pytest.fixture(autouse=True)
def _fresh_settings():
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_environment_wins_over_the_default_and_an_argument_over_both(monkeypatch):
    monkeypatch.setenv("KAFKA_PORT", "9190")
    assert settings().kafka_port == 9190
    assert Settings(KAFKA_PORT=9191).kafka_port == 9191


def test_the_file_wins_over_the_default_and_loses_to_the_environment(monkeypatch, tmp_path):
    file = tmp_path / "gridbridge.toml"
    file.write_text("KAFKA_PORT = 9290\nS3_PORT = 4590\n")
    monkeypatch.setitem(Settings.model_config, "toml_file", file)
    monkeypatch.delenv("KAFKA_PORT", raising=False)
    monkeypatch.setenv("S3_PORT", "4591")
    assert settings().kafka_port == 9290
    assert settings().s3_port == 4591


@pytest.mark.parametrize("value", ["many", "80", "70000"])
def test_a_wrong_value_is_one_sentence_that_names_the_setting(monkeypatch, value):
    monkeypatch.setenv("KAFKA_PORT", value)
    with pytest.raises(UserError) as caught:
        settings()
    assert "KAFKA_PORT" in caught.value.cause
    assert value in caught.value.cause
    assert "gridbridge.toml" in caught.value.remedy


def test_an_empty_variable_means_unset(monkeypatch):
    monkeypatch.setenv("KAFKA_PORT", "")
    monkeypatch.setenv("SPARK_MASTER", "")
    monkeypatch.setenv("GRIDBRIDGE_WORK", "")
    assert settings().kafka_port == 9092
    assert settings().spark_master is None
    assert settings().work == ROOT / "work"


def test_a_password_does_not_show_in_messages(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:enigma@db/peak")
    assert "enigma" not in repr(settings())


def test_every_error_carries_its_cause_and_remedy():
    error = GridbridgeError("The disk is full.", "make clean")
    assert str(error) == "The disk is full.\nmake clean"
    assert UserError("No such lesson.").exit_code == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "127.0.0.1,localhost"),
        ("intranet,localhost", "intranet,localhost,127.0.0.1"),
        ("127.0.0.1,localhost", "127.0.0.1,localhost"),
        ("*", "*"),
    ],
)
def test_this_machine_is_reached_by_no_proxy_and_what_was_excepted_still_is(monkeypatch, before, after):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, before)
    keep_loopback_off_proxies()
    assert [os.environ[name] for name in ("NO_PROXY", "no_proxy")] == [after, after]
