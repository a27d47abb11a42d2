# SPDX-License-Identifier: MIT
"""grader/ and reference/ never print and never end the process: they return errors, and harness/ decides.

The worker and the child of the sandbox are processes of their own; they may leave by _exit, which flushes nothing, or
by a signal.
"""

import re

import tree

PRINTS = re.compile(
    r"(?<![\w.>])(?:v?printf|puts|putchar|perror|psignal|v?warnx?|v?errx?)[ \t]*\(|"
    r"(?<!\w)(?:v?fprintf|fputs|fputc|putc|fwrite)[ \t]*\([^;]*\b(?:stdout|stderr)\b")
ENDS = re.compile(r"(?<![\w.>])(?:exit|abort|quick_exit|_Exit)[ \t]*\(")
LEAVES = re.compile(r"(?<![\w.>])(?:_exit|raise)[ \t]*\(")
OWN_PROCESS = (("grader", "worker"), ("grader", "sandbox"))


def lint(root):
    messages = []
    for path in tree.files(root, ["grader", "reference"], {".c", ".h"}):
        rules = [(PRINTS, "prints"), (ENDS, "ends the process")]
        if path.parts[:2] not in OWN_PROCESS:
            rules.append((LEAVES, "ends the process"))
        text = tree.bare(tree.read(root, path))
        for pattern, what in rules:
            for line, match in tree.search(pattern, text):
                messages.append(f"{path}:{line}: {match.group(0).split('(')[0].strip()} {what}; only harness/ may")
    return messages


GOOD = {
    "grader/a.c": 'void f(char *t)\n{\n    snprintf(t, 3, "printf(%d)", 1); /* exit() */\n    table.exit(1);\n}\n',
    "grader/a.h": "int f(const char *s) __attribute__((format(printf, 1, 2)));\n",
    "grader/b.c": "void f(FILE *file)\n{\n    fprintf(file, x);\n    fputs(x, file);\n}\n",
    "grader/worker/w.c": "void f(void)\n{\n    _exit(98);\n}\n",
    "harness/main.c": "int main(void)\n{\n    puts(x);\n    exit(1);\n}\n",
}

BAD = [
    ({"grader/a.c": 'void f(void)\n{\n    printf("x");\n}\n'}, "printf prints"),
    ({"grader/a.c": "void f(void)\n{\n    fprintf(stderr, x);\n}\n"}, "fprintf prints"),
    ({"grader/a.c": "void f(void)\n{\n    perror (x);\n}\n"}, "perror prints"),
    ({"grader/a.c": "void f(void)\n{\n    exit(4);\n}\n"}, "exit ends the process"),
    ({"grader/a.c": "void f(void)\n{\n    _exit(4);\n}\n"}, "_exit ends the process"),
    ({"grader/worker/a.c": "void f(void)\n{\n    abort();\n}\n"}, "abort ends the process"),
    ({"reference/a.c": "void f(void)\n{\n    puts(x);\n}\n"}, "puts prints"),
]

if __name__ == "__main__":
    tree.main(lint, GOOD, BAD)
