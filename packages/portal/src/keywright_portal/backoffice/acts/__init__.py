"""What the vendor's billing people do here, an act a module. Each calls one service."""
