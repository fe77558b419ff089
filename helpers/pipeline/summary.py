"""The figures of a run: rows of this run and in all, freshness, gold as Parquet with its hash, key figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers.pipeline.proof.digest import gold_hash
from helpers.pipeline.tables import GOLD, TABLES, Lake


def counted(lake: Lake, before: dict[str, int]) -> dict[str, Any]:
    """Rows as {run, total}: bronze_rows, silver_rows, duplicates, late_rows, quarantined (by reason), gold_rows.

    before: each table's version when the run began; a table that is not in it was made by the run. A bronze row is
    a message (weather: a file); a silver and a late row a reading; gold_rows adds the four gold tables, which are
    replaced by months, so its `run` is the growth.
    """
    rows = {name: {"total": lake.rows(name)} for name in TABLES}
    for name, found in rows.items():
        found["run"] = found["total"] - (lake.rows(name, before[name]) if name in before else 0)

    def both(names: list[str]) -> dict[str, int]:
        return {which: sum(rows[name][which] for name in names) for which in ("run", "total")}

    late = _twice(lambda since: _late(lake, since), before.get("silver/readings"))
    reasons = _twice(lambda since: _reasons(lake, since), before.get("silver/quarantine"))
    return {
        "bronze_rows": both(["bronze/messages", "bronze/weather"]),
        "silver_rows": both(["silver/readings"]),
        "duplicates": both(["silver/duplicates"]),
        "late_rows": late,
        "quarantined": {
            reason: {which: reasons[which][reason] for which in ("run", "total")}
            for reason in sorted(reasons["total"])
        },
        "quarantined_rows": both(["silver/quarantine"]),
        "gold_rows": both(list(GOLD)),
    }


def _twice(count: Callable[[int | None], Any], since: int | None) -> dict[str, Any]:
    total = count(None)
    # A table that the run made is not read twice.
    return {"run": total if since is None else count(since), "total": total}


def _late(lake: Lake, since: int | None) -> int:
    return int(pc.sum(lake.appended("silver/readings", since, ["late"])["late"]).as_py() or 0)


def _reasons(lake: Lake, since: int | None) -> Counter[str]:
    lists = lake.appended("silver/quarantine", since, ["reasons"])["reasons"]
    return Counter(pc.list_flatten(lists).to_pylist())


def freshness(lake: Lake, before: dict[str, int], committed_at: str) -> dict[str, float] | None:
    """Seconds from the append of a reading to the commit of gold: p50, p95, p99; None without new readings."""
    arrived = lake.appended("silver/readings", before.get("silver/readings"), ["arrival_time"])["arrival_time"]
    if not len(arrived):
        return None
    end = pa.scalar(datetime.fromisoformat(committed_at), arrived.type)
    seconds = pc.divide(pc.cast(pc.subtract(end, arrived), pa.int64()), 1e6)
    values = pc.quantile(seconds, [0.5, 0.95, 0.99]).to_pylist()
    return {name: round(value, 3) for name, value in zip(("p50", "p95", "p99"), values, strict=True)}


def exported(tables: Mapping[str, pa.Table], folder: Path) -> dict[str, Any]:
    """Write the gold tables ("gold/energy" → rows) to folder/<table>.parquet, ordered by key; gold_hash over them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        ordered = table.sort_by([(column, "ascending") for column in TABLES[name].key])
        pq.write_table(ordered, folder / f"{name.removeprefix('gold/')}.parquet")
    return {"gold_hash": gold_hash(tables)}


def energy_by_site(energy: pa.Table) -> pd.DataFrame:
    """gold/energy → site_id, quarter_hours, energy_kwh, value, currency: one row a site and currency."""
    return (
        duckdb.connect()
        .execute(
            "SELECT site_id, count(*) AS quarter_hours, sum(energy_kwh) AS energy_kwh, sum(value) AS value, currency"
            " FROM energy GROUP BY ALL ORDER BY site_id, currency"
        )
        .df()
    )


def site_days(daily: pa.Table) -> dict[str, int]:
    """gold/daily → days of sites in all (`total`), and those that have a performance ratio (`with_ratio`)."""
    return {"with_ratio": daily.num_rows - daily["performance_ratio"].null_count, "total": daily.num_rows}


def key_figures(facts: dict[str, Any]) -> pd.DataFrame:
    """A run's facts as a short table: figure, value."""
    accuracy = facts.get("accuracy")
    fresh = facts.get("freshness_seconds") or {}
    rows = {
        "points in the recordings": f"{facts.get('points', 0):,}",
        "events sent (this run / in all)": _both(facts, "events_sent"),
        "silver readings (this run / in all)": _both(facts, "silver_rows"),
        "gold rows (this run / in all)": _both(facts, "gold_rows"),
        "accuracy": "nothing was sent" if accuracy is None else f"{accuracy:.4%}",
        "gold cells that differ from their recomputation": facts.get("gold_cells", {}).get("different"),
        "freshness p95, s": fresh.get("p95", "no new readings"),
        "processor seconds": facts.get("cpu_seconds"),
        "gold_hash": facts.get("gold_hash"),
    }
    return pd.DataFrame(rows.items(), columns=["figure", "value"])


def _both(facts: dict[str, Any], name: str) -> str:
    found = facts.get(name, {})
    return f"{found.get('run', 0):,} / {found.get('total', 0):,}"
