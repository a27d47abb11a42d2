#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""harness grade --engine slurm on a real cluster of three nodes: cluster_test.py HARNESS SOURCE_DIR [COUNT].

A crashed node, a node that is cut off while its tasks go on, a controller killed in the middle, a driver killed and
started again, and Ctrl-C: in the end every submission has one result, and the verdicts are those of a local run.
"""

import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIP = 77
GOOD = """// harness: good-scale
#include "good-scale.h"
int good_scale(const struct good_scale_params *p, const float *x, float *y) {
    for (int32_t i = 0; i < p->n; i++) y[i] = p->a * x[i];
    return 0;
}
"""
WRONG = GOOD.replace("p->a * x[i]", "p->a + x[i]")
BROKEN = GOOD.replace("return 0;", "return nothing;")
# Another person's submission, the queue's socket and its configuration: nothing of that may be had from inside a job.
HEADERS = "#include <fcntl.h>\n#include <sys/socket.h>\n#include <sys/un.h>\n#include"
THIEF = GOOD.replace("#include", HEADERS, 1).replace("    for", """    struct sockaddr_un to = {AF_UNIX, "@MUNGE@"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return 7;
    if (open("@FILE@", O_RDONLY) >= 0) return 8;
    for""", 1)
KINDS = {"good": (GOOD, "passed"), "wrong": (WRONG, "wrong_answer"), "broken": (BROKEN, "compile_error"),
         "thief": (THIEF, "forbidden_call")}


class Cluster:
    """The mini cluster in a folder of its own, and a harness that knows it."""

    def __init__(self, harness, source, folder):
        self.harness, self.folder = harness, folder
        self.script = source / "tests" / "cluster" / "mini-cluster"
        self.results = folder / "results"
        self.submissions = folder / "submissions"
        self.env = {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "HOME": str(folder), "LANG": "C.UTF-8",
                    "XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state"),
                    "HARNESS_SEED": "987654321987654321", "HARNESS_PATH": str(source / "tests" / "data" / "packs"),
                    "USER": os.environ.get("USER", "root")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def mini(self, *words):
        done = subprocess.run([self.script, words[0], self.folder / "slurm", *words[1:]], env=self.env, text=True,
                              capture_output=True, timeout=120)
        return done

    def start(self):
        done = self.mini("start")
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        line = self.mini("env").stdout.split("SLURM_CONF=")[1].split()[0]
        self.env["SLURM_CONF"] = line.strip("'\"")

    def write(self, count):
        names = list(KINDS)
        expected = {}
        for i in range(count):
            kind = names[i % len(names)] if i % 10 < 4 else "good"
            text = KINDS[kind][0].replace("@MUNGE@", str(self.folder / "slurm" / "run" / "munge.sock"))
            text = text.replace("@FILE@", self.env["SLURM_CONF"])
            folder = self.submissions / f"person{i:03d}"
            folder.mkdir(parents=True)
            (folder / "scale.c").write_text(text + f"/* {i} */\n")
            expected[f"person{i:03d}/good-scale"] = KINDS[kind][1]
        return expected

    def grade(self, results, *more):
        return [str(self.harness), "grade", "--no-timing", "--no-store", "--results", str(results), *more,
                str(self.submissions)]

    def spawn(self, *more):
        return subprocess.Popen(self.grade(self.results, "--engine", "slurm", *more), env=self.env, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def count(self):
        folder = self.results / "results"
        return len(list(folder.glob("*.json"))) if folder.is_dir() else 0

    def wait_for(self, count, driver, seconds=300):
        end = time.monotonic() + seconds
        while self.count() < count and time.monotonic() < end and driver.poll() is None:
            time.sleep(0.05)
        if self.count() < count:
            said = driver.stdout.read() if driver.poll() is not None else "too slow"
            raise RuntimeError(f"{self.count()} of {count} results: {said}")

    def queue(self):
        done = subprocess.run(["squeue", "-h", "-r"], env=self.env, text=True, capture_output=True)
        return done.stdout.splitlines() if done.returncode == 0 else [f"squeue: {done.stderr.strip()}"]

    def verdicts(self, results):
        found, attempts = {}, collections.Counter()
        for path in sorted((results / "results").glob("*.json")):
            record = json.loads(path.read_text())
            if record["task"] in found:
                raise AssertionError(f"{record['task']} has two results")
            found[record["task"]] = record["result"]["verdict"]
            attempts[record["attempt"]["host"]] += 1
        return found, attempts


def check(what, is_so, more=""):
    print(f"{'ok' if is_so else 'FAILED'}  {what}", flush=True)
    if not is_so:
        raise AssertionError(f"{what}: {more}")


def faults(cluster, count):
    """One run through all of them; the driver is killed too, and the same command goes on."""
    driver = cluster.spawn()
    cluster.wait_for(count // 10, driver)
    cluster.mini("crash-node", "n2")
    print(f"at {cluster.count()} results: node n2 crashed", flush=True)
    cluster.wait_for(count // 4, driver)
    cluster.mini("kill-slurmd", "n3")
    print(f"at {cluster.count()} results: node n3 cut off, its tasks go on", flush=True)
    cluster.wait_for(count * 2 // 5, driver)
    cluster.mini("kill-ctld")
    print(f"at {cluster.count()} results: controller killed", flush=True)
    time.sleep(3)
    driver.kill()
    driver.communicate()
    print(f"at {cluster.count()} results: driver killed", flush=True)
    cluster.mini("start-ctld")
    cluster.mini("start-node", "n2")
    cluster.mini("start-node", "n3")
    driver = cluster.spawn()
    try:
        text, _ = driver.communicate(timeout=600)
    except subprocess.TimeoutExpired:
        driver.kill()
        raise AssertionError(f"{cluster.count()} results after ten minutes; queue: {cluster.queue()}")
    return driver.returncode, text


def cancelled(cluster, count):
    """Ctrl-C takes everything out of the queue, and keeps what is there."""
    shutil.rmtree(cluster.results)
    driver = cluster.spawn()
    cluster.wait_for(3, driver)
    driver.send_signal(signal.SIGINT)
    driver.communicate(timeout=120)
    check("an interrupted driver exits with 130", driver.returncode == 130, driver.returncode)
    end = time.monotonic() + 60
    while cluster.queue() and time.monotonic() < end:
        time.sleep(0.5)
    check("nothing of it is left in the queue", cluster.queue() == [], cluster.queue())
    kept = cluster.count()
    check("what was finished is kept", 3 <= kept < count, kept)
    torn = [p.name for p in (cluster.results / "results").iterdir() if p.suffix != ".json"]
    check("no torn file stays", torn == [], torn)


def main():
    harness, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    missing = [name for name in ("slurmctld", "slurmd", "munged")
               if not shutil.which(name, path="/usr/sbin:/usr/bin:/sbin")]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed (apt-get install slurm-wlm munge)")
        return SKIP
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hc-", dir="/tmp"))
    folder.chmod(0o755)
    cluster = Cluster(harness, source, folder)
    try:
        try:
            cluster.start()
        except RuntimeError as error:  # nothing of ours has run yet
            print(f"skipped: a cluster of Slurm does not start on this machine: {error}")
            return SKIP
        expected = cluster.write(count)
        begun = time.monotonic()
        subprocess.run(cluster.grade(folder / "local"), env=cluster.env, stdout=subprocess.DEVNULL, timeout=600)
        local_s = time.monotonic() - begun
        local, _ = cluster.verdicts(folder / "local")
        check(f"{count} local results, as they should be", local == expected,
              {k: (local.get(k), v) for k, v in expected.items() if local.get(k) != v})
        begun = time.monotonic()
        code, text = faults(cluster, count)
        found, nodes = cluster.verdicts(cluster.results)
        print(f"{len(found)} results in {time.monotonic() - begun:.0f} s on {dict(nodes)}; local {local_s:.0f} s")
        check("the driver says that some are not accepted", code == 1, f"{code}: {text}")
        check("none lost, none doubled, the verdicts of the local run", found == local,
              {k: (found.get(k), v) for k, v in local.items() if found.get(k) != v})
        cancelled(cluster, count)
    except Exception:
        for log in sorted((cluster.results / "slurm" / "log").glob("*")) if cluster.results.is_dir() else []:
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-600:]}")
        raise
    finally:
        cluster.mini("stop")
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
