"""The bridge beside other tools: how many queries of TPC-H and TPC-DS each translates rightly, and in what time."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column, Table

from helpers import spark as spark_room
from helpers.bridge import Refusal, translate
from helpers.bridge.verification.results import terms
from helpers.cli.bench import others
from helpers.cli.bench.tpc import MAKERS, Benchmark, benchmark, read, write
from helpers.compare import difference
from helpers.core.errors import SetupError
from helpers.spark.limits import job_limit
from helpers.spark.logs import quiet
from helpers.toolchain.apart import Apart

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TOOLS = {"ibis": Apart("ibis", "ibis", "370 MB"), "databathing": Apart("databathing", "databathing", "20 MB")}
SCALE = 0.01
_MOST_SECONDS = 120.0
WORDS = ("right", "strict", "differs", "fails", "refused")


@dataclass(frozen=True)
class Attempt:
    """One tool's translation. run: gives the answer from a session and the tables; None = it translated nothing."""

    run: Callable[[SparkSession, Mapping[str, DataFrame]], DataFrame] | None
    seconds: float


def measured(tell: Callable[[str], None]) -> dict[str, dict[str, dict[str, Any]]]:
    """Benchmark -> tool -> how many queries are right, and the processor seconds of a translation (p50, max).

    right: the rows of `spark.sql` of the same text, in any order; strict: of these, those with its names and types
    too; differs: other rows; fails: Spark refuses what the tool wrote; refused: the tool wrote nothing.
    Raises SetupError where another tool's environment cannot be made.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    session = spark_room.session("throughput", app="gridbridge-bench")
    try:
        for kind in MAKERS:
            known = benchmark(kind)
            with tempfile.TemporaryDirectory(prefix="gridbridge-bench-") as folder:
                tell(f"{kind}: {len(known.queries)} queries ...")
                write(kind, Path(folder), SCALE)
                tables = read(session, kind, Path(folder))
                for name, frame in tables.items():
                    frame.createOrReplaceTempView(name)
                attempts = {"gridbridge": _ours(known), **{name: _theirs(name, known) for name in TOOLS}}
                found[kind] = _judged(session, known, tables, attempts, tell)
    finally:
        spark_room.stop()
    return found


def show(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    """A table for each benchmark, a row for each tool."""
    for kind, tools in found.items():
        table = Table(Column("tool", no_wrap=True), *WORDS, "p50 ms", "max ms", title=f"{kind}: translated by")
        for tool, one in tools.items():
            times = (f"{1000 * one[key]:.0f}" for key in ("p50", "max"))
            table.add_row(f"{tool}, {one['queries']}", *(str(one[word]) for word in WORDS), *times)
        Console().print(table)


def _ours(known: Benchmark) -> dict[int, Attempt]:
    found = {}
    for number, sql in known.queries.items():
        started = process_time()
        try:
            done = translate(sql, schema=known.schema)
        except Refusal:
            found[number] = Attempt(None, process_time() - started)
        else:
            code = "\n".join((*done.imports, done.code))
            found[number] = Attempt(_of_code(code, "result"), process_time() - started)
    return found


def _theirs(tool: str, known: Benchmark) -> dict[int, Attempt]:
    asked = {"schema": known.schema, "queries": known.queries}
    words = [str(TOOLS[tool].ensure()), "-P", others.__file__, tool]
    done = subprocess.run(words, input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"{tool} does not run: {done.stderr.strip().splitlines()[-1]}", "make bench ARGS=bridge")
    return {int(number): _attempt(tool, one) for number, one in json.loads(done.stdout).items()}


def _attempt(tool: str, one: Mapping[str, Any]) -> Attempt:
    code = one["code"]
    if code is None:
        return Attempt(None, one["seconds"])
    if tool == "ibis":
        return Attempt(lambda session, tables: session.sql(code), one["seconds"])
    return Attempt(_of_code("from pyspark.sql.functions import *\n" + code, "final_df"), one["seconds"])


def _of_code(code: str, result: str) -> Callable[[SparkSession, Mapping[str, DataFrame]], DataFrame]:
    def run(session: SparkSession, tables: Mapping[str, DataFrame]) -> DataFrame:
        names: dict[str, Any] = {"spark": session, **tables}
        exec(code, names)  # noqa: S102
        found: DataFrame = names[result]
        return found

    return run


def _judged(
    session: SparkSession,
    known: Benchmark,
    tables: Mapping[str, DataFrame],
    attempts: Mapping[str, Mapping[int, Attempt]],
    tell: Callable[[str], None],
) -> dict[str, dict[str, Any]]:
    words: dict[str, Counter[str]] = {tool: Counter() for tool in attempts}
    for number, sql in known.queries.items():
        wanted = session.sql(sql)
        rows = wanted.toArrow()
        for tool, of_tool in attempts.items():
            # What other tools' code is refused for would fill screens.
            with quiet():
                words[tool].update(_words(session, of_tool[number], tables, wanted, rows))
    tell(f"{known.kind}: done")
    found = {}
    for tool, of_tool in attempts.items():
        seconds = [one.seconds for one in of_tool.values()]
        counts = {word: words[tool][word] for word in WORDS}
        found[tool] = {"queries": len(of_tool), **counts, "p50": median(seconds), "max": max(seconds)}
    return found


def _words(
    session: SparkSession, one: Attempt, tables: Mapping[str, DataFrame], wanted: DataFrame, rows: Any
) -> tuple[str, ...]:
    """Which of the table's columns count this translation."""
    if one.run is None:
        return ("refused",)
    try:
        with job_limit(session, _MOST_SECONDS):
            got = one.run(session, tables)
            given = got.toArrow()
    except Exception:
        return ("fails",)
    names = [f"c{at}" for at in range(rows.num_columns)]
    if given.num_columns != rows.num_columns:
        return ("differs",)
    plain = rows.rename_columns(names)
    laws = terms(plain)
    if laws is None or difference(given.rename_columns(names), plain, laws) is not None:
        return ("differs",)
    same = [(one.name, one.dataType) for one in got.schema] == [(one.name, one.dataType) for one in wanted.schema]
    return ("right", "strict") if same else ("right",)
