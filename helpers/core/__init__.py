"""What every other room stands on: settings, errors, the event journal, time and seeded randomness."""
