"""The PEAK pipeline: pure layers (bronze, silver, gold), and the run that wires them to the real stores."""

from helpers.pipeline.run import Run, start

__all__ = ["Run", "start"]
