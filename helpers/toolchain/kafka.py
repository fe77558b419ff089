"""How the broker's Java is started."""

from __future__ import annotations

from helpers.toolchain.archives import archive_flags
from helpers.toolchain.jars import ensure_jars, jars_folder
from helpers.toolchain.java import java


def kafka_java_command(archive: list[str] | None = None) -> list[str]:
    """Java with the broker's flags and class path; append a main class and its arguments.

    archive: the JVM flags about a class archive; None = use the one that set-up made, if it fits.
    Fetches the broker's jars if they are not there. Raises SetupError as `java` and `ensure_jars` do.
    """
    program = java()
    ensure_jars("kafka")
    return [
        str(program),
        "-Xmx256m",
        # A small broker on a laptop: quick to start, little memory.
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        *(archive_flags("kafka") if archive is None else archive),
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-cp",
        str(jars_folder("kafka") / "*"),
    ]
