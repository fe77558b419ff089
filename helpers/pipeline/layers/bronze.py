"""Sources → bronze: every message as received, with its place and its arrival; nothing refused, nothing lost."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

MESSAGES = (
    "topic STRING, partition INT, offset BIGINT, key BINARY, arrival_time TIMESTAMP, raw BINARY, arrival_month STRING"
)
"""bronze/messages: grain one Kafka record; key (topic, partition, offset)."""

WEATHER = "path STRING, arrival_time TIMESTAMP, raw BINARY, arrival_month STRING"
"""bronze/weather: grain one file of the landing prefix; key path, the object's key in its bucket."""

_BYTES = "ISO-8859-1"
# Latin-1 maps each byte to one character and back, so text functions can cut bytes without changing them.


def month(time: str | Column) -> Column:
    """'YYYY-MM' of a timestamp in the session's zone (UTC) or of a date: the partition column of every table."""
    return F.date_format(time, "yyyy-MM")


def to_bronze(records: DataFrame) -> DataFrame:
    """Records of Spark's Kafka source → rows of MESSAGES. The broker's append time is the arrival time."""
    return records.select(
        "topic",
        "partition",
        "offset",
        "key",
        F.col("timestamp").alias("arrival_time"),
        F.col("value").alias("raw"),
        month("timestamp").alias("arrival_month"),
    )


def weather_to_bronze(files: DataFrame, bucket: str) -> DataFrame:
    """Rows of Spark's binaryFile source → rows of WEATHER; the path becomes the object's key in `bucket`."""
    return files.select(
        F.substring_index("path", f"//{bucket}/", -1).alias("path"),
        F.col("modificationTime").alias("arrival_time"),
        F.col("content").alias("raw"),
        month("modificationTime").alias("arrival_month"),
    )


def lines(files: DataFrame) -> DataFrame:
    """Rows of WEATHER → their lines: path, arrival_time, number (from 0), raw, header (the file's first line).

    A line's raw bytes are those of the file, without its line ending; what follows the last line ending is no line.
    """
    text = F.regexp_replace(F.decode("raw", _BYTES), r"\r?\n$", "")

    def numbered(split: Column) -> Column:
        return F.transform(
            split,
            lambda line, number: F.struct(number.alias("number"), line.alias("line"), split[0].alias("header")),
        )

    # The lambda binds the lines of a file to a name: as a column of its own they would be split anew for each line.
    found = F.flatten(F.transform(F.array(F.split(text, r"\r?\n")), numbered))
    return files.select("path", "arrival_time", F.inline(found)).withColumn("raw", F.encode("line", _BYTES))


def weather_messages(files: DataFrame) -> DataFrame:
    """bronze/weather → a message a data line: topic (the path), partition 0, offset (the line's number), raw, header.

    The header is line 0 and no message; a file of a header alone has none.
    """
    return (
        lines(files)
        .where("number > 0")
        .select(
            F.col("path").alias("topic"),
            F.lit(0).alias("partition"),
            F.col("number").cast("bigint").alias("offset"),
            "arrival_time",
            "raw",
            "header",
        )
    )


def messages(records: DataFrame, weather: DataFrame) -> DataFrame:
    """bronze/messages and the lines of bronze/weather as one: topic, partition, offset, arrival_time, raw, header.

    header: the first line of the message's file; NULL for a Kafka record, whose body names its own fields.
    """
    return records.select(
        "topic", "partition", "offset", "arrival_time", "raw", F.lit(None).cast("string").alias("header")
    ).unionByName(weather_messages(weather))
