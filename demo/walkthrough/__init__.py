"""Every procedure of a customer, played in a real browser on a fresh demo, with a picture of each step."""
