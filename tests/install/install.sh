#!/bin/sh
# SPDX-License-Identifier: MIT
# What an installation holds: the candidates' component has everything that is needed to practise, and nothing that is
# hidden; a full installation has both, and finds its parts without the build tree.
#   install.sh CMAKE BUILD_DIRECTORY
set -eu
cmake=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

# count ROOT NAME: how many files of that name
count() {
    find "$1" -name "$2" -type f | wc -l
}

# put PREFIX [--component NAME]
put() {
    prefix=$1
    shift
    "$cmake" --install "$build" --prefix "$prefix" "$@" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
}

put "$work/candidate" --component candidate
put "$work/full"

for root in "$work/candidate" "$work/full"; do
    for file in bin/harness libexec/harness/harness-worker libexec/harness/harness-unpack \
        share/harness/include/reference/real.h \
        share/harness/challenges/attention-causal/challenge.json \
        share/harness/challenges/attention-causal/attention-causal.h \
        share/harness/challenges/attention-causal/reference.c; do
        [ -f "$root/$file" ] || fail "$file is not installed"
    done
    for file in share/man/man1/harness.1 share/man/man5/harness-challenge.5 share/harness/check.schema.json \
        share/harness/challenges/challenge.schema.json share/harness/ready/github.yml \
        share/harness/ready/gradescope/run_autograder; do
        [ -f "$root/$file" ] || fail "$file is not installed"
    done
    [ "$(count "$root" 'libreference_f*.a')" -eq 2 ] || fail "the two reference archives are not installed"
    [ "$(count "$root" CMakeLists.txt)" -eq 0 ] || fail "build files are installed"
done

[ "$(count "$work/candidate" hidden.json)" -eq 0 ] || fail "the candidates' component holds hidden cases"
[ "$(count "$work/candidate" 'hidden-*')" -eq 0 ] || fail "the candidates' component holds hidden data"
[ "$(count "$work/candidate" 'telemetry-public.bin')" -eq 1 ] || fail "the candidates' component lacks the public data"
[ "$(count "$work/full" 'hidden-telemetry*.bin')" -eq 2 ] || fail "the full installation lacks the hidden data"
[ "$(count "$work/candidate" 'wrong_*.c')" -eq 0 ] || fail "the candidates' component holds solutions"
[ "$(count "$work/candidate" '*.edit')" -eq 0 ] || fail "the candidates' component holds solutions"
[ "$(count "$work/candidate" 'accepted_*.c')" -eq 0 ] || fail "the candidates' component holds solutions"
[ "$(count "$work/full" hidden.json)" -gt 0 ] || fail "the full installation lacks the hidden cases"
[ "$(count "$work/full" 'accepted_*.c')" -gt 0 ] || fail "the full installation lacks the solutions"
[ "$(count "$work/full" '*.edit')" -gt 0 ] || fail "the full installation lacks the solutions written as edits"

# The worker, the archives and the packs are found from another folder than the source tree.
cd "$work"
"$work/candidate/bin/harness" list >"$work/list" || fail "the installed harness does not start"
grep -q attention-causal "$work/list" || fail "the installed harness does not find its challenges"

# Paths of the build tree are compiled in for the tests; an installation must not need them.
"$work/candidate/bin/harness" run --no-timing --no-store \
    "$work/full/share/harness/challenges/attention-causal/solutions/accepted_flash.c" >"$work/out" 2>&1 ||
    fail "the installed harness does not grade: $(cat "$work/out")"

# A challenge outside of the repository, made and proven with the installed parts alone.
"$work/full/bin/harness" new outside "$work" >"$work/out" 2>&1 || fail "no new challenge: $(cat "$work/out")"
"$work/full/bin/harness" check --no-timing "$work/outside" >"$work/out" 2>&1 ||
    fail "a challenge outside is not proven: $(cat "$work/out")"
"$work/full/bin/harness" run --no-timing --no-store --challenges "$work" "$work/outside/solutions/accepted_pairwise.c" \
    >"$work/out" 2>&1 || fail "a challenge outside is not graded: $(cat "$work/out")"
