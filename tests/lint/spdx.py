# SPDX-License-Identifier: MIT
"""Every source file says under which licence it stands, in one of its first three lines."""

import re

import tree

TAG = "SPDX-License-Identifier: MIT"
PROMISE = re.compile(r"// [A-Z][^\n]*: [^\n]* => [a-z]")
SUFFIXES = {".c", ".h", ".sh", ".py", ".cmake", ".in", ".bats"}


def submission(text):
    """A file that is graded starts with directives or, in the hostile corpus, with its promise."""
    return text.startswith(("// expect:", "// harness:")) or PROMISE.match(text) is not None


def lint(root):
    paths = tree.files(root, ["."], SUFFIXES)
    paths += [path for path in tree.files(root, ["."], {".txt", ""})
              if path.name in ("CMakeLists.txt", "setup") or path.parts[0] == ".ci"]
    messages = []
    for path in paths:
        text = tree.read(root, path)
        if not submission(text) and not any(TAG in line for line in text.split("\n")[:3]):
            messages.append(f"{path}:1: lacks '{TAG}'")
    return messages


GOOD = {
    "grader/a.c": f"/* {TAG} */\n",
    "CMakeLists.txt": f"# {TAG}\n",
    "setup": f"#!/bin/sh\n# {TAG}\n",
    "challenges/x/solutions/wrong_a.c": "// expect: wrong_answer\n",
    "tests/hostile/timing/b.c": "// A7: remembers => wrong_answer\n",
    "challenges/x/starter.c": "// harness: x\n",
    "build/generated.c": "\n",
    "README.md": "\n",
}

BAD = [
    ({"grader/a.c": "int a;\n"}, "lacks"),
    ({"grader/a.h": f"\n\n\n/* {TAG} */\n"}, "lacks"),
    ({"tests/CMakeLists.txt": "add_test()\n"}, "tests/CMakeLists.txt"),
    ({"setup": "#!/bin/sh\n"}, "setup"),
    ({".ci/run": "#!/bin/bash\n"}, ".ci/run"),
    ({"challenges/x/x.h": "#ifndef X\n"}, "challenges/x/x.h"),
]

if __name__ == "__main__":
    tree.main(lint, GOOD, BAD)
