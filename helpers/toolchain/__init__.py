"""What has to be on the machine before anything starts: Java, jars, LocalStack, Spark's settings."""

from helpers.toolchain.apart import LOCALSTACK
from helpers.toolchain.jars import ensure_jars, jars_folder
from helpers.toolchain.java import java
from helpers.toolchain.kafka import kafka_java_command
from helpers.toolchain.sparkconf import spark_conf

__all__ = [
    "LOCALSTACK",
    "ensure_jars",
    "jars_folder",
    "java",
    "kafka_java_command",
    "spark_conf",
]
