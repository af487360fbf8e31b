"""Settings, routing and process start of Lianshen (联审).

Empty on purpose: the launcher lives here and must start without importing Django or Celery (config/apps.py does that).
"""
