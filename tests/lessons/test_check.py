"""The check itself, on one small exercise: whatever an answer does, it gets a sentence and the session lives on."""

import re
import signal
import sys
import time
from dataclasses import replace

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from helpers import services
from helpers.compare import difference
from helpers.core.errors import ExerciseBroken
from helpers.desk.show import verdict_card
from helpers.exercises import Column, Contract, Wrong, author, judge, teaching_session, usual
from helpers.exercises.attempt import Attempt
from helpers.exercises.author import can_shrink, prove
from helpers.exercises.variants import inputs, variants
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


@pytest.mark.proof
def test_a_proof_names_all_that_is_wrong_with_an_exercise(spark):
    inner = ORDERS.wrong[0]
    spoilt = replace(
        ORDERS,
        solutions=(left_join, inner.answer),
        wrong=(
            *ORDERS.wrong,
            Wrong("no mistake at all", left_join, "It is right."),
            Wrong("an inner join again", inner.answer, "Other words than the first one's."),
        ),
        equivalent={
            "w.work_order_id became w.site_id": ORDERS.equivalent["w.work_order_id became w.site_id"],
            "LEFT JOIN became JOIN": "Surely it is the same.",
        },
    )
    proof = prove(spoilt, spark, (1,))
    solution, right, words, alive, listed = proof.problems
    assert solution.startswith(f"The solution {inner.answer.__name__} is different with seed 1 on ")
    assert solution.endswith(inner.words)
    assert right == "The wrong answer 'no mistake at all' counts as right."
    assert words == (
        f"The wrong answer 'an inner join again' does not get its words, like 'an inner join': {inner.words}"
    )
    assert alive == (
        "A mutant lives: COUNT(w.work_order_id) became COUNT(DISTINCT w.work_order_id) "
        "(in SELECT: COUNT(w.work_order_id))."
    )
    assert listed == "Listed as equivalent, but no such mutant lives: LEFT JOIN became JOIN."
    assert proof.score < 1.0


@pytest.mark.proof
def test_data_that_cannot_tell_leaves_mutants_alive(spark, monkeypatch):
    monkeypatch.setattr(author, "variants", lambda *which: variants(*which)[-1:])
    proof = prove(ORDERS, spark, (1,))
    # On empty tables only a slip that makes rows of nothing could be seen.
    assert any(one.startswith("A mutant lives: LEFT JOIN became JOIN") for one in proof.problems)
    assert proof.score < 0.5


def test_a_wrong_verdict_tells_the_seed_and_that_seed_makes_its_data(spark):
    given, known = set(), _rows(usual()["work_orders"])

    def answer(sites, work_orders):
        given.add(rows := _rows(work_orders.toArrow()))
        return (left_join if rows == known else ORDERS.wrong[0].answer)(sites, work_orders)

    verdict = verdict_on(answer, spark, seed=5, patience=0)
    assert (verdict.kind, verdict.seed) == ("different", 5)
    assert given == {_rows(tables["work_orders"]) for tables in inputs(ORDERS, 5).values()}
    assert given != {_rows(tables["work_orders"]) for tables in inputs(ORDERS, 6).values()}
    assert "check(urgent_orders, seed=5)" in str(verdict_card(verdict))


SITE, COUNT = Column("site_id", "string", False), Column("orders", "bigint", False)
AT_AN_EMPTY_TITLE = "count_if(CASE WHEN w.title = '' THEN raise_error('no title') ELSE true END)"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"oracle": "SELECT site_ix, 1L AS orders FROM sites"}, "fails: [UNRESOLVED_COLUMN"),
        ({"oracle": "SELECT site_id, nobody_knows(name) AS orders FROM sites"}, "fails: [UNRESOLVED_ROUTINE"),
        # Right on the usual data.
        ({"oracle": ORDERS.oracle.replace("COUNT(w.work_order_id)", AT_AN_EMPTY_TITLE)}, "fails: [USER_RAISED"),
        ({"contract": Contract("a site", (SITE, Column("n", "bigint")))}, "contradicts its contract"),
        ({"contract": Contract("a site", (SITE, Column("orders", "string")))}, "contradicts its contract"),
        ({"contract": Contract("a site", (SITE, COUNT), key=("orders",))}, "contradicts its contract"),
        ({"contract": Contract("a site", (SITE, COUNT), order=("orders",))}, "contradicts its contract"),
        (
            {"oracle": ORDERS.oracle.replace("COUNT(w.work_order_id)", "SUM(CAST(w.priority AS BIGINT))")},
            "contradicts its contract",
        ),
    ],
    ids=["column", "function", "made data", "name", "type", "key", "order", "NULL"],
)
@pytest.mark.parametrize("answer", [left_join, ORDERS.wrong[0].answer], ids=["right", "wrong"])
def test_an_exercise_that_is_at_fault_is_the_engines_error_and_no_verdict(spark, answer, change, told):
    with pytest.raises(ExerciseBroken, match=re.escape(f"The oracle of test.urgent_orders {told}")):
        judge(answer, replace(ORDERS, **change), spark, patience=0)
    assert alive(spark)


