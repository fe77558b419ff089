import pyarrow as pa
import pytest

from helpers.core.settings import settings
from helpers.exercises.answers import stored
from tests.unit.exercises.sample import exercise

TABLES = {"sites": pa.table({"site_id": ["a", "b"]})}
ANSWER = pa.table({"site_id": pa.array(["a"], pa.string()), "watts": pa.array([None], pa.decimal128(12, 3))})


def never():
    raise AssertionError("it was stored, and is computed all the same")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDBRIDGE_CACHE", str(tmp_path))
    settings.cache_clear()
    yield tmp_path / "answers"
    monkeypatch.undo()
    settings.cache_clear()


def test_an_answer_is_computed_once_and_comes_back_with_its_types():
    assert stored(exercise(), TABLES, lambda: ANSWER) is ANSWER
    found = stored(exercise(), TABLES, never)
    assert found.equals(ANSWER)
    assert found.schema.equals(ANSWER.schema, check_metadata=True)


@pytest.mark.parametrize(
    ("other", "tables"),
    [
        (exercise(oracle="SELECT site_id FROM sites LIMIT 1"), TABLES),
        (exercise(), {"sites": pa.table({"site_id": ["a", "c"]})}),
        (exercise(), {"sites": pa.table({"site_id": pa.array(["a", "b"], pa.large_string())})}),
    ],
    ids=["another oracle", "another row", "another type"],
)
def test_whatever_it_depends_on_makes_it_another_one(other, tables):
    stored(exercise(), TABLES, lambda: ANSWER)
    assert stored(other, tables, lambda: ANSWER.slice(0, 0)).num_rows == 0


def test_a_damaged_file_is_computed_and_written_anew(folder):
    stored(exercise(), TABLES, lambda: ANSWER)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:40])
    assert stored(exercise(), TABLES, lambda: ANSWER) is ANSWER
    assert stored(exercise(), TABLES, never).equals(ANSWER)
    assert list(folder.iterdir()) == [path]


def test_where_nothing_can_be_written_it_is_computed_each_time(folder):
    folder.write_text("a file in the folder's place")
    assert stored(exercise(), TABLES, lambda: ANSWER) is ANSWER
    assert stored(exercise(), TABLES, lambda: ANSWER) is ANSWER


def test_what_the_computing_raises_is_not_taken_for_a_damaged_file(folder):
    def fails():
        raise OSError("no Spark")

    with pytest.raises(OSError, match="no Spark"):
        stored(exercise(), TABLES, fails)
    assert not folder.exists() or list(folder.iterdir()) == []
