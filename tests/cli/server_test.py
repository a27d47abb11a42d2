#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shared store on a server of its own: server_test.py HARNESS SOURCE_DIR TEST_STORE TEST_STORE_WRITERS.

Starts Debian's PostgreSQL in a scratch folder, on a socket and no port, as an ordinary user. The programs that test the
store against SQLite are run against it too.
"""

import glob
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import unittest

import program
from program import GOOD, Case

PASSWORD = "only for this test"
PROGRAMS = []


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


class Server:
    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        if not found:
            skip("Debian's package postgresql is not installed")
        self.bin = pathlib.Path(found[-1]).parent
        self.user = []
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="harness-pg-"))
        if os.geteuid() == 0:
            try:
                entry = pwd.getpwnam("postgres")
            except KeyError:
                skip("there is no user postgres, and the server does not run as root")
            os.chown(self.path, entry.pw_uid, entry.pw_gid)
            self.user = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
        self.path.chmod(0o755)
        (self.path / "password").write_text(PASSWORD)
        (self.path / "password").chmod(0o644)
        self.passfile = self.path / "pgpass"
        self.passfile.write_text(f"*:*:*:grader:{PASSWORD}\n")
        self.passfile.chmod(0o600)
        self.url = f"postgresql://grader@/postgres?host={self.path}"

    def tool(self, name, *arguments):
        done = subprocess.run([*self.user, str(self.bin / name), *map(str, arguments)], cwd="/", timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stdout}")

    def prepare(self):
        self.tool("initdb", "-D", self.path / "data", "-U", "grader", "-E", "UTF8", "--locale=C", "--no-sync",
                  "--auth=scram-sha-256", f"--pwfile={self.path / 'password'}")

    def start(self):
        self.tool("pg_ctl", "-D", self.path / "data", "-w", "-l", self.path / "data" / "log", "-o",
                  f"-k {self.path} -c listen_addresses= -c fsync=off -c max_connections=30", "start")

    def stop(self):
        self.tool("pg_ctl", "-D", self.path / "data", "-w", "-m", "immediate", "stop")

    def remove(self):
        try:
            self.stop()
        except RuntimeError:
            pass
        shutil.rmtree(self.path, ignore_errors=True)


SERVER = None


class Shared(Case):
    def harness(self, *arguments, **more):
        more.setdefault("PGPASSFILE", str(SERVER.passfile))
        return self.place.run(*arguments, **more)

    def test_same_tests_as_sqlite(self):
        for path in PROGRAMS:
            done = subprocess.run([path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                                  env=self.place.environment(HARNESS_TEST_STORE=SERVER.url,
                                                             PGPASSFILE=str(SERVER.passfile)))
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertRegex(done.stdout, r"100%: Checks: \d")

    def test_run_log_and_show(self):
        self.put("work.c", GOOD)
        for _ in range(2):
            done = self.harness("run", "--no-timing", "--store", SERVER.url, "work.c")
            self.assertEqual(done.returncode, 0, done.stderr)
        number = done.stdout.rstrip().splitlines()[-1].split()[1]
        self.assertTrue(number.isdigit(), done.stdout)
        done = self.harness("log", "--store", SERVER.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"(?m)^ *{number} .* work\.c ")
        done = self.harness("show-run", number, HARNESS_STORE=SERVER.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("PASSED", done.stdout)

    def test_password_in_the_url_is_refused(self):
        self.put("work.c", GOOD)
        for url in (SERVER.url.replace("grader@", "grader:hunter2@"), SERVER.url + "&password=hunter2"):
            done = self.harness("run", "--no-timing", "--store", url, "work.c")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("PGPASSFILE", done.stderr)
            self.assertNotIn("hunter2", done.stderr)

    def test_wrong_password(self):
        done = self.harness("log", "--store", SERVER.url, PGPASSWORD="wrong", PGPASSFILE="/dev/null")
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertRegex(done.stderr, r"\Aharness: cannot reach the store [^\n]+\n\Z")

    def test_bad_urls(self):
        for url in ("postgresql://[", "postgresql://host/db?no_such_thing=1"):
            done = self.harness("log", "--store", url)
            self.assertEqual((done.returncode, done.stdout), (2, ""), url)
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_server_away(self):
        """Found out before anything is graded when it was asked for; else it costs a note."""
        self.put("work.c", GOOD)
        SERVER.stop()
        try:
            named = self.harness("run", "--no-timing", "--store", SERVER.url, "work.c")
            other = self.harness("run", "--no-timing", "work.c", HARNESS_STORE=SERVER.url)
        finally:
            SERVER.start()
        self.assertEqual((named.returncode, named.stdout), (4, ""))
        self.assertEqual(named.stderr.count("\n"), 1, named.stderr)
        self.assertEqual(other.returncode, 0, other.stderr)
        self.assertIn("PASSED", other.stdout)
        self.assertRegex(other.stderr, r"(?m)^harness: not kept: cannot reach the store ")


if __name__ == "__main__":
    PROGRAMS = [str(pathlib.Path(path).resolve()) for path in sys.argv[3:5]]
    SERVER = Server()
    try:
        SERVER.prepare()
        SERVER.start()
        result = unittest.main(argv=program.setup(sys.argv[:3] + sys.argv[5:]), exit=False).result
    finally:
        SERVER.remove()
    sys.exit(not result.wasSuccessful())
