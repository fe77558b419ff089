import io

import pytest
from rich.console import Console
from typer.testing import CliRunner

from helpers import services
from helpers.cli.main import commands
from helpers.cli.pipeline import _Bars
from helpers.core.errors import UserError
from helpers.core.journal import Journal

STAGES = ("prepare", "replay", "bronze")


def test_each_stage_has_a_bar_with_its_count_and_its_seconds(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with _Bars(journal.path, console):
        journal.append("stage", stage="prepare", state="started")
        journal.append("stage", stage="prepare", state="done", seconds=4.25)
        journal.append("stage", stage="replay", state="started")
        journal.append("progress", stage="replay", done=1200, total=2400, unit="messages")
        journal.append("stage", stage="bronze", state="started")
        journal.append("stage", stage="bronze", state="failed")
    last = {name: [line for line in console.file.getvalue().splitlines() if name in line][-1] for name in STAGES}
    assert "4.2 s" in last["prepare"]
    assert "1,200 of 2,400 messages" in last["replay"]
    assert "failed" in last["bronze"]


def test_read_only_refuses_a_run_before_anything_starts(own_work, read_only, monkeypatch):
    monkeypatch.setattr(services, "ensure", lambda *names: pytest.fail("a service was started"))
    with pytest.raises(UserError, match="read-only: it does not run the pipeline"):
        raise CliRunner().invoke(commands, ["pipeline", "run", "--recordings", "small"]).exception
    assert list(own_work.iterdir()) == []
