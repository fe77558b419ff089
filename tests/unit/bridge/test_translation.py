import pickle
import subprocess
import sys

import pytest
from sqlglot import exp

from helpers.bridge import Refusal, translate
from helpers.bridge.known import checked

SCHEMA = {"t": {"a": "int", "b": "string"}, "u": {"a": "int", "c": "date"}}


def test_what_a_translation_holds() -> None:
    done = translate("SELECT b FROM t WHERE a > 0.5;", schema=SCHEMA)
    assert done.imports == ("from decimal import Decimal", "from pyspark.sql import functions as F")
    assert done.code == 'result = t.where(F.col("a") > Decimal("0.5")).select("b")\n'
    assert (done.tables, done.notes, done.spark_sql) == (("t",), (), "SELECT b FROM t WHERE a > 0.5")


def test_nothing_is_imported_that_the_code_does_not_use() -> None:
    assert translate("SELECT a FROM t").imports == ()


def test_two_tables_that_offer_a_name_are_told_by_alias() -> None:
    code = translate("SELECT t.a, u.a AS other FROM t JOIN u ON t.a = u.a", schema=SCHEMA).code
    assert 't.alias("t")' in code and 'F.col("u.a").alias("other")' in code


def test_an_ambiguous_column_is_refused() -> None:
    with pytest.raises(Refusal, match="ambiguous"):
        translate("SELECT a FROM t JOIN u ON t.a = u.a", schema=SCHEMA)


def test_names_that_python_keeps_for_itself() -> None:
    done = translate("WITH class AS (SELECT a FROM t) SELECT a FROM class")
    assert "class_ = t.select" in done.code
    assert translate("SELECT a FROM `my-table`").tables == ("my_table",)


def test_a_group_by_alias_without_schema_is_noted() -> None:
    assert any("alias" in note for note in translate("SELECT x AS k, count(*) AS n FROM t GROUP BY k").notes)


def test_a_part_that_no_stage_reads_is_refused() -> None:
    tree = exp.select("a").from_("t")
    checked(tree)
    tree.set("prewhere", exp.PreWhere(this=exp.column("b")))
    with pytest.raises(Refusal, match="SELECT with PREWHERE"):
        checked(tree)


def test_a_refusal_survives_a_process_border() -> None:
    with pytest.raises(Refusal) as caught:
        translate("WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.construct, copy.line, str(copy)) == (caught.value.construct, caught.value.line, str(caught.value))


def test_importing_the_bridge_imports_no_pyspark() -> None:
    text = "import sys, helpers.bridge; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0
