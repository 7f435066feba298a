"""The demo command: quantum classifiers on real data, beside classical ones."""
