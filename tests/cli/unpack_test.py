#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program that reads archives: unpack_test.py HARNESS SOURCE_DIR.

What becomes of an archive that gets the better of it, what it could do then, and what it does with broken ones."""

import io
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tarfile
import time
import unittest
import zipfile

import program
from program import GOOD, Case

MEMBERS = {"ana/good_scale.c": GOOD, "joe/a b.c": "int x;\n" * 300, "lin/w.zip": "PK", "notes.txt": "n" * 5000}
ENDS = {0, *range(10, 22)}


def make_tar(kind):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{kind}", format=tarfile.PAX_FORMAT) as archive:
        for name, text in MEMBERS.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        member = tarfile.TarInfo("link.c")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    return data.getvalue()


def make_zip(method):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, text in MEMBERS.items():
            archive.writestr(name, text)
    return data.getvalue()


class Unpacker(Case):
    """A tree like the installed one, whose unpacker is somebody else."""

    def setUp(self):
        super().setUp()
        built = pathlib.Path(program.HARNESS).parent.parent
        self.unpacker = built / "libexec" / "harness" / "harness-unpack"
        self.tree = self.place.path / "tree"
        for folder in ("bin", "libexec/harness"):
            (self.tree / folder).mkdir(parents=True)
        for folder in ("lib", "share"):
            (self.tree / folder).symlink_to(built / folder)
        (self.tree / "libexec/harness/harness-worker").symlink_to(built / "libexec/harness/harness-worker")
        shutil.copy(program.HARNESS, self.tree / "bin/harness")

    def replace(self, script):
        path = self.tree / "libexec/harness/harness-unpack"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)

    def grade(self, *arguments, **more):
        environment = self.place.environment(XDG_STATE_HOME=str(self.place.path / "state"))
        return subprocess.run([self.tree / "bin/harness", "grade", "--no-timing", "--no-store", *arguments],
                              cwd=self.place.path, env=environment, stdin=subprocess.DEVNULL, timeout=120, text=True,
                              capture_output=True, **more)

    def unpack(self, name, **more):
        shutil.rmtree(self.place.path / "out", ignore_errors=True)
        (self.place.path / "out").mkdir()
        return subprocess.run([self.unpacker, "person", name, "out"], cwd=self.place.path, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, errors="surrogateescape", **more)

    def wait_for(self, look):
        for _ in range(2000):
            found = look()
            if found:
                return found
            time.sleep(0.01)
        self.fail("it did not come to that")

    def compile(self, source):
        target = source.replace(".c", ".so")
        subprocess.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", target, source], cwd=self.place.path,
                       check=True)
        return str(self.place.path / target)


class Ends(Unpacker):
    def ends(self, script, code, *words):
        with self.subTest(script=script[:60]):
            self.replace(script)
            done = self.grade("w.zip")
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertRegex(done.stderr, r"\Aharness: [^\n]*\.\n\Z")
            for word in ("'w.zip'", *words):
                self.assertIn(word, done.stderr)

    def test_what_the_archive_is_to_blame_for(self):
        self.put("w.zip", make_zip(zipfile.ZIP_DEFLATED))
        for how in ("kill -SEGV $$", "kill -ABRT $$", "kill -SYS $$", "exit 1", "exit 127", "exit 9", "exit 22",
                    "exit 200", "head -c 3000000 /dev/zero; exit 4"):
            self.ends(f"echo ready; {how}\n", 2, "the archive 'w.zip' makes the program that unpacks it crash")
        for how in ("ulimit -t 1; while :; do :; done", "kill -KILL $$"):
            self.ends(f"echo ready; {how}\n", 2, "far too much time or memory")
        self.ends("echo ready; echo word; exit 11\n", 2, "cannot be unpacked: word")
        self.ends("echo ready; head -c 9000 /dev/zero | tr '\\0' x; exit 13\n", 2, "holds the name 'xxx", "absolute")

    def test_what_it_is_not_to_blame_for(self):
        self.put("w.zip", make_zip(zipfile.ZIP_DEFLATED))
        again = ["harness-unpack does not start", "install the harness again"]
        for how in ("exit 0", "echo lost a library >&2; echo and more >&2; exit 127", "kill -SEGV $$"):
            self.ends(how + "\n", 4, *again)
        self.ends("echo lost a library >&2; exit 127\n", 4, "(lost a library)", "ulimit -v")
        self.ends("echo ready; printf 'No space left on device'; exit 21\n", 4, "No space left on device; TMPDIR")
        self.ends("echo ready; exit 20\n", 4, "ulimit -v")

    def test_a_crash_costs_one_person_alone(self):
        (self.place.path / "in").mkdir()
        self.put("in/eve.zip", "x")
        self.put("in/joe__good_scale.c", GOOD)
        self.replace("echo ready; kill -SEGV $$\n")
        done = self.grade("--csv", "all.csv", "in")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("'in/eve.zip' makes the program", (self.place.path / "all.csv").read_text())
        self.assertRegex(done.stdout, r"(?m)^.*joe.*passed")

    def test_one_person_cannot_fill_the_disk(self):
        (self.place.path / "in" / "eve").mkdir(parents=True)
        self.put("in/joe__good_scale.c", "int x;\n")
        for i in range(60):
            self.put(f"in/eve/{i:02}.zip", "x")
        self.replace('echo ready; cd "$3" && : > a.zip\n')
        done = self.grade("--csv", "all.csv", "in")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"(?m)^harness: .*other archives of 'eve' were passed over.* more than 50\.$")
        self.assertEqual((self.place.path / "all.csv").read_text().count("in/eve/"), 0)

    def test_little_memory_is_not_the_archives_fault(self):
        if b"__asan_init" in pathlib.Path(program.HARNESS).read_bytes():
            self.skipTest("a sanitized harness has no little address space itself")
        self.put("w.zip", make_zip(zipfile.ZIP_DEFLATED))
        shutil.copy(self.unpacker, self.tree / "libexec/harness/harness-unpack")
        for mib in (24, 20, 16):
            limit = (mib << 20, mib << 20)
            done = self.grade("w.zip", preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_AS, limit))
            self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
            self.assertIn("ulimit -v", done.stderr)

    def test_it_dies_with_the_harness(self):
        self.put("w.zip", make_zip(zipfile.ZIP_DEFLATED))
        source = self.put("slow.c", "#include <fcntl.h>\n#include <unistd.h>\n"
                          "int archive_read_open_fd(void) { creat(\"begun\", 0600); pause(); return -30; }\n")
        self.replace(f'LD_PRELOAD={self.compile(source)} exec {self.unpacker} "$@"\n')
        process = subprocess.Popen([self.tree / "bin/harness", "grade", "--no-store", "w.zip"], cwd=self.place.path,
                                   env=self.place.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
            child = self.wait_for(lambda: children.read_text().split())[0]
            self.wait_for(lambda: "harness-unpack" in pathlib.Path(f"/proc/{child}/comm").read_text())
            self.wait_for(lambda: list(self.place.scratch.rglob("begun")))
        finally:
            process.kill()
            process.wait(timeout=20)
        self.wait_for(lambda: not pathlib.Path(f"/proc/{child}").exists() or
                      " Z " in pathlib.Path(f"/proc/{child}/stat").read_text())
        for left in self.place.scratch.iterdir():
            shutil.rmtree(left)


class Confinement(Unpacker):
    """Code of an attacker's runs in place of the library, as if an archive had taken it over."""

    CODE = r"""
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
static void tell(const char *what, int result) { printf("%s=%d ", what, result < 0 ? errno : 0); }
static const char *secret;
__attribute__((constructor)) static void find_secret(void) { secret = getenv("HARNESS_SEED") - sizeof "HARNESS_SEED"; }
int archive_read_open_fd(void *a, int fd, unsigned long n) {
    char *const words[] = {"true", NULL};
    char name[64];
    struct rlimit address, size, cpu;
    (void)a; (void)n;
    tell("read", open("/etc/passwd", O_RDONLY));
    tell("list", open("..", O_RDONLY | O_DIRECTORY));
    tell("write", open("../outside.c", O_WRONLY | O_CREAT, 0600));
    tell("own", open("inside.c", O_WRONLY | O_CREAT, 0600));
    tell("link", symlink("/etc/passwd", "link.c"));
    tell("socket", socket(AF_INET, SOCK_STREAM, 0));
    tell("kill", kill(getppid(), 0));
    tell("run", execv("/bin/true", words));
    tell("inherited", fcntl(99, F_GETFD));
    tell("secret", memmem(secret, sizeof "HARNESS_SEED=1234567", "1234567", 7) != NULL ? 0 : (errno = ENOENT, -1));
    getrlimit(RLIMIT_AS, &address); getrlimit(RLIMIT_FSIZE, &size); getrlimit(RLIMIT_CPU, &cpu);
    printf("limits=%d ", address.rlim_max <= 1ul << 30 && size.rlim_max <= (64ul << 20) + 1 && cpu.rlim_max <= 120);
    printf("privileges=%d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    fflush(stdout);
    _exit(11);
}
"""

    def test_what_code_in_it_could_do(self):
        doctor = self.place.run("doctor", "--color", "never").stdout
        if "landlock-" not in doctor or "seccomp" not in doctor:
            self.skipTest("this kernel offers neither Landlock nor seccomp")
        self.put("attack.c", self.CODE)
        self.put("w.zip", "x")
        preload = self.compile("attack.c")
        spare = os.open("/dev/null", os.O_RDONLY)
        os.dup2(spare, 99)
        os.close(spare)
        try:
            done = self.unpack("w.zip", env={"LD_PRELOAD": preload, "HARNESS_SEED": "1234567"}, close_fds=False)
        finally:
            os.close(99)
        told = dict(word.split("=") for word in done.stdout.split()[1:])
        self.assertEqual(told, {"read": "13", "list": "13", "write": "13", "own": "0", "link": "1", "socket": "1",
                                "kill": "1", "run": "13", "inherited": "9", "secret": "2", "limits": "1",
                                "privileges": "1"}, done)
        self.assertFalse((self.place.path / "outside.c").exists())


