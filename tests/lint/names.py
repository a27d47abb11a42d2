# SPDX-License-Identifier: MIT
"""Names: a struct is called struct, _t belongs to the C library, and a file is called after what it does."""

import re

import tree

RULES = [
    (re.compile(r"\btypedef\s+(?:const\s+)?(?:struct|union|enum)\b"), "a typedef hides what the thing is"),
    (re.compile(r"\b(?:struct|union|enum)\s+\w+_t\b\s*\{"), "names that end in _t belong to the C library"),
    (re.compile(r"\btypedef\b[^;{]*\b\w+_t\s*;"), "names that end in _t belong to the C library"),
    (re.compile(r"\btypedef\b[^;{]*\(\s*\*\s*\w+_t\s*\)"), "names that end in _t belong to the C library"),
]
MARKS = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
VAGUE = re.compile(r"^(?:utils?|helpers?|misc|common|stuff)(?:_.*)?$|_(?:utils?|helpers?|misc)$")
FILE_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
FOLDERS = ["grader", "harness", "reference", "datasets", "tests"]
# The lints themselves must name what they look for.
EXEMPT = "tests/lint/names.py"


def code(root, path):
    text = tree.read(root, path)
    for pattern, why in RULES:
        for line, _ in tree.search(pattern, tree.bare(text)):
            yield f"{path}:{line}: {why}"


def marks(root, path):
    for line, match in tree.search(MARKS, tree.read(root, path)):
        yield f"{path}:{line}: {match.group(0)}: unfinished work belongs into an issue"


def lint(root):
    messages = []
    for path in tree.files(root, FOLDERS, {".c", ".h", ".py", ".sh"}):
        # A pack's files carry its id.
        data = path.parts[:2] == ("tests", "data") or path.parts[:3] == ("tests", "hostile", "packs")
        if not data and (VAGUE.search(path.stem) or not FILE_NAME.match(path.stem)):
            messages.append(f"{path}: a file is named after what it does, in lower case with underscores")
        if path.as_posix() != EXEMPT:
            messages += marks(root, path)
        if path.suffix in (".c", ".h"):
            messages += code(root, path)
    for path in tree.files(root, ["challenges"], {".c", ".h"}):
        if "solutions" not in path.parts and path.name != "starter.c":
            messages += code(root, path)
    return messages


GOOD = {
    "grader/a.c": "struct a {\n    size_t n;\n};\ntypedef int a_fn(int);\n/* a typedef struct */\n",
    "tests/data/my-pack/my-pack.h": "struct my_params {\n    int n;\n};\n",
    "reference/real.h": "typedef float real;\n",
    "challenges/x/solutions/wrong_a.c": "typedef struct { int a; } a_t;\n",
}

BAD = [
    ({"grader/a.c": "typedef struct a { int n; } a;\n"}, "hides"),
    ({"harness/a.h": "typedef\nenum { A } a;\n"}, "hides"),
    ({"challenges/x/x.h": "typedef struct { int n; } params;\n"}, "hides"),
    ({"grader/a.c": "struct a_t {\n    int n;\n};\n"}, "_t"),
    ({"grader/a.c": "typedef unsigned word_t;\n"}, "_t"),
    ({"grader/a.c": "typedef int (*callback_t)(int);\n"}, "_t"),
    ({"grader/utils.c": "\n"}, "named after what it does"),
    ({"grader/text_helpers.c": "\n"}, "named after what it does"),
    ({"tests/TestA.c": "\n"}, "named after what it does"),
    ({"tests/a.c": "/* TODO: more */\n"}, "unfinished"),
]

if __name__ == "__main__":
    tree.main(lint, GOOD, BAD)
