# SPDX-License-Identifier: MIT
"""The real program in a clean place: what args_test.py and run_test.py share."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HARNESS = SOURCE = None

GOOD = """// harness: good-scale
#include "good-scale.h"
int good_scale(const struct good_scale_params *p, const float *x, float *y) {
    for (int32_t i = 0; i < p->n; i++) y[i] = p->a * x[i];
    return 0;
}
"""
BODY = GOOD.replace("    for (int32_t i = 0; i < p->n; i++) y[i] = p->a * x[i];\n", "    BODY\n")
ALL = "for (int32_t i = 0; i < p->n; i++) "


def submission(body, head=""):
    return head + BODY.replace("BODY", body)


def setup(arguments):
    """Takes PROGRAM and SOURCE_DIR; gives back what is left for unittest."""
    global HARNESS, SOURCE
    if len(arguments) < 3:
        sys.exit("usage: SCRIPT HARNESS SOURCE_DIR [TEST...]")
    HARNESS, SOURCE = str(pathlib.Path(arguments[1]).resolve()), pathlib.Path(arguments[2]).resolve()
    return [arguments[0]] + arguments[3:]


class Place:
    """A folder of its own, with a folder for scratch that must be empty in the end. The cache of built references is
    shared by all places of one run: it is not what is tested here."""

    cache = None

    def __init__(self):
        if Place.cache is None:
            Place.cache = tempfile.TemporaryDirectory(prefix="harness-cli-cache-")
        self.folder = tempfile.TemporaryDirectory(prefix="harness-cli-")
        self.path = pathlib.Path(self.folder.name)
        self.path.chmod(0o755)
        self.scratch = self.path / "scratch"
        self.scratch.mkdir()
        self.scratch.chmod(0o1777)

    def environment(self, **more):
        """Nothing of the caller's environment but the path; a value of None leaves a variable out."""
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.path), "TMPDIR": str(self.scratch),
               "XDG_CACHE_HOME": Place.cache.name,
               "HARNESS_PATH": str(SOURCE / "tests" / "data" / "packs")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "HARNESS_CC"):
            if name in os.environ:
                env[name] = os.environ[name]
        env.update(more)
        return {name: value for name, value in env.items() if value is not None}

    def run(self, *arguments, timeout=120, preexec_fn=None, stdout=subprocess.PIPE, **more):
        return subprocess.run([HARNESS, *map(str, arguments)], cwd=self.path, env=self.environment(**more),
                              stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=timeout,
                              preexec_fn=preexec_fn, text=True, errors="surrogateescape")

    def leftovers(self):
        return sorted(entry.name for entry in self.scratch.iterdir())

    def close(self):
        self.folder.cleanup()


class Case(unittest.TestCase):
    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.close)

    def tearDown(self):
        self.assertEqual(self.place.leftovers(), [], "scratch folders stayed behind")

    def put(self, name, text):
        path = self.place.path / name
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text)
        return name

    def grade(self, text, *options, name="work.c", **more):
        """One file, answers only. Returns the finished process and the JSON."""
        self.put(name, text)
        done = self.place.run("run", "--no-timing", "--json", "result.json", *options, name, **more)
        path = self.place.path / "result.json"
        return done, json.loads(path.read_text()) if path.exists() else None
