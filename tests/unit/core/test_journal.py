import json

from helpers.core.journal import Journal


def test_events_come_back_in_order(tmp_path):
    journal = Journal(tmp_path / "new" / "journal.jsonl")
    journal.append("stage", name="bronze", rows=3)
    journal.append("stage", name="silver", rows=2)
    assert [(e["name"], e["rows"]) for e in journal.events()] == [("bronze", 3), ("silver", 2)]
    assert all(e["at"].endswith("+00:00") for e in journal.events())


def test_a_damaged_or_foreign_line_costs_that_line_only(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.append("first")
    with path.open("ab") as file:
        file.write(b'{"kind": "cut\n\xff\xfe\n[1, 2]\n{"no": "kind"}\n')
    journal.append("last")
    assert [event["kind"] for event in journal.events()] == ["first", "last"]


def test_an_event_cut_off_without_a_newline_costs_not_the_next_one(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"kind": "fir')
    journal = Journal(path)
    journal.append("second")
    journal.append("third")
    assert [event["kind"] for event in journal.events()] == ["second", "third"]
    assert len(path.read_text().splitlines()) == 3


def test_a_missing_journal_is_empty(tmp_path):
    assert list(Journal(tmp_path / "none.jsonl").events()) == []


def test_each_line_is_plain_json(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append("note", text="two\nlines, ünïcode")
    (line,) = journal.path.read_text().splitlines()
    assert json.loads(line)["text"] == "two\nlines, ünïcode"
