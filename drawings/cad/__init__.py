"""The CAD library: from an untrusted DWG, DXF or PDF file to prepared sheets (图纸预处理).

Knows no web framework. The doors are `drawings.cad.sandbox.run` (always in a process of its own) and
`drawings.cad.errors.Refusal`. The format of what it writes is docs/drawing-format.md.
"""

PREPARE_VERSION = "10"
"""Raised whenever the same source file would give other prepared files: part of every `render_id`."""
