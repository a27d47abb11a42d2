# SPDX-License-Identifier: MIT
"""Who may include whom, and who may touch the operating system's process machinery.

reference/ is a leaf and the only folder that sees BLAS (datasets/ has loops of its own in its place); challenges and
datasets/ use reference/ only; grader/ does not know harness/;
harness/ knows the doors of grader/, not the worker, and the sandbox only for `doctor`.
"""

import re

import tree

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
BLAS = re.compile(r"^(cblas|lapacke|lapack|f77blas|openblas_config)\.h$")
GENERATED = "harness_paths.h"

# The one file outside that starts graders of its own and the clients of a queue.
STARTER = "harness/batch/process.c"

# Starting processes and shutting them in belongs to one place.
SYSTEM = re.compile(
    r"\b(?:(?:fork|vfork|_Fork|clone|clone3|unshare|setns|mount|umount|umount2|pivot_root|chroot|seccomp|posix_spawnp?)"
    r"[ \t]*\(|(?:SYS|__NR)_(?:clone|clone3|fork|vfork|unshare|setns|mount|pivot_root|seccomp)\b|PR_SET_SECCOMP\b)")


def refusal(path, name, system):
    """Why the file at `path` may not include `name`, or None."""
    folder = path.parts[0]
    if system:
        if BLAS.match(name) and folder not in ("reference", "datasets", "tests"):
            return "only reference/ sees BLAS and LAPACK"
        if name == GENERATED and folder in ("reference", "challenges", "datasets"):
            return "this folder knows nothing of the harness"
        return None
    if folder == "reference" and not name.startswith("reference/"):
        return "reference/ includes only itself and the system"
    if folder == "datasets" and not name.startswith(("datasets/", "reference/")):
        return "datasets/ includes itself and reference/"
    if folder == "challenges" and not name.startswith("reference/") and name != f"{path.parts[1]}.h":
        return "a pack includes its own contract and reference/*.h"
    if folder == "grader" and not (name.startswith("grader/") or name == GENERATED):
        return "grader/ includes only itself"
    if folder == "harness":
        if name.startswith("grader/worker/"):
            return "harness/ does not know the worker"
        if name.startswith("grader/sandbox/") and "doctor" not in path.name:
            return "harness/ reaches the sandbox through grader/grade.h, or for doctor"
        if not (name.startswith(("harness/", "grader/")) or name == GENERATED):
            return "harness/ includes harness/ and grader/"
    return None


def exists(root, path, name):
    return name == GENERATED or (root / name).is_file() or path.parts[0] == "challenges"


def includes(root, path):
    text = tree.bare(tree.read(root, path), keep_strings=True)
    for line, match in tree.search(INCLUDE, text):
        name, system = match.group(1) or match.group(2), match.group(1) is None
        why = refusal(path, name, system)
        if not why and not system and path.parts[0] in ("grader", "harness", "reference", "datasets") and \
                not exists(root, path, name):
            why = "includes are spelled from the root, and this file is not there"
        if why:
            yield f"{path}:{line}: includes {name}: {why}"


def processes(root, path):
    if path.parts[:2] == ("grader", "sandbox") or path.as_posix() == STARTER or \
            path.parts[0] not in ("grader", "harness", "reference"):
        return
    for line, match in tree.search(SYSTEM, tree.bare(tree.read(root, path))):
        yield f"{path}:{line}: {match.group(0).rstrip('( ')} belongs to grader/sandbox/ or {STARTER}"


def lint(root):
    messages = []
    for path in tree.files(root, ["reference", "grader", "harness", "challenges", "datasets"], {".c", ".h"}):
        # What candidates write is theirs; the sandbox and the ELF vet judge it.
        if path.parts[0] == "challenges" and "solutions" in path.parts:
            continue
        messages += includes(root, path)
        messages += processes(root, path)
    return messages


GOOD = {
    "reference/real.h": "#include <cblas.h>\n",
    "reference/gemm.c": '#include "reference/real.h"\n#include <math.h>\n',
    "grader/grade.h": "/* fork() is done by sandbox/ */\n",
    "grader/grade.c": '#include "grader/grade.h"\n#include "harness_paths.h"\n',
    "grader/sandbox/sandbox.h": "\n",
    "grader/sandbox/spawn.c": "int f(void)\n{\n    return fork();\n}\n",
    "harness/main.c": '#include "grader/grade.h"\nconst char *word = "fork()";\n',
    "harness/command_doctor.c": '#include "grader/sandbox/sandbox.h"\n',
    "challenges/x/reference.c": '#include "reference/real.h"\n',
    "challenges/x/solutions/cheat_fork.c": '#include "x.h"\nint f(void) { return fork(); }\n',
}

BAD = [
    ({"reference/a.c": '#include "grader/grade.h"\n'}, "only itself and the system"),
    ({"grader/a.c": "#include <cblas.h>\n"}, "only reference/ sees BLAS"),
    ({"datasets/a.c": '#include "grader/grade.h"\n', "grader/grade.h": "\n"}, "itself and reference/"),
    ({"harness/a.c": "# include <lapacke.h>\n"}, "only reference/ sees BLAS"),
    ({"grader/a.c": '#include "harness/main.h"\n', "harness/main.h": "\n"}, "grader/ includes only itself"),
    ({"grader/a.c": '#include "a.h"\n', "grader/a.h": "\n"}, "grader/ includes only itself"),
    ({"grader/a.c": '#include "grader/b.h"\n'}, "not there"),
    ({"harness/a.c": '#include "grader/worker/w.h"\n'}, "does not know the worker"),
    ({"harness/a.c": '#include "grader/sandbox/sandbox.h"\n'}, "reaches the sandbox"),
    ({"harness/a.c": '#include "reference/real.h"\n', "reference/real.h": "\n"}, "harness/ and grader/"),
    ({"challenges/x/reference.c": '#include "grader/grade.h"\n'}, "own contract"),
    ({"grader/a.c": "int f(void)\n{\n    return vfork();\n}\n"}, "belongs to grader/sandbox/"),
    ({"harness/a.c": "long n = SYS_clone3;\n"}, "belongs to grader/sandbox/"),
    ({"grader/worker/a.c": "void f(void)\n{\n    prctl(PR_SET_SECCOMP);\n}\n"}, "belongs to grader/sandbox/"),
]

if __name__ == "__main__":
    tree.main(lint, GOOD, BAD)
