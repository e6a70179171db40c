"""The business's arithmetic: pure, frozen, exact. No Django, no I/O, no clock."""
