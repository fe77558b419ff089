"""Own data: a typed DataFrame from a file or a table, its profile, and ways on into a topic or the lake."""

from helpers.desk.playground.own.data import own_data
from helpers.desk.playground.own.lake import to_lake
from helpers.desk.playground.own.profile import profile
from helpers.desk.playground.own.replay import replay

__all__ = ["own_data", "profile", "replay", "to_lake"]
