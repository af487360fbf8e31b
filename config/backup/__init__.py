"""Backup and restore (备份与恢复): database, files, and the audit root that proves both sides equal.

A backup folder holds
  manifest.json     when, what, row counts, audit root, and every file with its size and SHA-256
  database.dump     pg_dump's custom format
  blobs/...         everything below BLOB_DIR
Keys are not in it: `--keys FILE` writes them to a file of their own, to be kept apart.
"""
