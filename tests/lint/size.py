# SPDX-License-Identifier: MIT
"""Functions of at most 60 lines, files of at most 400 (and 350 is the aim, which is only remarked on)."""

import ast
import re
import sys

import tree

FUNCTION_LINES = 60
FILE_LINES, FILE_AIM = 400, 350
COLUMNS = 120
HEAD = re.compile(r"^[A-Za-z_][^;{}=#]*\)\s*\{", re.MULTILINE)
NAME = re.compile(r"(\w+)\s*\(")


def c_functions(text):
    """(name, first line, length) of each function; a head starts in the first column, and so does the last brace."""
    text = tree.bare(text)
    for match in HEAD.finditer(text):
        line_end = (text + "\n").index("\n", match.end())
        end = line_end if "}" in text[match.end():line_end] else text.find("\n}", match.end()) + 1
        first = text.count("\n", 0, match.start()) + 1
        yield NAME.search(match.group(0)).group(1), first, text.count("\n", match.start(), end) + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def check_file(path, text):
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines; split it by meaning at {FILE_LINES}"
    elif lines > FILE_AIM:
        print(f"note: {path} has {lines} lines, more than the aim of {FILE_AIM}", file=sys.stderr)
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > COLUMNS:
            yield f"{path}:{number}: {len(line)} columns, more than {COLUMNS}"
    found = []
    if path.suffix in (".c", ".h"):
        found = c_functions(text)
    elif path.suffix == ".py":
        found = python_functions(text)
    for name, line, length in found:
        if length > FUNCTION_LINES:
            yield f"{path}:{line}: function {name} has {length} lines, more than {FUNCTION_LINES}"


def lint(root):
    messages = []
    for path in tree.files(root, ["harness", "grader", "reference", "datasets", "tests"], {".c", ".h", ".py", ".sh"}):
        messages += check_file(path, tree.read(root, path))
    return messages


def function(lines, head="int f(void)\n{\n"):
    return head + "    x();\n" * (lines - 3) + "}\n"


GOOD = {
    "grader/a.c": function(60) + "struct s {\n" + "    int a;\n" * 100 + "};\n",
    "grader/b.c": function(60, "static int f(int (*g)(int),\n             int b) {\n") * 3,
    "tests/a.py": "def f():\n" + "    pass\n" * 59,
}

BAD = [
    ({"grader/a.c": function(61)}, "function f has 61 lines"),
    ({"grader/a.c": function(61, "int f(int a,\n      int b)\n{\n")}, "function f has 62 lines"),
    ({"tests/a.c": "START_TEST(x)\n{\n" + "    y();\n" * 60 + "}\n"}, "more than 60"),
    ({"harness/a.c": function(61, "static int g(int a,\n    int b) {\n")}, "function g has 61 lines"),
    ({"harness/a.c": "int one(void) { return 1; }\n" + function(61)}, "function f has 61 lines"),
    ({"harness/a.h": "\n" * 401}, "401 lines"),
    ({"grader/a.c": "int " + "x" * 120 + ";\n"}, "columns"),
    ({"tests/a.py": "def f():\n" + "    pass\n" * 60}, "function f has 61 lines"),
]

if __name__ == "__main__":
    tree.main(lint, GOOD, BAD)
