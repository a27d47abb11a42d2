#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One right solution of every pack and all that crash or cheat get the verdict that they promise, for an ordinary user
too. What is wrong or slow does not hang on who grades.

    solutions_as_user.py CMAKE BUILD_DIR SOLUTIONS

Installs the harness into a folder that anybody can read, puts the test program SOLUTIONS beside it, where that finds
the installed parts, and runs it as the user nobody, whose home is an empty folder. Needs root to change to that user;
without it the tests of the packs run as an ordinary user already, and this one says so and is skipped (exit 77)."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534
KINDS = ("crash_", "cheat_")


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def check(program, home, pack):
    print(pack.name, flush=True)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C"}
    right = sorted(path.name for path in (pack / "solutions").glob("accepted_*.c"))
    kinds = right[:1] + [kind for kind in KINDS if any((pack / "solutions").glob(kind + "*"))]

    def holds(kind):
        return subprocess.run([program, str(pack), kind], env=environment, cwd=home, check=False,
                              preexec_fn=become_nobody, timeout=900).returncode == 0

    # Once more before it counts: a moment of other work on this machine makes a timing `unstable`.
    return right != [] and all(holds(kind) or holds(kind) for kind in kinds)


def main():
    if os.geteuid() != 0:
        print("SKIP: not root, so the tests named solutions_* have run as an ordinary user already")
        return 77
    root = pathlib.Path(tempfile.mkdtemp(prefix="as-user-"))
    try:
        prefix, home = root / "prefix", root / "home"
        home.mkdir()
        os.chmod(root, 0o755)
        os.chown(home, NOBODY, NOBODY)
        subprocess.run([sys.argv[1], "--install", sys.argv[2], "--prefix", str(prefix)], check=True,
                       stdout=subprocess.DEVNULL)
        program = shutil.copy(sys.argv[3], prefix / "bin")
        packs = sorted(path.parent for path in (prefix / "share" / "harness" / "challenges").glob("*/challenge.json"))
        right = [check(program, home, pack) for pack in packs]
        print(f"{sum(right)} of {len(right)} packs behave as they promise")
        return 0 if right and all(right) else 1
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    sys.exit(main())
