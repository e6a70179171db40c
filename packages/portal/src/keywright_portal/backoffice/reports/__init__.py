"""What the vendor's finance people take away each month, a file a module. Months are of UTC, as terms are."""
