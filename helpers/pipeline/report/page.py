"""A run's report: one HTML file that needs nothing else, from its summary and a few small frames."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from helpers.pipeline.report import charts

TEMPLATE = "report.html.j2"
CLASSES = {
    "right": "as it was sent",
    "missing": "lost, or lost in part",
    "duplicated": "more than once",
    "misfiled": "in another table, or for other reasons",
    "wrong": "with another value, asset, time or other bytes",
}
STAGES = ("prepare", "replay", "bronze", "silver", "gold", "serving", "reconciliation", "report")
VOLUMES = {
    "events_sent": ("Events sent", "messages"),
    "bronze_rows": ("Bronze", "messages and weather files"),
    "silver_rows": ("Silver", "readings"),
    "late_rows": ("of which late", "readings"),
    "quarantined_rows": ("Quarantine", "messages"),
    "duplicates": ("Duplicates", "messages"),
    "gold_rows": ("Gold", "rows of all its tables"),
}
NONE = "–"


def number(value: Any, digits: int = 0) -> str:
    """A number with separators, or a dash where there is none."""
    if value is None or value != value:  # NaN is the one value that is not itself
        return NONE
    return f"{float(value):,.{digits}f}"


def render(summary: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> str:
    """The report as HTML. Whatever is missing from either is left out of it.

    summary: as in summary.json. frames: energy_by_site (site_id, quarter_hours, energy_kwh, value, currency), daily
    and quality (the columns of gold/daily and gold/quality).
    """
    quarantined = sorted((summary.get("quarantined") or {}).items(), key=lambda item: -_both(item[1])["total"])
    return _template().render(
        s={name: value for name, value in summary.items() if value is not None},
        timed="freshness_seconds" in summary,
        verdict=_verdict(summary),
        duration=_duration(summary),
        flow=charts.flow(_boxes(summary)) if summary.get("bronze_rows") else None,
        volumes=[(*VOLUMES[name], _both(summary[name])) for name in VOLUMES if summary.get(name)],
        quarantined=[(reason, _both(counts)) for reason, counts in quarantined],
        classes=[(name, told, summary[name]) for name, told in CLASSES.items() if summary.get(name) is not None],
        stages=_stages(summary),
        energy=_energy(frames.get("energy_by_site")),
        ratios=_ratios(frames.get("daily")),
        quality=_quality(frames.get("quality")),
    )


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["number"] = number
    return environment.get_template(TEMPLATE)


def _both(counts: Mapping[str, Any] | None) -> dict[str, int]:
    return {name: int((counts or {}).get(name) or 0) for name in ("run", "total")}


def _duration(summary: Mapping[str, Any]) -> str:
    seconds = sum((summary.get("stage_seconds") or {}).values())
    return f"{int(seconds // 60)} min {seconds % 60:.0f} s" if seconds >= 60 else f"{seconds:.1f} s"


def _verdict(summary: Mapping[str, Any]) -> tuple[str, str]:
    """(state, sentence): good, doubtful or bad."""
    if summary.get("status") == "failed":
        return "bad", f"This run failed in the stage {(summary.get('error') or {}).get('stage', 'unknown')}."
    if "accuracy" not in summary:
        return "doubtful", "This run was not reconciled with what was sent."
    accuracy, different = summary.get("accuracy"), (summary.get("gold_cells") or {}).get("different")
    if accuracy is None:
        return "doubtful", "Nothing was ever sent, so there is no accuracy to tell."
    # A share that is not quite 100 % must not be rounded to it.
    told = "100 %" if accuracy == 1 else f"{min(accuracy * 100, 99.9999):.4f} %"
    if accuracy == 1 and not different:
        return "good", f"Every event is where it belongs: accuracy {told}."
    cells = f" and {number(different)} cells of gold differ from their recomputation" if different else ""
    state = "doubtful" if accuracy >= 0.999 and not different else "bad"
    aim = "above" if accuracy >= 0.999 else "below"
    return state, f"Accuracy {told}, {aim} the agreed 99.9 %{cells}."


def _boxes(summary: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    def figures(title: str, name: str) -> tuple[str, str, str]:
        if not summary.get(name):
            return title, "", ""
        counts = _both(summary[name])
        return title, f"+{counts['run']:,}", f"{counts['total']:,} in all"

    served = summary.get("served") or {}
    rows = sum(int(table.get("rows") or 0) for table in served.values())
    return {
        "sources": figures("SCADA, IoT sensors, weather", "events_sent"),
        "relational": ("PEAK's tables", "sites, assets,", "meters, tariffs"),
        "bronze": figures("Bronze", "bronze_rows"),
        "silver": figures("Silver", "silver_rows"),
        "quarantine": figures("Quarantine", "quarantined_rows"),
        "duplicates": figures("Duplicates", "duplicates"),
        "gold": figures("Gold", "gold_rows"),
        "serving": ("PostgreSQL", f"{rows:,} rows", f"in {len(served)} tables") if served else ("PostgreSQL", "", ""),
    }


def _stages(summary: Mapping[str, Any]) -> list[tuple[str, str, float | None]]:
    """(stage, done / failed / not reached, seconds), in their order."""
    seconds = summary.get("stage_seconds") or {}
    failed = (summary.get("error") or {}).get("stage")
    names = [*STAGES, *(name for name in seconds if name not in STAGES)] if seconds or failed else []

    def state(name: str) -> str:
        return "failed" if name == failed else "done" if name in seconds else "not reached"

    return [(name, state(name), seconds.get(name)) for name in names]


def _energy(frame: pd.DataFrame | None) -> list[dict[Hashable, Any]]:
    if frame is None or frame.empty:
        return []
    known = frame.assign(
        energy_kwh=pd.to_numeric(frame["energy_kwh"]).astype("float64"),
        value=pd.to_numeric(frame["value"]).astype("float64"),
        currency=frame["currency"].fillna("no tariff"),
    )
    return known.sort_values("energy_kwh", ascending=False).to_dict("records")


def _ratios(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Per site: its days, those with a ratio, why the others have none, and a drawing."""
    if frame is None or frame.empty:
        return []
    sites = []
    for site, days in frame.groupby("site_id", sort=True):
        known = days.dropna(subset=["performance_ratio"]).sort_values("local_date")
        ratios = pd.to_numeric(known["performance_ratio"]).astype("float64")
        points: list[tuple[date, float]] = list(zip(pd.to_datetime(known["local_date"]).dt.date, ratios, strict=True))
        reasons = days["performance_reason"].value_counts().to_dict()
        sites.append(
            {
                "site": site,
                "days": len(days),
                "known": len(points),
                "median": ratios.median() if points else None,
                "reasons": ", ".join(f"{reason} on {count:,}" for reason, count in reasons.items()),
                "beyond": sum(ratio > charts.CEILING or ratio < 0 for _, ratio in points),
                "chart": charts.daily_ratio(str(site), points) if points else None,
            }
        )
    return sites


def _quality(frame: pd.DataFrame | None) -> list[dict[Hashable, Any]]:
    """Per source: channel days, readings, flags and the mean score."""
    if frame is None or frame.empty:
        return []
    known = frame.assign(
        score=pd.to_numeric(frame["score"]).astype("float64"), drift=frame["drift"].astype("float64")
    )
    columns = {name: (name, "sum") for name in ("readings", "stuck", "spike", "interpolated", "drift")}
    grouped = known.groupby("source").agg(days=("score", "size"), **columns, score=("score", "mean"))
    return grouped.reset_index().to_dict("records")
