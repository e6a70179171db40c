"""What the vendor has withdrawn: the newest revocation bundle of each series, as signed. A bundle only tells."""
