"""What a user says of a file is taken or refused, never ignored; on Spark in tests/services/test_own_data.py."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.core.errors import UserError
from helpers.desk.playground.own import own_data


@pytest.mark.parametrize(
    "options",
    [
        {"types": {"n": "string"}},
        {"nulls": ["N/A"]},
        {"decimal": ","},
        {"day_first": False},
        {"header": False},
        {"skip": 1},
        {"delimiter": ";"},
        {"encoding": "cp1252"},
        {"sheet": "One"},
        {"bad_lines": "skip"},
    ],
    ids=str,
)
def test_a_parquet_file_and_a_table_have_types_of_their_own(own_work, tmp_path, options):
    pq.write_table(pa.table({"n": [1]}), tmp_path / "mine.parquet")
    for source in (tmp_path / "mine.parquet", "peak.sites"):
        with pytest.raises(UserError, match=f"types of its own: it takes no {next(iter(options))}="):
            own_data(source, **options)


def test_a_file_of_text_has_no_sheets(own_work, tmp_path):
    (tmp_path / "mine.csv").write_text("a\n1\n")
    with pytest.raises(UserError, match=r"mine\.csv has no sheets: it takes no sheet="):
        own_data(tmp_path / "mine.csv", sheet="One")
