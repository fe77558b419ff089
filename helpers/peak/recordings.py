"""The catalogue of recordings: which column of which file is which channel of which asset, in which unit."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from pydantic import ValidationError

from helpers.core.errors import UserError
from helpers.core.settings import ROOT
from helpers.peak.mapping import OFFSET, UNITS, Channel, Labels, Oddity, Recording

__all__ = [
    "CATALOGUE",
    "ODDITIES",
    "UNITS",
    "Channel",
    "Labels",
    "Oddity",
    "Recording",
    "catalogue",
    "count_points",
    "excluded",
    "from_mapping",
    "package_folder",
    "read",
    "read_labels",
    "recording",
    "span",
]

CATALOGUE = ROOT / "datasets" / "recordings.toml"
ODDITIES = ROOT / "datasets" / "oddities.toml"
_REMEDY = "Correct the mapping; its format is described in datasets/README.md."


def package_folder() -> Path:
    """The folder of the pvanalytics package that holds its recordings."""
    spec = find_spec("pvanalytics")
    if spec is None or spec.origin is None:
        raise UserError("The package pvanalytics is not installed.", "rm -f .venv/.ready && make setup")
    return Path(spec.origin).parent / "data"


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"The mapping {path} cannot be read: {error.strerror}.", _REMEDY) from None
    except ValueError as error:  # TOML syntax and text that is not UTF-8
        raise UserError(f"The mapping {path.name} is no valid TOML: {error}.", _REMEDY) from None


def recording(entry: dict[str, Any], path: Path) -> Recording:
    """Validate one mapping entry against its file. UserError: one sentence naming file and column."""
    try:
        found = Recording.model_validate({**entry, "file": path.name, "path": path})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        column = _column_at(entry, first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        parts = [f"file {path.name!r}", f"column {column!r}" if column and column not in text else "", where]
        raise UserError(
            f"The mapping of {', '.join(part for part in parts if part)} is wrong: {text}.", _REMEDY
        ) from None
    _check_columns(found)
    return found


def _column_at(entry: dict[str, Any], location: tuple[int | str, ...]) -> str | None:
    if location[:1] == ("time_zone",):
        return str(entry.get("time_column"))
    if len(location) > 1 and location[0] == "channels" and isinstance(location[1], int):
        channel = entry["channels"][location[1]]
        return str(channel.get("column")) if isinstance(channel, dict) else None
    return None


def _columns(path: Path) -> list[str]:
    try:
        if path.suffix == ".parquet":
            return list(pq.read_schema(path).names)
        return list(pd.read_csv(path, nrows=0).columns)
    except (OSError, ValueError) as error:
        raise UserError(f"The recording {path} cannot be read: {error}.", "Check the file's path.") from None


def _check_columns(found: Recording) -> None:
    present = _columns(found.path)
    wanted = [found.time_column, *(c.column for c in found.channels), *found.ignored]
    if found.labels:
        wanted.append(found.labels.column)
    for column in wanted:
        if column not in present:
            raise UserError(
                f"The file {found.file!r} has no column {column!r}; it has {', '.join(map(repr, present))}.",
                _REMEDY,
            )


@cache
def catalogue(path: Path = CATALOGUE, oddities: Path = ODDITIES) -> list[Recording]:
    """Every mapped recording of the package with its oddities, validated, in the file's order. Raises UserError."""
    entries = _parse(path).get("recording", [])
    missing = next((entry for entry in entries if not isinstance(entry.get("file"), str)), None)
    if missing is not None:
        raise UserError(f"A recording in {path.name} names no file.", _REMEDY)
    odd: dict[tuple[Any, Any], list[dict[str, Any]]] = {}
    for entry in _parse(oddities).get("oddity", []):
        rest = {name: value for name, value in entry.items() if name not in {"file", "source"}}
        odd.setdefault((entry.get("file"), entry.get("source")), []).append(rest)
    for file, source in odd.keys() - {(entry["file"], entry.get("source")) for entry in entries}:
        raise UserError(f"An oddity in {oddities.name} is of {source!r} in {file!r}, which is not mapped.", _REMEDY)
    return [
        recording(
            entry | {"oddities": odd.get((entry["file"], entry.get("source")), [])}, package_folder() / entry["file"]
        )
        for entry in entries
    ]


def excluded(path: Path = CATALOGUE) -> dict[str, str]:
    """The files of the package that are not replayed: name → reason."""
    return dict(_parse(path).get("excluded", {}))


def from_mapping(mapping: Path, file: Path) -> Recording:
    """A user's own CSV or Parquet with a mapping of one recording. Raises UserError."""
    return recording(_parse(mapping), file)


