"""From a notebook to a job: a pipeline run on a schedule or on new objects."""

from helpers.pipeline.job.history import History
from helpers.pipeline.job.job import Job

__all__ = ["History", "Job"]
