"""Measuring the rooms (度量): server and load in separate processes, on a scratch database."""
