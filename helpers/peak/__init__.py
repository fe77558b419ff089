"""The PEAK world: real recordings, relational data around them, and the telemetry that replays them."""
