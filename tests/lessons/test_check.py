"""The check itself, on one small exercise: whatever an answer does, it gets a sentence and the session lives on."""

import time

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from helpers import services
from helpers.adversary.near import keeps_references
from helpers.compare import difference
from helpers.exercises import judge, teaching_session
from helpers.exercises.author import prove
from helpers.exercises.variants import declared, right_answer
from tests.lessons.sample import ORDERS, left_join


def verdict_on(answer, spark, **more):
    return judge(answer, ORDERS, spark, **more)


def alive(spark):
    return verdict_on(left_join, spark).kind == "right"


@pytest.mark.proof
def test_the_exercise_is_proved(spark):
    proof = prove(ORDERS, spark, (1, 2))
    assert proof.problems == ()
    assert proof.mutants > 5
    assert proof.score == 1.0


@pytest.mark.parametrize("wrong", ORDERS.wrong, ids=lambda one: one.name)
def test_from_the_smallest_input_no_row_can_go(spark, wrong):
    verdict = verdict_on(wrong.answer, spark, seconds=60, patience=60)
    assert (verdict.kind, verdict.misconception) == ("different", wrong.name)
    assert verdict.minimal
    assert difference(verdict.yours, verdict.expected, ORDERS.contract.terms()) is not None
    for name, table in verdict.tables.items():
        for row in range(table.num_rows):
            fewer = {**verdict.tables, name: pa.concat_tables([table.slice(0, row), table.slice(row + 1)])}
            if keeps_references(fewer, declared(ORDERS)):
                frames = {each: spark.createDataFrame(rows) for each, rows in fewer.items() if rows.num_rows}
                if len(frames) < len(fewer):
                    frames = {
                        each: spark.createDataFrame(rows.to_pandas(), _ddl(rows)) for each, rows in fewer.items()
                    }
                left = wrong.answer(**frames).toArrow()
                assert difference(left, right_answer(ORDERS, spark, fewer), ORDERS.contract.terms()) is None


def _ddl(rows):
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(rows.schema)


def test_an_answer_in_sql_is_judged_alike(spark):
    assert verdict_on(ORDERS.oracle, spark).kind == "right"
    lost = "-- so\nWITH w AS (SELECT * FROM work_orders) SELECT site_id, count(*) AS orders FROM w GROUP BY 1"
    assert verdict_on(lost, spark).kind == "different"
    assert verdict_on("SELECT nothing FROM nowhere", spark).kind == "error"
    assert verdict_on("  ", spark).kind == "not attempted"


def test_views_of_the_learner_are_not_touched(spark):
    spark.range(3).createOrReplaceTempView("sites")
    try:
        assert verdict_on(ORDERS.oracle, spark).kind == "right"
        assert spark.table("sites").columns == ["id"]
    finally:
        spark.catalog.dropTempView("sites")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.sql.session.timeZone", "America/Denver"),
        ("spark.sql.ansi.enabled", "false"),
        ("spark.my.own", "1"),
    ],
)
def test_an_answer_that_changes_a_setting_is_told_so_and_the_setting_is_back(spark, name, value):
    def urgent_orders(sites, work_orders):
        spark.conf.set(name, value)
        return left_join(sites, work_orders)

    before = dict(spark.conf.getAll)
    verdict = judge(urgent_orders, ORDERS, spark)
    assert verdict.kind == "error"
    assert f"changes a setting of the session ({name})" in verdict.sentence
    assert dict(spark.conf.getAll) == before


def test_what_delta_writes_into_a_session_by_itself_is_no_answers_doing(spark):
    def urgent_orders(sites, work_orders):
        spark.conf.set("spark.sql.parquet.fieldId.read.enabled", "true")
        spark.conf.set("spark.databricks.delta.lastCommitVersionInSession", "7")
        return left_join(sites, work_orders)

    assert judge(urgent_orders, ORDERS, spark).kind == "right"


def test_settings_of_the_learners_own_change_no_verdict_and_stay(spark):
    def urgent_orders(sites, work_orders):
        return left_join(sites, work_orders).withColumn("orders", F.expr("orders + CAST('x' AS INT)"))

    spark.conf.set("spark.sql.ansi.enabled", "false")
    try:
        verdict = judge(urgent_orders, ORDERS, spark)
        assert (verdict.kind, spark.conf.get("spark.sql.ansi.enabled")) == ("error", "false")
        assert judge(left_join, ORDERS, spark).kind == "right"
    finally:
        spark.conf.set("spark.sql.ansi.enabled", "true")


