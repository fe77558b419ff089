import pytest

from helpers.core.errors import UserError
from helpers.exercises.words import home, settle


@pytest.fixture(autouse=True)
def work(own_work):
    return own_work


def test_who_says_nothing_comes_from_oracle():
    assert home() == "oracle"


def test_what_is_said_once_is_kept(work):
    assert settle(" SQLServer ") == "sqlserver"
    assert home() == "sqlserver"
    assert [one.read_text() for one in work.rglob("*.txt")] == ["sqlserver\n"]


def test_an_unknown_database_is_answered_with_those_there_are(work):
    with pytest.raises(UserError) as caught:
        settle("db2")
    assert caught.value.cause == "There are no words for 'db2'."
    assert all(f'dialect("{one}")' in caught.value.remedy for one in ("oracle", "sqlserver", "postgresql", "mysql"))
    assert home() == "oracle"


def test_a_damaged_file_is_as_good_as_none(work):
    settle("mysql")
    (work / "progress" / "dialect.txt").write_bytes(b"\xff\xfe nonsense")
    assert home() == "oracle"
