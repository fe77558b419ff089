import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from helpers.cli.lab import lab
from helpers.core.settings import ROOT, settings

COMMANDS = typer.Typer()
COMMANDS.command()(lab)


@pytest.fixture
def started(monkeypatch):
    words = []
    monkeypatch.setattr(os, "execv", lambda program, given: words.extend(given))
    return words


@pytest.fixture
def work(monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
        # Set here, so that what a pair's Lab puts there goes with the test.
        patch.setenv("GRIDBRIDGE_LEARNER", "me")
        patch.setenv("GRIDBRIDGE_READ_ONLY", "0")
        settings.cache_clear()
        yield tmp_path
    settings.cache_clear()


def test_it_opens_the_start_page_on_the_loopback_with_its_token(work, started):
    done = CliRunner().invoke(COMMANDS, ["--", "--no-browser"])
    assert done.exit_code == 0
    assert f"--ServerApp.root_dir={work}" in started
    assert "--LabApp.default_url=/lab/tree/start.ipynb" in started
    assert "--ServerApp.ip=127.0.0.1" in started
    assert started[-1] == "--no-browser"
    assert not any("token" in word or "password" in word for word in started)
    assert (work / "start.ipynb").is_file()


def test_one_alone_shares_nothing(work, started):
    assert CliRunner().invoke(COMMANDS, []).exit_code == 0
    assert "--YDocExtension.disable_rtc=True" in started
    assert not any("session_manager" in word for word in started)


def test_a_pair_has_copies_of_its_own_and_one_kernel_for_each(work, started):
    done = CliRunner().invoke(COMMANDS, ["--pair", "Ada &Edgar"])
    assert done.exit_code == 0
    assert settings().learner == "Ada & Edgar"
    assert (work / "pairs" / "ada-edgar" / "start.ipynb").is_file()
    assert "--ServerApp.session_manager_class=helpers.desk.one_kernel.OneKernel" in started
    assert not any("disable_rtc" in word for word in started)


@pytest.mark.parametrize(("words", "read_only"), [([], False), (["--read-only"], True)])
def test_the_playground_changes_nothing_where_it_is_told_so(work, started, words, read_only):
    assert CliRunner().invoke(COMMANDS, words).exit_code == 0
    settings.cache_clear()
    assert settings().read_only == read_only
    assert started


def test_what_is_no_pair_starts_nothing(started):
    done = CliRunner().invoke(COMMANDS, ["--pair", "Ada"])
    assert done.exit_code != 0
    assert "no pair of two names" in str(done.exception)
    assert not started


def test_where_work_lies_in_the_project_the_project_is_shown(monkeypatch, started):
    monkeypatch.setattr("helpers.desk.start_page.write_page", lambda: Path(ROOT / "work" / "start.ipynb"))
    assert CliRunner().invoke(COMMANDS, []).exit_code == 0
    assert f"--ServerApp.root_dir={ROOT}" in started
    assert "--LabApp.default_url=/lab/tree/work/start.ipynb" in started