def _rows(table):
    return tuple(sorted(map(repr, table.to_pylist())))


@pytest.mark.parametrize("wrong", ORDERS.wrong, ids=lambda one: one.name)
def test_from_the_smallest_input_no_row_can_go(spark, wrong):
    verdict = verdict_on(wrong.answer, spark, seconds=60, patience=60)
    assert (verdict.kind, verdict.misconception) == ("different", wrong.name)
    assert verdict.minimal
    assert difference(verdict.yours, verdict.expected, ORDERS.contract.terms()) is not None
    assert not can_shrink(Attempt(wrong.answer, ORDERS, spark), verdict)


def test_an_input_from_which_a_row_can_go_is_told(spark):
    wrong = ORDERS.wrong[0]
    verdict = verdict_on(wrong.answer, spark, seconds=60, patience=60)
    larger = {name: pa.concat_tables([table, table]) for name, table in verdict.tables.items()}
    assert can_shrink(Attempt(wrong.answer, ORDERS, spark), replace(verdict, tables=larger))


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


COUNTED = (
    "SELECT s.site_id, count(w.work_order_id) AS orders FROM checked_sites AS s "
    "{} JOIN checked_orders AS w ON w.site_id = s.site_id AND w.priority = 1 GROUP BY s.site_id"
)


@pytest.fixture
def named(spark):
    """Called by an answer: its tables get names in the session, as SQL people give them."""

    def name(sites, work_orders):
        sites.createOrReplaceTempView("checked_sites")
        work_orders.createOrReplaceTempView("checked_orders")

    yield name
    for view in ("checked_sites", "checked_orders"):
        spark.catalog.dropTempView(view)


@pytest.mark.parametrize(("join", "kind"), [("LEFT", "right"), ("INNER", "different")])
def test_an_answer_by_views_of_its_own_is_judged_like_any_other(spark, named, join, kind):
    def answer(sites, work_orders):
        named(sites, work_orders)
        return spark.sql(COUNTED.format(join))

    assert verdict_on(answer, spark, patience=0).kind == kind
    assert alive(spark)


def test_an_answer_that_drops_its_views_when_it_has_its_rows_is_right(spark, named):
    def answer(sites, work_orders):
        named(sites, work_orders)
        rows = spark.sql(COUNTED.format("LEFT")).toArrow()
        spark.catalog.dropTempView("checked_sites")
        return spark.createDataFrame(rows, "site_id STRING, orders BIGINT")

    assert verdict_on(answer, spark).kind == "right"
    assert alive(spark)


def test_an_answer_that_drops_a_view_before_it_is_read_is_told_so(spark, named):
    def answer(sites, work_orders):
        named(sites, work_orders)
        result = spark.sql(COUNTED.format("LEFT"))
        spark.catalog.dropTempView("checked_sites")
        return result

    verdict = verdict_on(answer, spark)
    assert verdict.kind == "error"
    assert "checked_sites" in verdict.sentence
    assert alive(spark)


def test_an_answer_that_replaces_the_tables_views_spoils_no_later_verdict(spark):
    def answer(sites, work_orders):
        sites.limit(1).createOrReplaceTempView("sites")
        work_orders.where("false").createOrReplaceTempView("work_orders")
        return left_join(sites, work_orders)

    try:
        assert verdict_on(answer, spark).kind == "right"
        assert verdict_on(ORDERS.oracle, spark).kind == "right"
        assert alive(spark)
    finally:
        for view in ("sites", "work_orders"):
            spark.catalog.dropTempView(view)


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
    assert alive(spark)


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
    assert alive(spark)


