"""The long forms of the races that the tests try in short."""
