# SPDX-License-Identifier: MIT
"""What the lints share: the files of the tree, C text without comments and strings, and the command line.

A lint is a function from a root folder to a list of messages. `lint.py ROOT` prints them and fails if there are any;
`lint.py --self-test` gives the lint small trees that are wrong, each of which it must reject, and one that is right.
"""

import pathlib
import re
import sys
import tempfile

SKIPPED = {".git", ".harness", ".cache", "__pycache__"}


def files(root, folders, suffixes):
    """Paths below the given folders (relative to root), sorted; build folders are passed over."""
    found = []
    for folder in folders:
        base = root / folder
        candidates = base.rglob("*") if base.is_dir() else [base]
        for path in candidates:
            relative = path.relative_to(root)
            if any(part in SKIPPED or part.startswith("build") for part in relative.parts[:-1]):
                continue
            if path.is_file() and path.suffix in suffixes:
                found.append(relative)
    return sorted(set(found))


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def bare(text, keep_strings=False):
    """C text with comments (and strings) blanked; line numbers stay."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token if keep_strings else token[0] * 2
        return "\n" * token.count("\n")

    return TOKEN.sub(blank, text)


def search(pattern, text):
    """(line number, match) of every match of a compiled pattern in the text of a file."""
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


def in_tree(lint, contents):
    """Messages of the lint on a temporary tree {path: text}."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in contents.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return lint(root)


def self_test(lint, good, bad):
    """`good` must give no message; each of `bad` = (tree, words) exactly one, and it holds the words."""
    failures = []
    messages = in_tree(lint, good)
    if messages:
        failures.append(f"the good tree was refused: {messages}")
    for contents, words in bad:
        messages = in_tree(lint, contents)
        if len(messages) != 1 or words not in messages[0]:
            failures.append(f"{list(contents)} must be refused once for '{words}', but: {messages}")
    return failures


def main(lint, good, bad):
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} ROOT | --self-test")
    if sys.argv[1] == "--self-test":
        messages = self_test(lint, good, bad)
    else:
        messages = lint(pathlib.Path(sys.argv[1]).resolve())
    for message in messages:
        print(message)
    sys.exit(1 if messages else 0)
