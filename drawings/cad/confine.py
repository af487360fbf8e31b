"""What the worker takes away from itself before it opens the file: limits, privileges, files, network (自我约束).

Everything here works without packages and without root: rlimits, prctl and Landlock (Linux 5.13+). Each function tells whether
its fence holds, so that the report of `sandbox.protections()` is true.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import sysconfig
from pathlib import Path

from drawings.cad import limits

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE = 1, 38, 4
SYS_CREATE_RULESET, SYS_ADD_RULE, SYS_RESTRICT_SELF = 444, 445, 446
RULE_PATH = 1
PROJECT = Path(__file__).resolve().parents[2]

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
ALL_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
WITH_IOCTL = (1 << 16) - 1
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_UNIX, SCOPE_SIGNAL = 1, 2


def readable_paths() -> list[Path]:
    """Interpreter, standard library, packages, this library and the DWG reader: all that a worker may read."""
    from drawings.cad.tools import libredwg_folder, node_binary

    places = {Path(p).resolve() for p in sysconfig.get_paths().values() if p}
    places |= {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(sys.executable).parent.resolve()}
    places |= {Path(p).resolve() for p in sys.path if p and "site-packages" in p}
    places.add(PROJECT / "drawings")
    places.add(Path(sys.prefix))
    if sys.pycache_prefix:
        places.add(Path(sys.pycache_prefix))
    folder, node = libredwg_folder(), node_binary()
    if folder:
        places.add(folder.resolve())
    if node:
        places.add(node.resolve().parent.parent if node.resolve().parent.name == "bin" else node.resolve().parent)
    return sorted(p for p in places if p.exists() and p != Path("/"))


def die_with_parent() -> bool:
    """Ask the kernel to kill this process when the supervisor dies."""
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0)


def no_new_privileges() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    return bool(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def set_limits(size: int) -> bool:
    """Resource limits of this process and its children. Node needs more address space: the hard limit leaves it room."""
    space = limits.address_space(size)
    total = int(limits.total_seconds(size, "prepare")) + 5

    def lower(what: int, soft: int, hard: int) -> None:
        _, top = resource.getrlimit(what)
        if top != resource.RLIM_INFINITY:
            hard, soft = min(hard, top), min(soft, top)
        resource.setrlimit(what, (soft, hard))

    lower(resource.RLIMIT_AS, space, max(space, limits.NODE_ADDRESS_SPACE))
    lower(resource.RLIMIT_CPU, total, total + 5)
    lower(resource.RLIMIT_FSIZE, limits.OUTPUT_BYTES, limits.OUTPUT_BYTES)
    lower(resource.RLIMIT_NOFILE, limits.OPEN_FILES, limits.OPEN_FILES)
    lower(resource.RLIMIT_CORE, 0, 0)
    return True


def landlock(scratch: Path) -> dict[str, bool]:
    """Deny every file but `readable_paths()` (read) and `scratch` (write), TCP, and signals to others.

    Returns which of "files", "tcp" hold. Needs no privilege; both False on kernels without Landlock.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    syscall = libc.syscall
    syscall.restype = ctypes.c_long
    abi = int(syscall(SYS_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))
    if abi < 1:
        return {"files": False, "tcp": False}

    class Ruleset(ctypes.Structure):
        _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]

    class PathRule(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("allowed", ctypes.c_uint64), ("fd", ctypes.c_int32)]

    rights = ALL_FILE_RIGHTS.get(abi, WITH_IOCTL)
    net = BIND_TCP | CONNECT_TCP if abi >= 4 else 0
    scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL if abi >= 6 else 0
    rules = Ruleset(rights, net, scoped)
    length = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = int(syscall(SYS_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(length), ctypes.c_uint32(0)))
    if ruleset < 0:
        return {"files": False, "tcp": False}
    read = EXECUTE | READ_FILE | READ_DIR
    write = read | WRITE_FILE | sum(1 << bit for bit in (4, 5, 7, 8)) | ((1 << 14) if abi >= 3 else 0)
    system = [
        Path(p) for p in ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/proc", "/sys/devices/system/cpu")
    ]
    places = [(p, read) for p in [*system, *readable_paths()]]
    places += [(scratch, write)]
    places += [(Path(p), READ_FILE | WRITE_FILE) for p in ("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero")]
    for path, allowed in places:
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if not path.is_dir():
                allowed &= EXECUTE | READ_FILE | WRITE_FILE  # noqa: PLW2901
            rule = PathRule(allowed & rights, fd)
            syscall(
                SYS_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(RULE_PATH), ctypes.byref(rule), ctypes.c_uint32(0)
            )
        finally:
            os.close(fd)
    held = syscall(SYS_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    os.close(ruleset)
    return {"files": held, "tcp": held and bool(net)}


def give_back_memory() -> None:
    """Tell the C library to return what is free: it keeps large arrays for later, and the watch counts them (glibc only)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))


def measured(scratch: Path) -> dict[str, object]:
    """From inside the finished fence: what really is refused here."""
    return {
        "network": not _network_answers(),
        "filesystem": not _can_read("/etc/passwd"),
        "writes_outside": _can_write(Path("/tmp") / f"lianshen-probe-{os.getpid()}"),  # noqa: S108
        "writes_scratch": _can_write(scratch / "probe"),
        "uid": os.getuid(),
        "capabilities": _status("CapEff"),
        "no_new_privs": _status("NoNewPrivs") == "1",
        "rlimits": resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY,
    }


def _network_answers() -> bool:
    """Whether a TCP connection even to this host's own loopback would leave this process."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        try:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
        except OSError:
            return False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # no packet is sent: asks only for a route
            except OSError:
                return False
    return True


def _can_read(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            file.read(1)
    except OSError:
        return False
    return True


def _can_write(path: Path) -> bool:
    try:
        path.write_bytes(b"x")
        path.unlink()
    except OSError:
        return False
    return True


def _status(key: str) -> str:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""
