"""Bronze, silver and gold, from DataFrames to DataFrames: nothing here knows a broker, a bucket or a database."""