def test_an_error_of_spark_is_told_with_its_class_and_line(spark):
    def answer(sites, work_orders):
        return sites.select("site_ix")

    verdict = verdict_on(answer, spark)
    assert verdict.kind == "error"
    assert "UNRESOLVED_COLUMN" in verdict.sentence
    assert verdict.error_line == 'line 2: return sites.select("site_ix")'


def _picked(frame):
    return frame.select("site_ix")


def test_an_error_in_a_helper_is_told_with_the_line_of_the_helper(spark):
    def answer(sites, work_orders):
        return _picked(sites)

    assert verdict_on(answer, spark).error_line == 'outside of answer: return frame.select("site_ix")'


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


def _stops_the_session(sites, work_orders):
    sites.sparkSession.stop()
    return left_join(sites, work_orders)


def _exits(sites, work_orders):
    sys.exit()


def _raises_what_ctrl_c_raises(sites, work_orders):
    raise KeyboardInterrupt


def _asks_for_an_rdd(sites, work_orders):
    return sites.rdd.map(len)


class _Abstract:
    def frame(self):
        raise NotImplementedError


def _calls_what_nobody_wrote(sites, work_orders):
    return _Abstract().frame()


def _gives_up_in_words(sites, work_orders):
    raise NotImplementedError("I did try")


@pytest.mark.parametrize(
    ("answer", "words", "line"),
    [
        (_stops_the_session, "an answer must not stop it", "line 2: sites.sparkSession.stop()"),
        (_exits, "ends the whole program", "line 2: sys.exit()"),
        (_raises_what_ctrl_c_raises, "KeyboardInterrupt", "line 2: raise KeyboardInterrupt"),
        (_asks_for_an_rdd, "there are no RDDs", "line 2: return sites.rdd.map(len)"),
        (_calls_what_nobody_wrote, "NotImplementedError", "line 2: return _Abstract().frame()"),
        (_gives_up_in_words, "I did try", 'line 2: raise NotImplementedError("I did try")'),
    ],
)
def test_whatever_ends_an_answer_is_told_and_the_session_lives_on(spark, answer, words, line):
    verdict = verdict_on(answer, spark)
    assert verdict.kind == "error"
    assert words in verdict.sentence
    assert verdict.error_line == line
    assert alive(spark)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (lambda sites: sites.selectExpr("site_id", "INTERVAL 1 YEAR AS orders"), "an interval that may hold months"),
        (
            lambda sites: sites.selectExpr("site_id", "make_interval(1, 2) AS orders"),
            "an interval that may hold months",
        ),
        (lambda sites: sites.selectExpr("site_id", "TIME'10:00:00' AS orders"), "a time of day"),
        (lambda sites: sites.sparkSession.readStream.format("rate").load(), "is a stream"),
    ],
)
def test_a_result_that_cannot_leave_spark_is_told_in_plain_words(spark, result, words):
    verdict = verdict_on(lambda sites, work_orders: result(sites), spark)
    assert verdict.kind == "error"
    assert words in verdict.sentence
    assert "Arrow" not in verdict.sentence.partition(" [")[0]


def test_ctrl_c_while_an_answer_runs_ends_the_check(spark):
    def answer(sites, work_orders):
        signal.raise_signal(signal.SIGINT)
        return sites

    with pytest.raises(KeyboardInterrupt):
        verdict_on(answer, spark)
    assert alive(spark)


def test_an_answer_that_tries_for_ever_is_stopped(spark):
    def answer(sites, work_orders):
        while True:
            try:
                time.sleep(60)
            except:  # noqa: E722
                pass

    begin = time.monotonic()
    assert "stopped after 1 s" in verdict_on(answer, spark, seconds=1).sentence
    assert time.monotonic() - begin < 20
    assert alive(spark)


def test_a_result_of_very_many_rows_is_told_so(spark):
    def answer(sites, work_orders):
        return sites.sparkSession.range(200_000).selectExpr("CAST(id AS STRING) AS site_id", "id AS orders")

    assert "200,000 rows" in verdict_on(answer, spark).sentence
    assert alive(spark)


def test_an_unattempted_function_in_any_spelling(spark):
    def dots(sites, work_orders): ...

    def passes(sites, work_orders):
        """Only a text."""

    def returns(sites, work_orders):
        return ...

    def todo(sites, work_orders):
        raise NotImplementedError

    assert {verdict_on(one, spark).kind for one in (dots, passes, returns, todo)} == {"not attempted"}
