"""Who wants to know of a job's failures hears of them by SNS."""

from __future__ import annotations

from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from helpers import services
from helpers.core.errors import GridbridgeError

TOPIC = "gridbridge-jobs"


def failure(topic: str, name: str, run_id: str, cause: str, report: Path) -> str:
    """Publish that a run of a job failed: its cause and where its report is. Returns why it could not be told.

    topic: the name of an SNS topic, made where it is missing. Never raises for want of SNS: the failure that is to
    be told must not be buried by another one.
    """
    try:
        sns = services.aws("sns")
        sns.publish(
            TopicArn=sns.create_topic(Name=topic)["TopicArn"],
            Subject=f"The job {name} failed"[:100],
            Message=f"The job {name} failed in its run {run_id}: {cause.rstrip('.')}; its report is {report}.",
        )
    except (BotoCoreError, ClientError, GridbridgeError) as error:
        return " ".join(str(error).split())
    return ""