def test_braces_in_sql_are_text(spark):
    sql = ORDERS.oracle.replace("GROUP BY", "WHERE s.site_id <> '{0}' GROUP BY")
    assert verdict_on(sql, spark).kind == "right"


def test_right_but_odd_answers_are_right(spark):
    def other_order_and_width(sites, work_orders):
        return left_join(sites, work_orders).select(F.col("orders").cast("int"), "site_id").orderBy(F.desc("site_id"))

    def printing_and_caching(work_orders, sites):
        print("here", sites.count())
        sites.cache()
        return left_join(sites, work_orders)

    assert verdict_on(other_order_and_width, spark).kind == "right"
    verdict = verdict_on(printing_and_caching, spark)
    assert (verdict.kind, verdict.printed) == ("right", "here 14\n")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (lambda sites: None, "returns nothing"),
        (lambda sites: sites.collect(), "list"),
        (lambda sites: sites.toPandas(), "pandas"),
        (lambda sites: F.col("site_id"), "Column"),
        (lambda sites: sites.groupBy("site_id"), "groups"),
        (lambda sites: sites.count(), "number"),
        (lambda sites: {1: 2}, "dict"),
        (lambda sites: sites.first(), "Row"),
    ],
)
def test_what_is_no_dataframe_gets_a_sentence(spark, result, words):
    def answer(sites, work_orders):
        return result(sites)

    verdict = verdict_on(answer, spark)
    assert verdict.kind == "error"
    assert words in verdict.sentence
    assert alive(spark)


def test_an_answer_that_raises_is_told_with_its_line(spark):
    def answer(sites, work_orders):
        return sites.count() / 0

    verdict = verdict_on(answer, spark)
    assert (verdict.kind, verdict.sentence) == ("error", "ZeroDivisionError: division by zero")
    assert verdict.error_line == "line 2: return sites.count() / 0"


def test_an_error_of_spark_is_told_with_its_class_and_line(spark):
    def answer(sites, work_orders):
        return sites.select("site_ix")

    verdict = verdict_on(answer, spark)
    assert verdict.kind == "error"
    assert "UNRESOLVED_COLUMN" in verdict.sentence
    assert verdict.error_line == 'line 2: return sites.select("site_ix")'


def test_an_error_on_made_data_only_is_shown_on_few_rows(spark):
    def answer(sites, work_orders):
        marked = work_orders.withColumn("bad", F.when(F.length("title") == 0, F.raise_error(F.lit("empty"))))
        return left_join(sites, marked.where("bad IS NULL"))

    verdict = verdict_on(answer, spark, seconds=60, patience=60)
    assert verdict.kind == "error"
    assert verdict.family != "usual"
    assert verdict.tables["work_orders"].num_rows == 1


def test_a_column_that_was_made_before_any_session_does_not_cost_the_line(spark, monkeypatch):
    # What PySpark remembers after such a column.
    monkeypatch.setattr("pyspark.errors.utils._enable_debugging_cache", False)
    teaching_session()

    def answer(sites, work_orders):
        return sites.select("site_ix")

    assert verdict_on(answer, spark).error_line == 'line 2: return sites.select("site_ix")'


def test_a_parameter_that_is_no_table_is_named(spark):
    def answer(sites, workorders):
        return sites

    assert "workorders is no table" in verdict_on(answer, spark).sentence


def test_another_sessions_frame_is_refused(spark):
    other = SparkSession.builder.remote(services.endpoints().connect_url).create()

    def answer(sites, work_orders):
        return other.range(3)

    try:
        assert "another Spark session" in verdict_on(answer, spark).sentence
    finally:
        other.stop()
    assert alive(spark)


def test_an_answer_that_takes_too_long_is_stopped(spark):
    def answer(sites, work_orders):
        time.sleep(60)
        return sites

    begin = time.monotonic()
    verdict = verdict_on(answer, spark, seconds=1)
    assert verdict.kind == "error"
    assert "stopped after 1 s" in verdict.sentence
    assert time.monotonic() - begin < 20
    assert alive(spark)


def test_a_result_of_very_many_rows_is_told_so(spark):
    def answer(sites, work_orders):
        return sites.sparkSession.range(200_000).selectExpr("CAST(id AS STRING) AS site_id", "id AS orders")

    assert "200,000 rows" in verdict_on(answer, spark).sentence


def test_an_unattempted_function_in_any_spelling(spark):
    def dots(sites, work_orders): ...

    def passes(sites, work_orders):
        """Only a text."""

    def returns(sites, work_orders):
        return ...

    def todo(sites, work_orders):
        raise NotImplementedError

    assert {verdict_on(one, spark).kind for one in (dots, passes, returns, todo)} == {"not attempted"}
