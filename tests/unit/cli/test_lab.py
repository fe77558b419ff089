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


def test_it_opens_the_start_page_on_the_loopback_with_its_token(monkeypatch, tmp_path, started):
    monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
    settings.cache_clear()
    done = CliRunner().invoke(COMMANDS, ["--", "--no-browser"])
    settings.cache_clear()
    assert done.exit_code == 0
    assert f"--ServerApp.root_dir={tmp_path}" in started
    assert "--LabApp.default_url=/lab/tree/start.ipynb" in started
    assert "--ServerApp.ip=127.0.0.1" in started
    assert started[-1] == "--no-browser"
    assert not any("token" in word or "password" in word for word in started)
    assert (tmp_path / "start.ipynb").is_file()


def test_where_work_lies_in_the_project_the_project_is_shown(monkeypatch, started):
    monkeypatch.setattr("helpers.desk.start_page.write_page", lambda: Path(ROOT / "work" / "start.ipynb"))
    assert CliRunner().invoke(COMMANDS, []).exit_code == 0
    assert f"--ServerApp.root_dir={ROOT}" in started
    assert "--LabApp.default_url=/lab/tree/work/start.ipynb" in started
