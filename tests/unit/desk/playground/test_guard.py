import pytest
import zstandard
from pyspark.sql.connect.proto import Command, ExecutePlanRequest, Plan

from helpers.core.errors import UserError
from helpers.desk.playground.guard import Guard, reads


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("SELECT 1", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", True),
        ("SHOW TABLES", True),
        ("EXPLAIN SELECT 1", True),
        ("DESCRIBE sites", True),
        ("DESCRIBE DETAIL sites", True),
        ("VALUES (1), (2)", True),
        ("TABLE sites", True),
        ("-- which?\nSHOW TABLES", True),
        ("/* which? */ SHOW TABLES", True),
        ("-- show\nDROP TABLE t", False),
        ("-- which? \\\nSHOW\nDROP TABLE t", False),
        ("/* show */ TRUNCATE TABLE t", False),
        ("TABLE sites; DROP TABLE t", False),
        ("SET spark.sql.ansi.enabled = false", True),
        ("CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1", True),
        ("CREATE VIEW v AS SELECT 1", False),
        ("CREATE TABLE t AS SELECT 1", False),
        ("INSERT INTO t SELECT 1", False),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", False),
        ("DROP TABLE t", False),
        ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", False),
        ("OPTIMIZE t", False),
        ("no SQL at all (", False),
    ],
)
def test_a_query_changes_nothing_and_anything_else_may(text, harmless):
    assert reads(text) == harmless


def command(kind, **values):
    """What PySpark sends for a command of this kind."""
    made = Command()
    part = getattr(made, kind)
    part.SetInParent()
    for name, value in values.items():
        setattr(part, name, value)
    return ExecutePlanRequest(plan=Plan(command=made))


def statement(text, beside=False):
    made = Command()
    given = made.sql_command.input
    (given.with_relations.root if beside else given).sql.query = text
    return ExecutePlanRequest(plan=Plan(command=made))


def packed(request):
    """The same as PySpark sends it where it is large."""
    body = zstandard.ZstdCompressor().compress(request.plan.command.SerializeToString())
    small = Plan()
    small.compressed_operation.data = body
    small.compressed_operation.op_type = Plan.CompressedOperation.OpType.OP_TYPE_COMMAND
    return ExecutePlanRequest(plan=small)


def catalog(kind):
    made = Plan()
    getattr(made.root.catalog, kind).SetInParent()
    return ExecutePlanRequest(plan=made)


def query():
    made = Plan()
    made.root.range.end = 3
    return ExecutePlanRequest(plan=made)


WRITES = [
    command("write_operation", source="delta"),
    command("write_operation_v2", table_name="t"),
    command("write_stream_operation_start"),
    command("merge_into_table_command"),
    command("ml_command"),
    command("execute_external_command"),
    statement("INSERT INTO t SELECT 1"),
    statement("DELETE FROM t", beside=True),
    packed(statement("DROP TABLE t")),
    packed(command("write_operation", source="parquet")),
    catalog("create_table"),
    catalog("drop_table"),
    catalog("truncate_table"),
]
READS = [
    query(),
    command("write_operation", source="noop"),
    command("create_dataframe_view", name="v"),
    command("register_function"),
    statement("SELECT 1"),
    statement("SELECT 1", beside=True),
    packed(statement("SELECT 1")),
    catalog("list_tables"),
    catalog("drop_temp_view"),
]


@pytest.mark.parametrize("request_", WRITES, ids=str)
def test_what_would_write_is_not_sent(read_only, request_):
    with pytest.raises(UserError, match="The desk is read-only: it does not "):
        Guard().on_execute_plan(request_)


@pytest.mark.parametrize("request_", READS, ids=str)
def test_what_only_reads_is_sent_as_it_is(read_only, request_):
    before = request_.SerializeToString()
    assert Guard().on_execute_plan(request_).SerializeToString() == before
