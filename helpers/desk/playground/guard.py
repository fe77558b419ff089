"""The playground's Spark session, which refuses to write where the desk is read-only.

The guard is on this kernel's side: it looks at what PySpark is about to send. It keeps from harm by accident, not by
intent: Python functions that run on the server, and a session made by hand, pass it. What must not be written at all
is for the store's own rights to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk.playground.naming import writable
from helpers.desk.session import session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TELLING = ("show", "describe", "desc", "explain", "set", "use")
_DETAILS = (["describe", "detail"], ["desc", "detail"])
_HARMLESS = frozenset(
    {
        "register_function",
        "register_table_function",
        "register_data_source",
        "create_dataframe_view",
        "streaming_query_command",
        "streaming_query_manager_command",
        "streaming_query_listener_bus_command",
        "get_resources_command",
        "create_resource_profile_command",
        "remove_cached_remote_relation_command",
    }
)
"""Commands of Spark Connect that write to no store."""
_CATALOG_WRITES = ("create_", "drop_table", "drop_view", "drop_database", "truncate_", "recover_", "analyze_")


def guarded() -> SparkSession:
    """This kernel's session; read-only where the desk is. Raises UserError then for one that is none of Connect."""
    spark = session()
    if settings().read_only:
        client = getattr(spark, "client", None)
        if client is None:
            raise UserError(
                "A session of its own (SPARK_MASTER) cannot be kept from writing, and the desk is read-only.",
                "Unset SPARK_MASTER, or make lab",
            )
        if not any(isinstance(one, Guard) for one in client._session_hooks):
            client._session_hooks.append(Guard())
    return spark


def reads(text: str) -> bool:
    """Whether Spark SQL changes nothing in a store; a text that cannot be read counts as one that does."""
    # Spark goes on with a comment behind a backslash at a line's end, sqlglot does not.
    if re.search(r"\\\r?\n", text):
        return False
    try:
        words = [one.text.lower() for one in sqlglot.tokenize(text, dialect="spark")]
        # sqlglot parses neither of these.
        if ";" not in words[:-1] and (words[:1] == ["table"] or words[:2] in _DETAILS):
            return True
        tree = sqlglot.parse_one(text, dialect="spark")
    except SqlglotError:
        return False
    if isinstance(tree, exp.Query | exp.Describe | exp.Values):
        return True
    if isinstance(tree, exp.Create):
        return tree.kind == "VIEW" and tree.find(exp.TemporaryProperty) is not None
    return words[0] in _TELLING


class Guard:
    """A hook of PySpark's, asked before each plan that is sent."""

    def on_execute_plan(self, request: Any) -> Any:
        """The request as it is. Raises UserError for one that would write."""
        for plan in _plans(request.plan):
            kind = plan.WhichOneof("command_type" if hasattr(plan, "sql_command") else "rel_type")
            if kind == "sql_command":
                if not all(map(reads, _texts(plan.sql_command))):
                    writable("run what is no query")
            elif kind == "catalog":
                if plan.catalog.WhichOneof("cat_type").startswith(_CATALOG_WRITES):
                    writable("change the catalog")
            elif hasattr(plan, "sql_command") and kind not in _HARMLESS and not _into_nothing(plan, kind):
                writable(f"run Spark's {kind.replace('_', ' ')}")
        return request


def _plans(plan: Any) -> Iterator[Any]:
    """The command or the relation of a plan, which PySpark compresses where it is large."""
    from pyspark.sql.connect.proto import Command, Relation

    kind = plan.WhichOneof("op_type")
    if kind != "compressed_operation":
        yield getattr(plan, kind)
        return
    import zstandard

    packed = plan.compressed_operation
    body = zstandard.ZstdDecompressor().decompressobj().decompress(packed.data)
    yield (Command if packed.op_type == packed.OpType.OP_TYPE_COMMAND else Relation).FromString(body)


def _texts(command: Any) -> Iterator[str]:
    """The statement of a SQL command, in each of the places that PySpark may put it."""
    if command.sql:
        yield command.sql
    given = command.input
    if given.WhichOneof("rel_type") == "with_relations":
        given = given.with_relations.root
    if given.WhichOneof("rel_type") == "sql":
        yield given.sql.query


def _into_nothing(command: Any, kind: str) -> bool:
    """Whether a write goes nowhere, as one that only makes Spark compute."""
    return kind == "write_operation" and command.write_operation.source == "noop"
