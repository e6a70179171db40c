"""Work in the background: which job runs how often, and the runner that runs each once over all nodes."""
