"""Limits on what a drawing may ask of us (promises.md section 6.1). One place, in plain numbers."""

from __future__ import annotations

MIB = 1 << 20

FILE_BYTES = 200 * MIB
PAGES = 2000
PAGE_SIDE_PT = 28_800.0
RASTER_PIXELS = 25_000_000
PRIMITIVES = 2_000_000
"""Entities after expansion of block references."""
VERTICES = 40_000_000
INSERT_DEPTH = 64
DXF_LINE_BYTES = 128 * 1024
COORDINATE = 1e12
DASHES_PER_LINE = 100_000
HATCH_LINES = 1_000_000
LAYERS = 65_534
LEVELS = 64
SMALL_FILE = 5 * MIB

OUTPUT_BYTES = 2 << 30
OPEN_FILES = 512


def memory_bytes(size: int) -> int:
    """Resident memory that the whole job may use, for a file of `size` bytes."""
    return 1536 * MIB if size <= SMALL_FILE else 2048 * MIB


def address_space(size: int) -> int:
    """RLIMIT_AS of the Python worker."""
    return 3072 * MIB if size <= SMALL_FILE else 6144 * MIB


NODE_ADDRESS_SPACE = 6144 * MIB


WALL_FACTOR = 4.0
"""Limits of time are processor seconds of the whole process tree; on the clock it may be this many times longer on a busy host."""


def check_seconds(size: int) -> float:
    """Processor time until the content is read and judged."""
    return 25.0 + 6.0 * max(0, size - SMALL_FILE) / MIB


def total_seconds(size: int, job: str) -> float:
    """Processor time for the whole job: drawing what was judged to be within the limits may take longer."""
    if job == "inspect":
        return 60.0 + 12.0 * max(0, size - SMALL_FILE) / MIB
    return 600.0 + 12.0 * max(0, size - SMALL_FILE) / MIB
