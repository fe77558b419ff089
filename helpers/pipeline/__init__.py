"""The PEAK pipeline's layers: DataFrames in, DataFrames out; no layer knows a broker, a bucket or a database."""
