"""Random trials of everything that ketgrad does, against references that share no code with it.

`scripts/campaign.sh` runs it; docs/reliability.md is what it found. A section is one question (do
random circuits give the right state?), tried on cases drawn from a fresh seed until its time ends.
"""
