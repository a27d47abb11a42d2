# SPDX-License-Identifier: MIT
"""What machine_test.py and caller_test.py share: a place, a submission, a pack, and two users.

Everything is graded as root and as an ordinary user where this is root, as this user where not. Wherever grading is
possible the honest solution passes; where it is not, the exit code is the documented one and one sentence names the
place and the remedy. Never a hang, never a process or a folder that stays. What cannot be tried here is skipped and
says why."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import death_test  # noqa: E402
import program  # noqa: E402

WITHOUT = None
ROOT = os.geteuid() == 0
USERS = ["root", "nobody"] if ROOT else ["user"]
NOBODY = 65534
TIMEOUT_S = 90


class Case(unittest.TestCase):
    def setUp(self):
        self.place = program.Place()
        self.addCleanup(self.place.close)
        (self.place.path / "work.c").write_text(program.GOOD)
        self.cache = self.place.path / "cache"
        self.cache.mkdir()
        self.packs = program.SOURCE / "tests" / "data" / "packs"

    def own_pack(self, mode):
        """A copy of the pack whose hidden cases have this mode."""
        folder = self.place.path / "packs"
        shutil.copytree(self.packs / "good-scale", folder / "good-scale", dirs_exist_ok=True)
        (folder / "good-scale" / "hidden.json").chmod(mode)
        return folder

    def start(self, user, words, wrap=(), before=None, environment=None, **more):
        def prepare():
            if before is not None:
                before()
            if user == "nobody":
                death_test.become_nobody()
        if ROOT:
            for path in (self.place.path, self.cache):
                os.chown(path, *([NOBODY, NOBODY] if user == "nobody" else [0, 0]))
        values = self.place.environment(**{"XDG_CACHE_HOME": str(self.cache), **(environment or {})})
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([*map(str, wrap), program.HARNESS, *map(str, words)], env=values, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=prepare, timeout=TIMEOUT_S,
                              errors="surrogateescape", **{"cwd": self.place.path, **more})

    def grade(self, user, *options, file="work.c", empty_cache=True, **how):
        if empty_cache:
            shutil.rmtree(self.cache / "harness", ignore_errors=True)
        done = self.start(user, ["run", "--no-timing", "--color", "never", *options, file], **how)
        self.assertEqual(self.place.leftovers(), [], f"a scratch folder stayed behind\n{done.stdout}{done.stderr}")
        death_test.reap()
        self.assertEqual(death_test.below(os.getpid()), {}, "a process stayed behind")
        return done

    def passes(self, *options, words=(), users=USERS, **how):
        for user in users:
            with self.subTest(user=user):
                done = self.grade(user, *options, **how)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                for word in words:
                    self.assertIn(word, flat(done))

    def is_refused(self, *options, words, code=4, users=USERS, **how):
        for user in users:
            with self.subTest(user=user):
                done = self.grade(user, *options, **how)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertNotIn("PASSED", done.stdout)
                for word in words:
                    self.assertIn(word, flat(done))

    def without(self, *layers):
        wrap = [WITHOUT, *layers, "--"]
        if subprocess.run([*wrap, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest("no system call filter can be put on here")
        return wrap

    def mounted(self, script):
        """A shell that changes mounts of its own and then becomes the user and the command."""
        if not ROOT:
            self.skipTest("mounts can be changed by root only")
        wrap = ["unshare", "--mount", "sh", "-c", f'{script} && exec "$@"', "sh"]
        if subprocess.run([*wrap, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest(f"mounts cannot be changed here: {script}")
        return wrap


def flat(done):
    return " ".join((done.stdout + done.stderr).split())


def as_nobody(wrap):
    """The mounts are root's to change, so the user changes after them."""
    return [*wrap, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def main():
    """SCRIPT HARNESS SOURCE_DIR WITHOUT [TEST...]: WITHOUT is the program that hides parts of the kernel (without.c)"""
    global WITHOUT
    if len(sys.argv) < 4:
        sys.exit("usage: SCRIPT HARNESS SOURCE_DIR WITHOUT [TEST...]")
    WITHOUT = str(pathlib.Path(sys.argv.pop(3)).resolve())
    words = program.setup(sys.argv)
    death_test.adopt_orphans()
    unittest.main(argv=words)
