"""Measurements and proofs on a whole running site: `make prove` runs them all."""
