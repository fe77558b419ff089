import io

from rich.console import Console

from helpers.cli.pipeline import _Bars
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
