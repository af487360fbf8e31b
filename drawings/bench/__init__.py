"""Measuring drawings (`manage.py bench drawings`)."""
