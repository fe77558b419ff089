import pyarrow as pa
import pytest

from helpers.adversary.families import families
from helpers.adversary.schema import Table
from helpers.compare.terms import Column
from helpers.core.errors import UserError
from tests.unit.adversary.declared import made
from tests.unit.adversary.world import ASSETS, SITES


def test_an_authors_rows_are_a_family_as_given() -> None:
    row = (7, "Hill", None, 3.5)
    tables = made("SELECT 1 FROM sites JOIN assets USING (site_id)", SITES, ASSETS, sites=[row])["author"].tables
    assert [tuple(found.values()) for found in tables["sites"].to_pylist()] == [row]
    assert {value for value in tables["assets"]["site_id"].to_pylist() if value is not None} <= {7}


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"nowhere": [(1,)]}, "unknown table"),
        ({"sites": [(1, "a")]}, "2 values for 4 columns"),
        ({"sites": [(1, "a", "b", 1.0), (1, "c", "d", 1.0)]}, "break its key"),
        ({"sites": [(None, "a", "b", 1.0)]}, "break its key"),
        ({"assets": [(1, 99, None, "m", None)]}, "break its key"),
        ({"sites": [("x", "a", "b", 1.0)]}, "does not fit"),
    ],
)
def test_an_authors_wrong_rows_are_refused(extra: dict, words: str) -> None:
    with pytest.raises(UserError, match=words):
        families("SELECT 1 FROM sites", (SITES, ASSETS), 1, extra)


def test_arrays_come_from_the_author_only() -> None:
    t = Table("t", (Column("id", "int", False), Column("tags", "array<string>")), key=("id",))
    found = made("SELECT id FROM t", t, t=[(1, ["a", None]), (2, None)])
    assert found["author"].tables["t"]["tags"].to_pylist() == [["a", None], None]
    assert found["usual"].tables["t"].schema.field("tags").type == pa.list_(pa.string())
