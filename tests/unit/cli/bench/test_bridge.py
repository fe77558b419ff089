import json
import re
import sys
from dataclasses import replace

import pytest

from helpers.cli.bench import bridge as bench
from helpers.cli.bench import others
from helpers.cli.bench.tpc import benchmark
from helpers.core.errors import SetupError


def test_what_another_tool_raises_is_its_answer():
    def broken(sql):
        raise ValueError(f"no {sql}\nand more")

    found = others.timed(broken, "SELECT 1")
    assert (found["code"], found["error"]) == (None, "ValueError: no SELECT 1")
    assert others.timed(str.lower, "SELECT 1")["code"] == "select 1"


def test_a_tool_that_does_not_run_is_told_with_what_to_run(monkeypatch):
    monkeypatch.setattr(bench.Apart, "ensure", lambda self: sys.executable)
    with pytest.raises(SetupError, match=r"databathing does not run: .*No module named") as caught:
        bench._theirs("databathing", replace(benchmark("tpch"), queries={1: "SELECT 1"}))
    assert "bench" in caught.value.remedy


def test_tools_are_rows_of_a_table(capsys):
    counts = {word: at for at, word in enumerate(bench.WORDS)}
    bench.show({"tpch": {"gridbridge": {"queries": 22, **counts, "p50": 0.021, "max": 0.4}}})
    shown = capsys.readouterr().out
    assert re.findall(r"\d+", shown.split("gridbridge, 22")[1]) == ["0", "1", "2", "3", "4", "21", "400"]


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_three_tools_are_held_against_spark(monkeypatch):
    """On two queries: the first is one that each tool can read."""
    whole = benchmark("tpch")
    few = replace(whole, queries={number: whole.queries[number] for number in (3, 4)})
    monkeypatch.setattr(bench, "MAKERS", {"tpch": "dbgen"})
    monkeypatch.setattr(bench, "benchmark", lambda kind: few)
    found = json.loads(json.dumps(bench.measured(print)))["tpch"]
    assert list(found) == ["gridbridge", "ibis", "databathing"]
    assert all(one["queries"] == 2 and 0 < one["p50"] <= one["max"] for one in found.values())
    assert found["gridbridge"]["strict"] == 2
    for one in found.values():
        assert sum(one[word] for word in ("right", "differs", "fails", "refused")) == 2
