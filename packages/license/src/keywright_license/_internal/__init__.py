"""Everything that reads bytes before they are verified, and so is no interface."""
