"""The report of a run, as one page of HTML."""

from helpers.pipeline.report.page import render

__all__ = ["render"]
