"""Measuring the pipeline engine (`manage.py bench pipeline`)."""
