"""Random SELECTs from a grammar: `query(seed, world)` draws one, `run` holds the bridge against Spark on many."""
