"""The shell's front door."""
