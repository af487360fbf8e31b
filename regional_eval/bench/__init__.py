"""Measuring the spatial engine (`manage.py bench spatial`)."""
