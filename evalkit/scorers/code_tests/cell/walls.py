"""Walls around code that a model wrote: namespaces where the system has them, and limits of what one process may take.

Linux calls by ctypes: unshare(2), mount(2), mount_setattr(2), capset(2), prctl(2). What cannot be had is left out, and
the names of the walls that stand are returned.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping

NETWORK, FILES, PROCESSES, SECRETS = "network", "files", "processes", "secrets"
"""No network; nothing can be written but a small folder in memory; no process outlives the test or can be reached; the
environment of other processes cannot be read"""
_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
_WAYS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (_NEWUSER | _NEWNET | _NEWIPC | _NEWPID | _NEWNS, (NETWORK, PROCESSES, SECRETS)),
    (_NEWUSER | _NEWNET | _NEWIPC | _NEWPID, (NETWORK, PROCESSES, SECRETS)),
    (_NEWUSER | _NEWNET | _NEWIPC, (NETWORK, SECRETS)),
    (_NEWNET, (NETWORK,)),
)
_MS_NOSUID_NODEV, _MS_PRIVATE_ALL = 2 | 4, (1 << 18) | 16384
_MOUNT_SETATTR, _RECURSIVE, _RDONLY = 442, 0x8000, 1
_PDEATHSIG, _NO_NEW_PRIVS, _CHILD_SUBREAPER = 1, 38, 36
_CAPSET_V3 = 0x20080522


def raise_walls(folder: str, *, disk_mb: int) -> tuple[str, ...]:
    """Cut this process off, and all its later children.

    It goes as far as the system lets it.

    Returns the names of the walls. The network counts as cut only where no interface but the loopback is left, and it
    is down.
    """
    if not sys.platform.startswith("linux"):
        return ()
    uid, gid = os.getuid(), os.getgid()
    for flags, names in _WAYS:
        if _call("unshare", flags) != 0:
            continue
        if flags & _NEWUSER:
            _map_user(uid, gid)
        walls = [name for name in names if name != NETWORK or _is_offline()]
        if flags & _NEWNS and _close_files(folder, disk_mb=disk_mb):
            walls.append(FILES)
        return tuple(walls)
    return ()


def die_with_parent() -> None:
    """Let the system end this process when the one that made it ends."""
    _prctl(_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Let processes whose parents end become children of this one."""
    _prctl(_CHILD_SUBREAPER, 1)


def show_own_processes() -> None:
    """Show only the processes of this namespace in /proc, where the system lets it."""
    _mount(b"proc", b"/proc", b"proc", 0, None)


def limit_process(limits: Mapping[str, int]) -> None:
    """Limit what this process may take, for good.

    All rights of an administrator are given up.

    `limits`: cpu_s, memory_mb, disk_mb, processes.
    """
    mega = 1 << 20
    wanted = [
        ("RLIMIT_CPU", limits["cpu_s"], limits["cpu_s"] + 1),
        ("RLIMIT_AS", limits["memory_mb"] * mega, limits["memory_mb"] * mega),
        ("RLIMIT_FSIZE", limits["disk_mb"] * mega, limits["disk_mb"] * mega),
        ("RLIMIT_NPROC", limits["processes"], limits["processes"]),
        ("RLIMIT_NOFILE", 128, 128),
        ("RLIMIT_CORE", 0, 0),
    ]
    for name, soft, hard in wanted:
        kind = getattr(resource, name, None)
        if kind is not None:
            most = resource.getrlimit(kind)[1]
            top = hard if most == resource.RLIM_INFINITY else min(hard, most)
            resource.setrlimit(kind, (min(soft, top), top))
    _prctl(_NO_NEW_PRIVS, 1)
    if sys.platform.startswith("linux"):
        head = (ctypes.c_uint32 * 2)(_CAPSET_V3, 0)
        _call("capset", ctypes.byref(head), ctypes.byref((ctypes.c_uint32 * 6)()))


def _map_user(uid: int, gid: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        try:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
        except OSError:
            return


def _is_offline() -> bool:
    """Whether no address can be reached, this machine's own included."""
    if [name for _, name in socket.if_nameindex() if name != "lo"]:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("127.0.0.1", 9))
        except OSError:
            return True
    return False


def _close_files(folder: str, *, disk_mb: int) -> bool:
    """Make every file system read-only, and the folder a small one in memory."""
    place = folder.encode()
    attributes = (ctypes.c_uint64 * 4)(_RDONLY, 0, 0, 0)
    closed = _mount(None, b"/", None, _MS_PRIVATE_ALL, None) and (
        _call("syscall", _MOUNT_SETATTR, -100, b"/", _RECURSIVE, ctypes.byref(attributes), ctypes.sizeof(attributes))
        == 0
    )
    size = f"size={disk_mb}m,mode=0700".encode()
    held = _mount(b"tmpfs", place, b"tmpfs", _MS_NOSUID_NODEV, size)
    if held:
        os.chdir(folder)  # what lies under a mount is seen from inside it no more
    return closed and held


def _mount(source: bytes | None, place: bytes, kind: bytes | None, flags: int, data: bytes | None) -> bool:
    return _call("mount", source, place, kind, ctypes.c_ulong(flags), data) == 0


def _prctl(option: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        _call("prctl", option, value, 0, 0, 0)


def _call(name: str, *arguments: object) -> int:
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    return -1 if function is None else int(function(*arguments))
