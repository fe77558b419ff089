import json

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from helpers import bridge, spark
from helpers.bridge import Verification
from helpers.cli.main import commands

CODE = 'from pyspark.sql import functions as F\n\nresult = t.where(F.col("b") > 5).select("a")\n'


def run(*arguments: str, text: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(commands, ["translate", *arguments], input=text)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch):
    """What the verification finds, one after the other, without Spark."""
    found: list[Verification] = []
    monkeypatch.setattr(spark, "session", lambda profile: "session")
    monkeypatch.setattr(bridge, "verify", lambda translation, session, tables, origin: found.pop(0), raising=False)
    return found


def test_a_query_from_standard_input_becomes_code() -> None:
    assert run("-", text="SELECT a FROM t WHERE b > 5;") == (0, CODE, "")


def test_a_dialects_query_comes_with_its_notes(tmp_path) -> None:
    path = tmp_path / "q.sql"
    path.write_text("SELECT TOP 3 a FROM t ORDER BY a")
    code, out, _ = run(str(path), "--dialect", "tsql", "--json")
    (told,) = json.loads(out)
    assert (code, told["file"], told["dialect"], told["tables"]) == (0, str(path), "tsql", ["t"])
    assert told["notes"] and "verdict" not in told


def test_a_refusal_is_one_sentence_and_exit_code_1(tmp_path) -> None:
    good, bad = tmp_path / "good.sql", tmp_path / "bad.sql"
    good.write_text("SELECT a FROM t WHERE b > 5")
    bad.write_text("SELECT (")
    code, out, err = run(str(bad), str(good))
    assert code == 1
    assert out == f"# {bad}\n# {good}\n{CODE}"
    assert err.startswith("The text (line 1, column 8) is not translated") and err.count("\n") == 1
    assert json.loads(run(str(bad), "--json")[1])[0]["refused"] == err.strip()


def test_a_file_that_is_not_there_is_named() -> None:
    done = CliRunner().invoke(commands, ["translate", "nowhere.sql"])
    assert str(done.exception.cause) == "nowhere.sql cannot be read: No such file or directory."


def test_a_verdict_follows_the_code(verdicts) -> None:
    verdicts.append(Verification("proved", "So it is.", ("t has the column a int.",)))
    code, out, _ = run("-", "--verify", text="SELECT a FROM t WHERE b > 5")
    assert (code, out) == (0, f"{CODE}# assumed: t has the column a int.\n# proved: So it is.\n")


def test_a_difference_is_shown_and_exit_code_1(verdicts) -> None:
    rows, none = pa.table({"a": [5]}), pa.table({"a": pa.array([], pa.int64())})
    verdicts += [Verification("different", "A row is missing.", (), {"t": rows}, none, rows)] * 2
    code, out, _ = run("-", "--verify", text="SELECT a FROM t")
    assert code == 1
    places = [out.index(part) for part in ("# different: A row", "# t:", "# the code gives:", "# the query gives:")]
    assert places == sorted(places)
    code, out, _ = run("-", "--verify", "--json", text="SELECT a FROM t")
    assert code == 1 and json.loads(out)[0]["inputs"] == {"t": [{"a": 5}]}


def test_code_that_is_not_verified_for_want_of_rows_is_no_success(verdicts) -> None:
    verdicts.append(Verification("undecided", "No rows."))
    assert run("-", "--verify", text="SELECT a FROM t")[0] == 1


def test_the_statements_of_a_file_are_told_one_by_one(tmp_path) -> None:
    path = tmp_path / "s.sql"
    path.write_text("DELETE FROM t WHERE a = 1;\n\nDROP TABLE t;\nSELECT a FROM t WHERE b > 5;\n")
    code, out, err = run(str(path))
    titles = [f"# {path}, statement {at}" for at in (1, 2, 3)]
    assert code == 1 and [line for line in out.splitlines() if line in titles] == titles
    assert out.endswith(CODE) and err.startswith("DROP (line 3, column ")
    told = json.loads(run(str(path), "--json")[1])
    assert [one.get("writes") for one in told] == ["t", None, None]


def test_a_key_lets_an_upsert_through() -> None:
    text = "INSERT IGNORE INTO t (a, b) VALUES (1, 2)"
    assert run("-", "--dialect", "mysql", text=text)[0] == 1
    code, out, _ = run("-", "--dialect", "mysql", "--key", "t=a", text=text)
    assert code == 0 and 'F.col("t.a") == F.col("new_rows.a")' in out


def test_a_key_that_tells_nothing_is_refused() -> None:
    done = CliRunner().invoke(commands, ["translate", "-", "--key", "t"], input="SELECT 1")
    assert str(done.exception.cause) == "--key t tells no key."


def test_a_file_of_the_tables_settles_what_names_leave_open(tmp_path) -> None:
    ddl = tmp_path / "tables.sql"
    ddl.write_text("CREATE TABLE t (a NUMBER(5), b DATE); CREATE TABLE s (a NUMBER(5), c DATE);")
    text = "SELECT * FROM t NATURAL JOIN s"
    assert "give the schema" in run("-", "--dialect", "oracle", text=text)[2]
    code, out, _ = run("-", "--dialect", "oracle", "--schema", str(ddl), text=text)
    assert code == 0 and 't.join(s, "a")' in out


def test_a_file_that_declares_no_table_is_named(tmp_path) -> None:
    ddl = tmp_path / "tables.sql"
    ddl.write_text("SELECT 1")
    done = CliRunner().invoke(commands, ["translate", "-", "--schema", str(ddl)], input="SELECT 1")
    assert str(done.exception.cause).startswith(f"{ddl}: The schema is not translated: it has no CREATE TABLE")
