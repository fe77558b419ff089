from typer.testing import CliRunner

from helpers.cli import main
from helpers.cli.main import commands
from helpers.pipeline.prototype import place


def test_new_makes_a_folder_and_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "FOLDER", tmp_path)
    done = CliRunner().invoke(commands, ["new", "pipeline", "roofs", "--source", "s3", "--sink", "kafka"])
    assert done.exit_code == 0
    assert sorted(one.name for one in (tmp_path / "roofs").iterdir()) == [
        "layers.py",
        "pipeline.ipynb",
        "test_pipeline.py",
    ]
    assert "sources.S3()" in (tmp_path / "roofs" / "pipeline.ipynb").read_text()
    assert ".venv/bin/gridbridge job roofs --once" in done.stdout


def test_a_name_that_is_none_is_one_sentence_and_exit_code_2(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(place, "FOLDER", tmp_path)
    monkeypatch.setattr("sys.argv", ["gridbridge", "new", "pipeline", "Roofs!"])
    try:
        main.app()
    except SystemExit as ended:
        assert ended.code == 2
    assert capsys.readouterr().err.startswith("'Roofs!' cannot be a pipeline's name")
    assert not list(tmp_path.iterdir())


def test_help_has_examples():
    assert "Examples:" in CliRunner().invoke(commands, ["new", "pipeline", "--help"]).stdout
