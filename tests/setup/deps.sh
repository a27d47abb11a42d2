#!/bin/sh
# SPDX-License-Identifier: MIT
# ./setup deps with a pretended package manager: what is installed, how it becomes root, and that nothing is done twice.
#   deps.sh SETUP
set -eu
setup=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# pretend NAME, with the script on stdin
pretend() {
    { echo '#!/bin/sh'; cat; } >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# A machine: MISSING packages (a pattern), user number, and whether there is sudo.
machine() {
    rm -rf "${work:?}/bin" "$work/calls"
    mkdir "$work/bin"
    : >"$work/calls"
    for tool in sh dirname grep env cat; do
        ln -s "$(command -v "$tool")" "$work/bin/$tool"
    done
    pretend dpkg-query <<EOT
for last; do :; done
case \$last in $1) exit 1 ;; esac
echo 'install ok installed'
EOT
    pretend id <<EOT
echo $2
EOT
    pretend apt-get <<EOT
echo "apt-get \$*" >>"$work/calls"
EOT
    [ "$3" = no ] || pretend sudo <<EOT
echo "sudo \$*" >>"$work/calls"
EOT
}

# expect STATUS WORDS...: runs ./setup deps and looks at its status and at the calls
expect() {
    what=$1 status=$2 words=$3
    got=0
    PATH="$work/bin" "$setup" deps </dev/null >"$work/out" 2>&1 || got=$?
    calls=$(tr '\n' ';' <"$work/calls")
    # The expectation is a pattern.
    # shellcheck disable=SC2254
    case $calls in
        $words) ;;
        *) got="$got with '$calls'" ;;
    esac
    [ "$got" = "$status" ] || { echo "$what: status $got, wanted $status with '$words'"; cat "$work/out"; failed=1; }
}

machine none 0 no
expect "nothing is missing" 0 ''

machine check 0 no
expect "root installs what is missing" 0 'apt-get update*;apt-get install*recommends check;'

machine 'check|cmake' 1000 yes
expect "a user without a terminal asks sudo not to prompt" 0 'sudo -n apt-get update*;sudo -n env *install*cmake check;'

machine check 1000 no
expect "a user without sudo is told so" 1 ''
grep -q 'needs root' "$work/out" || { echo "no reason is given"; failed=1; }

machine check 0 no
rm "$work/bin/apt-get"
expect "another distribution gets the list" 0 ''
grep -q 'libsodium-dev' "$work/out" || { echo "the list is missing"; failed=1; }

got=0
"$setup" no-such-word >"$work/out" 2>&1 || got=$?
[ "$got" -eq 2 ] || { echo "an unknown word ends with status $got, wanted 2"; failed=1; }

exit "$failed"
