"""What can be bought: products, plans, add-ons, prices; the vendor's own details; versions of the policies."""
