#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every solution of every pack gets the verdict that its first line promises, for an ordinary user too.

    solutions_as_user.py CMAKE BUILD_DIR

Installs the harness into a folder that anybody can read and grades with the installed program as the user nobody, whose
home is an empty folder. Needs root to change to that user; without it the tests of the packs run as an ordinary user
already, and this one says so and is skipped (exit 77)."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534
TRIES = 3


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def grade(harness, home, source, timing):
    command = [harness, "run", "--json", "-"] + ([] if timing else ["--no-timing"]) + [str(source)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home, check=False,
                          preexec_fn=become_nobody, timeout=300)
    try:
        return json.loads(done.stdout)["verdict"]
    except (json.JSONDecodeError, KeyError):
        return f"exit {done.returncode}: {done.stderr.strip()[:200]}"


def check(harness, home, source):
    promised = source.read_text().splitlines()[0].split("expect:")[1].strip()
    about_speed = promised in ("passed", "too_slow")
    for _ in range(TRIES):
        seen = grade(harness, home, source, about_speed)
        if seen == "passed" and not about_speed:
            seen = grade(harness, home, source, True)
        if seen != "unstable":
            break
    right = seen == promised
    print(f"{source.parent.parent.name:<20}{source.name:<34}{'ok' if right else 'BAD':<5}{promised:<18}"
          f"{'' if right else 'but ' + seen}", flush=True)
    return right


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
        sources = sorted((prefix / "share" / "harness" / "challenges").glob("*/solutions/*.c"))
        right = [check(str(prefix / "bin" / "harness"), home, source) for source in sources]
        print(f"{sum(right)} of {len(right)} files got the verdict they promise")
        return 0 if right and all(right) else 1
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    sys.exit(main())
