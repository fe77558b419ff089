"""A run's honesty: what was sent against what the lake holds, and gold computed again outside Spark."""
