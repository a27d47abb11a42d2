#!/bin/sh
# SPDX-License-Identifier: MIT
# Gradescope runs this once, when it builds the image of an assignment. The archive to upload holds this file,
# run_autograder and the harness itself in the folder harness/.
set -eu
cd "$(dirname "$0")"
harness/setup build
