"""A run's metrics in CloudWatch, and the alarm on its error rate that tells an SNS topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NAMESPACE = "Gridbridge/Pipeline"
ERROR_RATE = "ErrorRate"
TOPIC = "gridbridge-alarms"
BATCH = 1000
"""Metrics that one request of CloudWatch takes at most."""

_PLAIN = {
    "cpu_seconds": ("CpuSeconds", "Seconds"),
    "memory_mb": ("Memory", "Megabytes"),
    "disk_mb": ("Disk", "Megabytes"),
    "lag_messages": ("Lag", "Count"),
}
_ENDED = ("succeeded", "failed")


def error_rate(summary: Mapping[str, Any]) -> float | None:
    """Percent of this run's messages that went to quarantine; None where none arrived.

    summary: as in summary.json. Messages are what was sent or what bronze took in, whichever is more: a run may take
    in what an earlier one sent, and a weather file is one row of bronze however many messages it holds. A message
    counts once, however many reasons it has; where only the reasons are known, they are added up.
    """
    messages = max(_run(summary.get("events_sent")), _run(summary.get("bronze_rows")))
    if not messages:
        return None
    reasons = sum(_run(counts) for counts in (summary.get("quarantined") or {}).values())
    quarantined = _run(summary["quarantined_rows"]) if summary.get("quarantined_rows") else reasons
    return min(100.0, 100 * quarantined / messages)


def publish(cloudwatch: Any, summary: Mapping[str, Any], dimensions: Mapping[str, str]) -> int:
    """Put the run's metrics into the namespace Gridbridge/Pipeline; returns how many.

    ErrorRate (Percent); DataLatencyP50, P95, P99 (Seconds, broker append to gold commit), ProcessingTime by Stage and
    CpuSeconds (Seconds); Memory and Disk (Megabytes); Lag, Quarantined by Reason, Failed as 1 or 0 (Count). What the
    summary lacks is left out. cloudwatch: a boto3 client; dimensions: name → value, of every metric.
    """
    data = list(_metrics(summary, dimensions))
    for start in range(0, len(data), BATCH):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[start : start + BATCH])
    return len(data)


def ensure_alarm(
    cloudwatch: Any,
    sns: Any,
    topic_name: str = TOPIC,
    threshold_percent: float = 5,
    dimensions: Mapping[str, str] | None = None,
    period_seconds: int = 60,
) -> str:
    """The ARN of the SNS topic that hears when ErrorRate exceeds the threshold, and when it no longer does.

    Makes the topic and the alarm where they are missing or otherwise set; a repetition changes nothing, so that the
    alarm's state lives on. Between runs there is no data: the state stays as the last run left it.
    dimensions: those that `publish` is given.
    """
    topic = str(sns.create_topic(Name=topic_name)["TopicArn"])
    name = "-".join(("gridbridge-error-rate", *(dimensions or {}).values()))
    wanted = {
        "AlarmName": name,
        "AlarmDescription": f"More than {threshold_percent:g} % of a run's messages went to quarantine.",
        "Namespace": NAMESPACE,
        "MetricName": ERROR_RATE,
        "Dimensions": _named(dimensions or {}),
        "Statistic": "Maximum",
        "Period": period_seconds,
        "EvaluationPeriods": 1,
        "Threshold": float(threshold_percent),
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
        "AlarmActions": [topic],
        "OKActions": [topic],
    }
    alarms = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if not alarms or any(alarms[0].get(key) != value for key, value in wanted.items()):
        cloudwatch.put_metric_alarm(**wanted)
    return topic


def _metrics(summary: Mapping[str, Any], dimensions: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    def metric(name: str, value: float, unit: str, **more: str) -> dict[str, Any]:
        # A resolution of a second, so that an alarm's period may be shorter than a minute.
        return {
            "MetricName": name,
            "Dimensions": _named({**dimensions, **more}),
            "Value": float(value),
            "Unit": unit,
            "StorageResolution": 1,
        }

    rate = error_rate(summary)
    if rate is not None:
        yield metric(ERROR_RATE, rate, "Percent")
    for percentile, seconds in (summary.get("freshness_seconds") or {}).items():
        yield metric(f"DataLatency{percentile.upper()}", seconds, "Seconds")
    for stage, seconds in (summary.get("stage_seconds") or {}).items():
        yield metric("ProcessingTime", seconds, "Seconds", Stage=stage)
    if summary.get("status") in _ENDED:
        yield metric("Failed", summary["status"] == "failed", "Count")
    for key, (name, unit) in _PLAIN.items():
        if summary.get(key) is not None:
            yield metric(name, summary[key], unit)
    for reason, counts in (summary.get("quarantined") or {}).items():
        yield metric("Quarantined", _run(counts), "Count", Reason=reason)


def _run(counts: Mapping[str, int] | None) -> int:
    return int((counts or {}).get("run") or 0)


def _named(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]
