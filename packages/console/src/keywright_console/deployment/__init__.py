"""The server as a deployment of the vendor's product: its key, its place under the license, its way to the portal.

Nothing in this room stops a server: without a place it warns, and goes on.
"""