class Broken(Unpacker):
    """Whole archives come out; cut and changed ones end in one of the documented ways, and leave nothing odd."""

    def look(self, done, what):
        self.assertIn(done.returncode, ENDS, f"{what}: {done}")
        self.assertTrue(done.stdout.startswith("ready\n"), what)
        total = 0
        for path in (self.place.path / "out").rglob("*"):
            self.assertTrue(path.is_file() or path.is_dir(), f"{what}: {path}")
            self.assertFalse(path.is_symlink(), f"{what}: {path}")
            total += path.stat().st_blocks * 512 if path.is_file() else 0
        self.assertLess(total, 65 << 20, what)

    def test_mutations(self):
        dice = random.Random(20240611)
        kinds = {"tar": make_tar(""), "gz": make_tar("gz"), "bz2": make_tar("bz2"), "xz": make_tar("xz"),
                 "stored": make_zip(zipfile.ZIP_STORED), "zip": make_zip(zipfile.ZIP_DEFLATED)}
        before = sorted(entry.name for entry in self.place.path.iterdir()) + ["a.bin", "out"]
        for kind, data in kinds.items():
            self.put("a.bin", data)
            done = self.unpack("a.bin")
            self.assertEqual((done.returncode, done.stdout), (0, "ready\n"), f"{kind}: {done}")
            for name, text in MEMBERS.items():
                path = self.place.path / "out" / name
                self.assertEqual(path.read_text() if path.exists() else None, text if name != "notes.txt" else None)
            for turn in range(25):
                bytes_ = bytearray(data[:dice.randrange(len(data))] if turn % 3 == 0 else data)
                for _ in range(dice.choice((0, 1, 4, 40)) if bytes_ else 0):
                    bytes_[dice.randrange(len(bytes_))] = dice.choice((0, 0x7f, 0x80, 0xff, dice.randrange(256)))
                self.put("a.bin", bytes(bytes_))
                self.look(self.unpack("a.bin"), f"{kind} {turn}")
        self.assertEqual(sorted(entry.name for entry in self.place.path.iterdir()), sorted(before))


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
