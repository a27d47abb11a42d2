#!/bin/sh
# SPDX-License-Identifier: MIT
# What does a verdict cost beyond the compile? Compares `harness run --no-timing` with the bare gcc command of the same
# file, both warm, alternating; prints the medians in milliseconds and their ratio.
#
#     tests/bench/overhead.sh build/release/bin/harness challenges/attention-causal/solutions/accepted_flash.c [RUNS]
set -eu
harness=$1
file=$2
runs=${3:-15}
pack=$(dirname "$(dirname "$file")")
id=$(basename "$pack")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
now() { date +%s%N; }
i=0
"$harness" run --no-timing --no-store -q "$file" >/dev/null
while [ "$i" -lt "$runs" ]; do
    t0=$(now)
    gcc -std=gnu17 -O3 -march=native -fPIC -shared -nostartfiles -Wall -I"$pack" -include "$id.h" \
        -o "$work/s.so" "$file" -lm
    t1=$(now)
    "$harness" run --no-timing -q "$file" >/dev/null
    t2=$(now)
    echo "$((t1 - t0)) $((t2 - t1))" >>"$work/times"
    i=$((i + 1))
done
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1e6 }'; }
compile=$(cut -d' ' -f1 "$work/times" | median)
whole=$(cut -d' ' -f2 "$work/times" | median)
echo "gcc $compile ms, harness run --no-timing $whole ms"
awk -v a="$whole" -v b="$compile" 'BEGIN { printf "ratio %.2f\n", a / b }'
