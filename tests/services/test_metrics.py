"""Metrics and the alarm on a real CloudWatch API: a bad run fires it, good data close it, SQS hears both."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from helpers import services
from helpers.pipeline import metrics

pytestmark = pytest.mark.services

PERIOD = 10
"""Seconds; a bad value is seen for three periods by LocalStack, so a minute's would make the test take four."""
SUMMARY = {
    "events_sent": {"run": 990, "total": 2000},
    "bronze_rows": {"run": 1000, "total": 2000},
    "quarantined": {"EMPTY": {"run": 15, "total": 20}, "OVERSIZE": {"run": 10, "total": 10}},
    "quarantined_rows": {"run": 20, "total": 25},
    "freshness_seconds": {"p50": 20.5, "p95": 31.0, "p99": 33.25},
    "stage_seconds": {"bronze": 9.5, "silver": 12.0},
    "cpu_seconds": 140.2,
    "memory_mb": 2100.0,
    "disk_mb": 310.5,
    "lag_messages": 3,
    "status": "failed",
}


@pytest.fixture
def clients(running):
    return {name: services.aws(name) for name in ("cloudwatch", "sns", "sqs")}


@pytest.fixture
def dimensions():
    return {"TopicPrefix": f"test-{uuid.uuid4().hex[:8]}"}


def test_every_metric_of_a_run_can_be_read_back(clients, dimensions):
    cloudwatch = clients["cloudwatch"]
    assert metrics.publish(cloudwatch, SUMMARY, dimensions) == 13
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    # By dimension, for whoever else publishes to the namespace.
    listed = cloudwatch.list_metrics(Namespace=metrics.NAMESPACE, Dimensions=named)["Metrics"]
    assert len(listed) == 13
    expected = {
        ("ErrorRate",): 2.0,
        ("DataLatencyP50",): 20.5,
        ("DataLatencyP95",): 31.0,
        ("DataLatencyP99",): 33.25,
        ("ProcessingTime", "bronze"): 9.5,
        ("ProcessingTime", "silver"): 12.0,
        ("CpuSeconds",): 140.2,
        ("Memory",): 2100.0,
        ("Disk",): 310.5,
        ("Lag",): 3.0,
        ("Failed",): 1.0,
        ("Quarantined", "EMPTY"): 15.0,
        ("Quarantined", "OVERSIZE"): 10.0,
    }
    now = datetime.now(UTC)
    found = {}
    for each in listed:
        points = cloudwatch.get_metric_statistics(
            Namespace=metrics.NAMESPACE,
            MetricName=each["MetricName"],
            Dimensions=each["Dimensions"],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=3600,
            Statistics=["Maximum"],
        )["Datapoints"]
        more = (d["Value"] for d in each["Dimensions"] if d["Name"] not in dimensions)
        found[(each["MetricName"], *more)] = points[0]["Maximum"]
    assert found == expected


@pytest.mark.proof
def test_the_alarm_fires_on_a_bad_run_and_closes_on_a_good_one(clients, dimensions):
    cloudwatch, sns, sqs = clients["cloudwatch"], clients["sns"], clients["sqs"]
    name = f"heard-{dimensions['TopicPrefix']}"
    topic = metrics.ensure_alarm(cloudwatch, sns, name, 5, dimensions, PERIOD)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    heard = []

    @retry(stop=stop_after_delay(90), wait=wait_fixed(0.5), retry=retry_if_result(lambda done: not done))
    def hears(state, summary):
        """Publish until the alarm says so: one value alone could fall between two evaluations of a slow machine."""
        metrics.publish(cloudwatch, summary, dimensions)
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=3).get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            heard.append(json.loads(json.loads(message["Body"])["Message"])["NewStateValue"])
        return state in heard

    hears("ALARM", {**SUMMARY, "quarantined_rows": {"run": 60, "total": 60}})
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"gridbridge-error-rate-{dimensions['TopicPrefix']}"])[
        "MetricAlarms"
    ]
    assert (alarm["StateValue"], alarm["Threshold"]) == ("ALARM", 5.0)
    heard.clear()
    assert metrics.ensure_alarm(cloudwatch, sns, name, 5, dimensions, PERIOD) == topic
    (same,) = cloudwatch.describe_alarms(AlarmNames=[alarm["AlarmName"]])["MetricAlarms"]
    assert same["StateValue"] == "ALARM"
    hears("OK", SUMMARY)


def test_a_changed_threshold_is_taken_over(clients, dimensions):
    cloudwatch, sns = clients["cloudwatch"], clients["sns"]
    for threshold in (5, 12.5):
        metrics.ensure_alarm(cloudwatch, sns, "thresholds", threshold, dimensions)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"gridbridge-error-rate-{dimensions['TopicPrefix']}"])[
        "MetricAlarms"
    ]
    assert alarm["Threshold"] == 12.5
    assert alarm["OKActions"] == alarm["AlarmActions"]
    assert alarm["AlarmActions"][0].endswith(":thresholds")
