"""What `gridbridge new pipeline` makes, with every combination of sources and sinks."""

import ast
import subprocess
import sys
from itertools import chain, combinations, product

import nbformat
import pytest

from helpers.core.errors import UserError
from helpers.core.settings import ROOT
from helpers.pipeline.draft import SINKS, SOURCES, draft, rendered
from helpers.pipeline.prototype import place, sinks, sources
from helpers.pipeline.prototype.place import LONGEST
from helpers.pipeline.prototype.sample import truth


def some(kinds):
    return list(chain.from_iterable(combinations(kinds, n) for n in range(1, len(kinds) + 1)))


COMBINATIONS = list(product(some(SOURCES), some(SINKS)))


def code(text):
    return [cell for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"]


def test_every_combination_is_formatted_and_free_of_lint(tmp_path):
    for number, (given, wanted) in enumerate(COMBINATIONS):
        draft(f"p{number}", given, wanted, tmp_path / "pipelines")
    assert len(list(tmp_path.glob("pipelines/*/*"))) == 3 * len(COMBINATIONS) == 147
    for command in (("format", "--check"), ("check", "--ignore=D,S,E402,INP")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), str(tmp_path)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("given", "wanted"), COMBINATIONS)
def test_the_notebook_names_what_was_chosen_and_stores_what_the_rows_truth_says(given, wanted):
    parameters, start, _, _, totals, _ = code(rendered("roofs", given, wanted)["pipeline.ipynb"])
    assert parameters.metadata.tags == ["parameters"]
    call = next(node for node in ast.walk(ast.parse(start.source)) if isinstance(node, ast.keyword))
    assert call.arg == "sources"
    for kinds, known, room in ((given, SOURCES, sources), (wanted, SINKS, sinks)):
        for kind, name in known.items():
            assert (f"{room.__name__.rpartition('.')[2]}.{name}()" in start.source) == (kind in kinds)
    (output,) = totals.outputs
    told, shown = truth(given), " ".join(output["data"]["text/plain"].split())
    for kind in wanted:
        name = getattr(sinks, SINKS[kind])().told(place.Place("roofs"))
        assert f"{name} {told['readings']} " in shown
    assert f"UNKNOWN_UNIT {len(given)}" in shown
    assert f"<td>{told['quarantine']}</td>" in output["data"]["text/html"]


def test_layer_and_tests_do_not_depend_on_what_was_chosen():
    """So that it is enough to type-check and run those of one combination."""
    made = [rendered("roofs", *chosen) for chosen in COMBINATIONS]
    assert len({(one["layers.py"], one["test_pipeline.py"]) for one in made}) == 1
    assert len({one["pipeline.ipynb"] for one in made}) == len(COMBINATIONS)


@pytest.mark.proof
def test_the_layer_is_type_correct(tmp_path):
    place = draft("m" * LONGEST, ["kafka"], ["delta"], tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(place / "layers.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "name", ["", "3x", "Meter", "a-b", "a b", "../up", "class", "list", "peak", "ä", "a\n", "m" * (LONGEST + 1)]
)
def test_a_name_that_cannot_be_one_is_refused_and_nothing_made(tmp_path, name):
    with pytest.raises(UserError, match="cannot be a pipeline's name"):
        draft(name, ["kafka"], ["delta"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_source_is_refused_and_nothing_made(tmp_path):
    with pytest.raises(UserError, match="no source 'nats'; there are kafka, s3, postgres"):
        draft("roofs", ["nats"], ["delta"], tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("there", ["folder", "file"])
def test_one_that_is_there_is_never_overwritten(tmp_path, there):
    (tmp_path / "roofs").mkdir() if there == "folder" else (tmp_path / "roofs").write_text("mine")
    with pytest.raises(UserError, match="a pipeline roofs already"):
        draft("roofs", ["kafka"], ["delta"], tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["roofs"]


def test_ctrl_c_leaves_nothing_half_made(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("helpers.pipeline.draft.os.rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        draft("roofs", ["kafka"], ["delta"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_pipeline_is_found_by_looking_and_a_wrong_name_gets_the_near_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "FOLDER", tmp_path)
    with pytest.raises(UserError, match="there is none yet"):
        place.notebook("roofs")
    made = draft("roofs", ["kafka"], ["delta"])
    (tmp_path / ".roofs-cut").mkdir()
    (tmp_path / ".roofs-cut" / "pipeline.ipynb").touch()
    assert place.pipelines() == ["roofs"]
    assert place.notebook("roofs") == made / "pipeline.ipynb"
    with pytest.raises(UserError, match="near it: roofs"):
        place.notebook("rofs")