def read(found: Recording) -> pd.DataFrame:
    """Readings in long form, by event time, then by the mapping's order of channels.

    Columns: source, channel, event_time (UTC), offset ("-07:00", as recorded), value (float64), unit.
    Missing values are dropped; no date is shifted. Raises UserError for a wrong type, a wrong time
    or a time that comes twice.
    """
    wide = _wide(found)
    times, offsets = _times(found, wide[found.time_column])
    if times.duplicated().any():
        twice = times[times.duplicated()].iloc[0]
        raise UserError(f"In {found.file!r}, the time {twice} of column {found.time_column!r} comes twice.", _REMEDY)
    parts = []
    for rank, channel in enumerate(found.channels):
        column = wide[channel.column]
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            raise UserError(
                f"In {found.file!r}, column {channel.column!r} holds {column.dtype}, not numbers.", _REMEDY
            )
        if column.isin([float("inf"), float("-inf")]).any():
            raise UserError(f"In {found.file!r}, column {channel.column!r} holds an infinite value.", _REMEDY)
        part = pd.DataFrame({"event_time": times, "offset": offsets, "value": column.astype("float64")})
        parts.append(part.assign(source=found.source, channel=channel.name, unit=channel.unit, rank=rank))
    long = pd.concat(parts).dropna(subset=["value"])
    long = long.sort_values(["event_time", "rank"], kind="stable", ignore_index=True)
    return long[["source", "channel", "event_time", "offset", "value", "unit"]]


def span(found: Recording) -> tuple[datetime, datetime]:
    """The first and the last time (UTC) of its readings, as read() has them, in a fraction of its time."""
    wide = _wide(found)
    raw = wide.loc[wide.drop(columns=found.time_column).notna().any(axis=1), found.time_column]
    if raw.is_monotonic_increasing:
        raw = pd.concat([raw.head(1), raw.tail(1)])
    times, _ = _times(found, raw)
    return times.min().to_pydatetime(), times.max().to_pydatetime()


def _wide(found: Recording) -> pd.DataFrame:
    names = [found.time_column, *(c.column for c in found.channels)]
    if found.path.suffix == ".parquet":
        return pd.read_parquet(found.path, columns=names)
    return pd.read_csv(found.path, usecols=names)


def _times(found: Recording, raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Instants in UTC and the offset of each as recorded."""
    where = f"In {found.file!r}, time column {found.time_column!r}"
    if raw.empty:
        raise UserError(f"The file {found.file!r} has no rows.", _REMEDY)
    if raw.isna().any():
        raise UserError(f"{where} has {int(raw.isna().sum())} empty times.", _REMEDY)
    if pd.api.types.is_numeric_dtype(raw):
        if not found.time_format:
            raise UserError(
                f"{where} holds numbers: say how to read them, as in time_format = '%Y%m%d%H%M'.", _REMEDY
            )
        raw = raw.astype(str)
    text = not pd.api.types.is_datetime64_any_dtype(raw)
    carries = bool(raw.astype(str).str.contains(r"(?:[+-]\d\d:\d\d|Z)$").all()) if text else raw.dt.tz is not None
    if carries != (found.time_zone == "embedded"):
        detail = "carries offsets: say time_zone = 'embedded'" if carries else "is naive: name its time zone"
        raise UserError(f"{where} {detail}.", _REMEDY)
    try:
        if carries and text:
            offsets = raw.str.extract(r"([+-]\d\d:\d\d|Z)$")[0].replace("Z", "+00:00")
            return pd.to_datetime(raw, utc=True, format=found.time_format or "ISO8601"), offsets
        local = raw
        if not carries:
            naive = pd.to_datetime(raw, format=found.time_format) if text else raw
            fixed = OFFSET.fullmatch(found.time_zone)
            zone = pd.Timestamp(f"2000-01-01T00:00:00{found.time_zone}").tz if fixed else found.time_zone
            local = naive.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
            if local.isna().any():
                raise ValueError(f"{naive[local.isna()].iloc[0]} happens twice or never, by a clock change")
        instants = local.dt.tz_convert("UTC")
    except (ValueError, TypeError) as error:  # unparsable, or no single instant
        raise UserError(f"{where} cannot be read as time in {found.time_zone}: {error}.", _REMEDY) from None
    minutes = (local.dt.tz_localize(None) - instants.dt.tz_localize(None)).dt.total_seconds() // 60
    known = {m: f"{'-' if m < 0 else '+'}{int(abs(m)) // 60:02d}:{int(abs(m)) % 60:02d}" for m in minutes.unique()}
    return instants, minutes.map(known)


def read_labels(found: Recording) -> pd.DataFrame | None:
    """Experts' labels: source, event_time (UTC), meaning, flagged (bool); None where there are none."""
    if found.labels is None:
        return None
    names = [found.time_column, found.labels.column]
    wide = pd.read_csv(found.path, usecols=names)
    times, _ = _times(found, wide[found.time_column])
    return pd.DataFrame(
        {
            "source": found.source,
            "event_time": times,
            "meaning": found.labels.meaning,
            "flagged": wide[found.labels.column].astype(bool),
        }
    )


def count_points(recordings: list[Recording] | None = None) -> int:
    """The number of readings that a replay sends or drops as weather: values present in mapped columns."""
    return sum(len(read(found)) for found in (catalogue() if recordings is None else recordings))
