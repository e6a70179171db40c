"""Settings, addresses and the WSGI application. It may import every room; none imports it."""
