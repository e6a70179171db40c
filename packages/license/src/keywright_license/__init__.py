"""The license file: model, formats, keys, verifying and signing."""
