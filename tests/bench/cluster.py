#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the cluster costs for each submission: cluster.py HARNESS SOURCE_DIR [COUNT].

The same class is graded here and on a mini cluster whose three nodes are all this machine, so that both have the same
cores to work with; what the second takes longer is the queue's and the shared folder's. A figure to record, not a
test."""

import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cluster"))
import cluster_test  # noqa: E402


def timed(cluster, words):
    begun = time.monotonic()
    cluster_test.subprocess.run(words, env=cluster.env, capture_output=True, check=False)
    return time.monotonic() - begun


def main():
    harness, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hc-", dir="/tmp"))
    folder.chmod(0o755)
    cluster = cluster_test.Cluster(harness, source, folder)
    try:
        cluster.start()
        cluster.write(count)
        here = timed(cluster, cluster.grade(folder / "local"))
        there = timed(cluster, cluster.grade(cluster.results, "--engine", "slurm"))
        found = len(cluster.verdicts(cluster.results)[0])
    finally:
        cluster.mini("stop")
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} submissions: {here:.1f} s here, {there:.1f} s on the cluster ({found} results), "
          f"{(there - here) / count * 1e3:+.0f} ms each, ratio {there / here:.2f}")


if __name__ == "__main__":
    main()
