#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes one target for so many seconds; 0 replays what is stored and looks for nothing new.
#   run.sh TARGET SECONDS [BUILD_FOLDER]
# What it learns stays in BUILD_FOLDER/tests/fuzz/found/TARGET; an input that breaks something lies beside it in
# crashes/TARGET. Keep such an input, made small with -minimize_crash=1, in tests/fuzz/regression/TARGET.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:?run.sh TARGET SECONDS [BUILD_FOLDER]} seconds=${2:?run.sh TARGET SECONDS [BUILD_FOLDER]}
made=$(cd "${3:-$here/../../build}" && pwd)/tests/fuzz
fuzzer=$made/fuzz_$target

if [ ! -x "$fuzzer" ]; then
    echo "SKIP: there is no $fuzzer: configuring found no clang with libFuzzer (install clang and libclang-rt-dev)," \
        "or the target 'fuzzers' is not built"
    exit 77
fi

mkdir -p "$made/found/$target" "$made/crashes/$target"
set -- -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=$made/crashes/$target/"
# A small quarantine: the reports allocate much, and fresh pages cost more than the checks do.
export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=8
[ ! -f "$here/$target.dict" ] || set -- "$@" "-dict=$here/$target.dict"

stored=
for folder in "$here/corpus/$target" "$made/corpus/$target" "$here/regression/$target"; do
    [ ! -d "$folder" ] || stored="$stored $folder"
done
if [ "$seconds" -eq 0 ]; then
    # The list is meant to be split into words; -runs=0 reads every input once.
    # shellcheck disable=SC2086
    exec "$fuzzer" "$@" -runs=0 $stored
fi
# New inputs go into the first folder; the others are only read.
# shellcheck disable=SC2086
exec "$fuzzer" "$@" "-max_total_time=$seconds" "$made/found/$target" $stored
