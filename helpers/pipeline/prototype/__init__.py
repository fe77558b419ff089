"""A pipeline of one's own: its folder under `pipelines/`, its sources and sinks, and a run of it."""

from helpers.pipeline.prototype import sinks, sources
from helpers.pipeline.prototype.contract import expect
from helpers.pipeline.prototype.run import Prototype, start

__all__ = ["Prototype", "expect", "sinks", "sources", "start"]
