"""A run's honesty: the truth against the lake, gold against its recomputation, flags against experts' labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from helpers.peak.recordings import Recording, read_labels
from helpers.peak.truth import truth_store
from helpers.pipeline.layers import quality
from helpers.pipeline.proof.expectation import expected_silver, units_table
from helpers.pipeline.proof.recompute import compare_gold, recompute
from helpers.pipeline.proof.reconcile import reconcile
from helpers.pipeline.stores import Stores
from helpers.pipeline.tables import Lake

CLASSES = ("right", "missing", "duplicated", "misfiled", "wrong")


def reconciled(stores: Stores, gold: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Accuracy and classes over all that was ever sent, and gold's cells that differ from their recomputation.

    gold: the rows of gold/energy and gold/daily, as "energy" and "daily".
    accuracy, missing, wrong, misfiled, duplicated are None where nothing was sent.
    """
    lake, dimensions, truth = stores.lake, stores.dimension_tables(), truth_store()
    messages, readings = truth.messages(), truth.readings()
    found = reconcile(
        messages,
        readings,
        _bronze(lake),
        lake.arrow("silver/readings"),
        lake.arrow("silver/quarantine", ["topic", "partition", "offset", "reasons"]),
        lake.arrow("silver/duplicates", ["topic", "partition", "offset", "duplicate_of"]),
        dimensions["assignments"],
        units_table(),
    )
    right = expected_silver(messages, readings, dimensions["assignments"], units_table())
    difference = compare_gold(recompute(right, **dimensions), {name: gold[name] for name in ("energy", "daily")})
    classes = {name: getattr(found, name) if found.events else None for name in CLASSES}
    return {
        "events": found.events,
        **classes,
        "accuracy": found.accuracy,
        "foreign": found.foreign,
        "examples": found.examples.to_pylist(),
        "gold_cells": {
            "compared": difference.cells,
            "different": difference.different,
            "examples": difference.examples.to_pylist(),
        },
    }


def _bronze(lake: Lake) -> pa.Table:
    """Place and bytes of every message in bronze, the weather files line by line."""
    files = lake.arrow("bronze/weather", ["path", "raw"])
    lines = [
        {"topic": path, "partition": 0, "offset": number, "raw": line}
        for path, raw in zip(files["path"].to_pylist(), files["raw"].to_pylist(), strict=True)
        for number, line in enumerate(raw.splitlines())
        if number
    ]
    records = lake.arrow("bronze/messages", ["topic", "partition", "offset", "raw"])
    return pa.concat_tables([records, pa.Table.from_pylist(lines, records.schema)])


def against_labels(flags: pa.Table, recordings: Sequence[Recording]) -> dict[str, dict[str, float | None]]:
    """Precision and recall of gold/flags against the labels of the recordings that have some: by meaning."""
    labels = [found for recording in recordings if (found := read_labels(recording)) is not None]
    if not labels:
        return {}
    return quality.score_against_labels(flags.to_pandas(), pd.concat(labels))


def as_frame(facts: dict[str, Any]) -> pd.DataFrame:
    """The classes of a reconciliation as a table: class, events, share."""
    events = facts["events"]
    rows = [
        {
            "class": name,
            "events": facts[name],
            "share": f"{facts[name] / events:.4%}" if events else "nothing was sent",
        }
        for name in CLASSES
    ]
    cells = facts["gold_cells"]
    rows.append(
        {
            "class": "gold cells that differ",
            "events": cells["different"],
            "share": f"of {cells['compared']:,} compared",
        }
    )
    return pd.DataFrame(rows)
