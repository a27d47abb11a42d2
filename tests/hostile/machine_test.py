#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Machines that lack something: machine_test.py HARNESS SOURCE_DIR WITHOUT [TEST...]

Layers of the sandbox, cores, mounts, folders that can be written; and what `harness doctor` says of each."""
import json
import os
import re

import poor_machine
from poor_machine import NOBODY, ROOT, USERS, Case, as_nobody, flat


class Kernel(Case):
    def test_without_landlock(self):
        self.passes("--require-sandbox", "B", wrap=self.without("landlock"), words=["level B"])

    def test_without_namespaces(self):
        self.passes("--require-sandbox", "B", wrap=self.without("namespaces"), words=["level B"])

    def test_level_c_where_hidden_cases_are_open(self):
        wrap = self.without("landlock", "namespaces")
        packs = self.own_pack(0o644)
        self.is_refused("--challenges", packs, wrap=wrap,
                        words=["level C", "hidden.json", "--require-sandbox C", "harness doctor"])
        self.passes("--challenges", packs, "--require-sandbox", "C", wrap=wrap, words=["level C"])
        self.passes("--challenges", packs, "--require-sandbox", "D", wrap=wrap, words=["level C"])
        self.is_refused("--challenges", packs, "--require-sandbox", "B", wrap=wrap, words=["level C", "level B"])
        self.is_refused("--challenges", packs, "--sandbox-at-most", "C", words=["--require-sandbox C"])

    def test_level_c_where_hidden_cases_are_closed(self):
        if not ROOT:
            self.skipTest("only root reads what its compiler cannot")
        self.passes("--challenges", self.own_pack(0o640), wrap=self.without("landlock", "namespaces"), users=["root"],
                    words=["level C"])
        packs = self.own_pack(0o644)
        packs.chmod(0o700)
        self.passes("--challenges", packs, "--sandbox-at-most", "C", users=["root"], words=["level C"])

    def test_level_c_without_hidden_cases(self):
        packs = self.own_pack(0o644)
        (packs / "good-scale" / "hidden.json").unlink()
        self.passes("--challenges", packs, wrap=self.without("landlock", "namespaces"), words=["level C"])

    def test_without_seccomp(self):
        wrap = self.without("seccomp")
        self.is_refused(wrap=wrap, words=["level D", "seccomp", "harness doctor"])
        self.passes("--require-sandbox", "D", wrap=wrap, words=["level D"])

    def test_without_anything(self):
        wrap = self.without("landlock", "namespaces", "seccomp")
        self.is_refused(wrap=wrap, words=["level D", "harness doctor"])
        self.passes("--require-sandbox", "D", wrap=wrap, words=["level D"])

    def test_without_memfd(self):
        self.is_refused(wrap=self.without("memfd"), words=["shared memory", "memfd_create"])

    def test_one_core(self):
        def pin():
            os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
        self.passes(before=pin)
        done = self.start(USERS[0], ["run", "--json", "r.json", "work.c"], before=pin)
        self.assertIn(json.loads((self.place.path / "r.json").read_text())["verdict"], ("passed", "unstable"),
                      done.stdout)


class Mounts(Case):
    def test_no_proc(self):
        wrap = self.mounted("umount -l /proc")
        self.is_refused(wrap=wrap, users=["root"], words=["/proc"])
        self.is_refused(wrap=as_nobody(wrap), users=["root"], words=["/proc"])

    def test_proc_with_hidepid(self):
        script = "mount -t proc -o hidepid=2 proc /proc"
        self.mounted("true")
        wrap = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", f'{script} && exec "$@"', "sh"]
        self.passes(wrap=wrap, users=["root"])
        os.chown(self.cache, NOBODY, NOBODY)
        os.chown(self.place.path, NOBODY, NOBODY)
        done = self.start("as is", ["run", "--no-timing", "work.c"], wrap=as_nobody(wrap),
                          environment={"XDG_CACHE_HOME": None})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_no_dev_shm(self):
        self.passes(wrap=self.mounted("umount -l /dev/shm; mount -t tmpfs -o ro none /dev/shm"), users=["root"])

    def test_empty_dev(self):
        self.is_refused(wrap=self.mounted("mount -t tmpfs none /dev"), users=["root"], words=["/dev/null"])

    def test_read_only_home(self):
        home = self.place.path / "home"
        home.mkdir()
        wrap = self.mounted(f"mount -t tmpfs -o ro none {home}")
        self.passes(wrap=wrap, users=["root"], environment={"HOME": str(home), "XDG_CACHE_HOME": None})

    def test_cannot_write_the_scratch_folder(self):
        folder = self.place.path / "closed"
        folder.mkdir()
        self.is_refused(wrap=self.mounted(f"mount -t tmpfs -o ro none {folder}"), users=["root"],
                        environment={"TMPDIR": str(folder)}, words=[str(folder), "TMPDIR", "Read-only"])

    def test_small_scratch(self):
        folder = self.place.path / "small"
        folder.mkdir()
        for size in (16, 64, 256, 512, 800, 1200, 1600, 2400):
            with self.subTest(size=size):
                wrap = self.mounted(f"mount -t tmpfs -o size={size}k,mode=1777 none {folder}")
                done = self.grade("root", wrap=wrap, environment={"TMPDIR": str(folder)})
                self.assertIn(done.returncode, (4,) if size < 300 else (0, 4), done.stdout)
                if done.returncode == 4:
                    self.assertIn("TMPDIR", flat(done))

    def test_no_inodes_left(self):
        folder = self.place.path / "small"
        folder.mkdir()
        for count in (1, 2, 4, 10, 20):
            with self.subTest(count=count):
                wrap = self.mounted(f"mount -t tmpfs -o nr_inodes={count},mode=1777 none {folder}")
                self.is_refused(wrap=wrap, users=["root"], environment={"TMPDIR": str(folder)}, words=["TMPDIR"])


class Folders(Case):
    def test_no_cache(self):
        closed = self.place.path / "closed"
        closed.mkdir(mode=0o555)
        for home in (None, "", "relative", "/nonexistent", "/proc", str(closed), "/dev/null"):
            with self.subTest(home=home):
                self.passes(environment={"HOME": home, "XDG_CACHE_HOME": None})
                self.passes(environment={"HOME": None, "XDG_CACHE_HOME": home})

    def test_a_cache_of_somebody_else(self):
        self.cache.chmod(0o777)
        (self.cache / "harness").mkdir()
        (self.cache / "harness").chmod(0o777)
        self.passes(empty_cache=False)
        self.assertEqual(list((self.cache / "harness").iterdir()), [], "a cache that anybody can write to was used")

    def test_tmpdir_that_is_passed_over(self):
        for folder in ("", "relative", "/tmp/" + "x" * 300, None):
            with self.subTest(folder=folder):
                self.passes(environment={"TMPDIR": folder})
                self.assertFalse((self.place.path / "relative").exists())

    def test_tmpdir_that_cannot_be_used(self):
        missing, file = self.place.path / "missing", self.place.path / "work.c"
        for folder in (missing, file, "/proc"):
            with self.subTest(folder=folder):
                self.is_refused(environment={"TMPDIR": str(folder)}, words=[str(folder), "TMPDIR"])
        closed = self.place.path / "closed"
        closed.mkdir(mode=0o555)
        self.is_refused(environment={"TMPDIR": str(closed)}, users=[user for user in USERS if user != "root"],
                        words=[str(closed), "TMPDIR", "Permission denied"])

    def test_deleted_folder(self):
        work = self.place.path / "work.c"
        for words, code in (([work], 0), (["work.c"], 2)):
            gone = self.place.path / "gone"
            gone.mkdir()

            def leave():
                os.chdir(gone)
                os.rmdir(gone)
            with self.subTest(words=words):
                done = self.grade(USERS[0], file=words[0], before=leave)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)

    def test_masks(self):
        for mask in (0o077, 0o000, 0o777):
            with self.subTest(mask=oct(mask)):
                self.passes(before=lambda mask=mask: os.umask(mask))


class Doctor(Case):
    def look(self, user, wrap=(), **how):
        done = self.start(user, ["doctor", "--color", "never"], wrap=wrap, **how)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertEqual(done.returncode == 0, "\nREADY" in done.stdout, done.stdout)
        return done

    def row(self, done, name):
        found = re.search(rf"(?ms)^ *{re.escape(name)} +(ok|less|MISSING) +(.*?)(?=^ ? ?\S|^$)", done.stdout)
        self.assertIsNotNone(found, f"no row {name}\n{done.stdout}")
        return found.group(1), " ".join(found.group(2).split())

    def test_every_layer_says_what_is_lost_and_how_to_get_it(self):
        rows = {"landlock": "landlock", "namespaces": "namespaces", "seccomp": "seccomp"}
        for layer, name in rows.items():
            for user in USERS:
                with self.subTest(layer=layer, user=user):
                    state, text = self.row(self.look(user, self.without(layer)), name)
                    self.assertEqual(state, "MISSING" if layer == "seccomp" else "less")
                    self.assertIn("To get it: ", text)

    def test_level_c_says_what_it_costs(self):
        done = self.look(USERS[-1], self.without("landlock", "namespaces"))
        state, text = self.row(done, "sandbox")
        self.assertEqual(state, "less")
        self.assertIn("--require-sandbox C", text)

    def test_level_d_is_not_ready(self):
        done = self.look(USERS[-1], self.without("seccomp"))
        self.assertEqual(done.returncode, 4)
        self.assertIn("--require-sandbox D", self.row(done, "sandbox")[1])

    def test_one_core(self):
        done = self.look(USERS[0], before=lambda: os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]))
        state, text = self.row(done, "cores")
        self.assertEqual(state, "less")
        self.assertIn("To get ", text)

    def test_folders(self):
        done = self.look(USERS[0])
        self.assertEqual(self.row(done, "cache"), ("ok", str(self.cache / "harness")))
        self.assertEqual(self.row(done, "scratch")[0], "ok")
        self.assertIn(str(self.place.scratch), self.row(done, "scratch")[1])
        done = self.look(USERS[0], environment={"TMPDIR": "/proc"})
        self.assertEqual((done.returncode, self.row(done, "scratch")[0]), (4, "MISSING"))
        self.assertIn("TMPDIR", self.row(done, "scratch")[1])
        done = self.look(USERS[0], environment={"HOME": None, "XDG_CACHE_HOME": None})
        state, text = self.row(done, "cache")
        self.assertEqual(state, "less")
        self.assertIn("XDG_CACHE_HOME", text)

    def test_what_timing_needs(self):
        done = self.look(USERS[0])
        for name in ("load", "governor", "turbo", "huge pages"):
            self.assertIn(self.row(done, name)[0], ("ok", "less"))

    def test_openblas_is_asked_as_the_worker_asks(self):
        plain = self.row(self.look(USERS[0]), "OpenBLAS")
        forced = self.row(self.look(USERS[0], environment={"OPENBLAS_CORETYPE": "Prescott"}), "OpenBLAS")
        self.assertEqual(plain, forced)

    def test_a_compiler_that_hangs(self):
        path = self.place.path / "cc"
        path.write_text("#!/bin/sh\nsleep 1000\n")
        path.chmod(0o755)
        done = self.start(USERS[0], ["doctor", "--sandbox-at-most", "C"], environment={"HARNESS_CC": str(path)})
        self.assertIn(done.returncode, (2, 4))


if __name__ == "__main__":
    poor_machine.main()
