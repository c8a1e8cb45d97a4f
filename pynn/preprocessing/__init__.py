"""Keras's older names for what stands in `pynn.utils`."""
