#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Validates every pack against the published JSON Schemas, and the schemas against packs that are known to be broken.

Usage: check_schemas.py [REPOSITORY]
Needs python3-jsonschema. Exit code 0: all is well; 1: something is not; 77: the module is not there (skipped).
"""

import copy
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed: skipped")
    sys.exit(77)

FILES = ("challenge", "hidden")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def validators(root):
    """One validator a file kind. hidden.schema.json refers to challenge.schema.json by a relative path."""
    found = {}
    for kind in FILES:
        path = root / "challenges" / f"{kind}.schema.json"
        schema = read(path)
        jsonschema.Draft7Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(path.resolve().as_uri(), schema)
        found[kind] = jsonschema.Draft7Validator(schema, resolver=resolver)
    return found


def undescribed(node, pointer=""):
    """Pointers of properties that an editor could not explain: neither described nor a reference."""
    if isinstance(node, dict):
        for key, value in node.items():
            here = f"{pointer}/{key}"
            # In an "if" the properties are conditions; beside "allOf" the branches describe the one that selects them.
            if key == "properties" and "/if" not in pointer and "allOf" not in node:
                for name, schema in value.items():
                    if not {"description", "$ref"} & schema.keys():
                        yield f"{here}/{name}"
            yield from undescribed(value, here)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from undescribed(value, f"{pointer}/{index}")


def edit(document, pointer, row):
    """The document with the value at the pointer set to row["set"], or removed when there is no "set"."""
    if pointer == "":
        return row["set"]
    document = copy.deepcopy(document)
    *path, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    at = document
    for token in path:
        at = at[int(token)] if isinstance(at, list) else at[token]
    if isinstance(at, list):
        at[int(last):int(last) + 1] = [row["set"]] if "set" in row else []
    elif "set" in row:
        at[last] = row["set"]
    else:
        del at[last]
    return document


def check_packs(root, schemas):
    """All packs there are must be valid."""
    count = 0
    for folder in sorted([*(root / "challenges").glob("*/"), *(root / "tests/data/packs").glob("*/")]):
        for kind in FILES:
            path = folder / f"{kind}.json"
            if not path.is_file():
                continue
            count += 1
            for error in schemas[kind].iter_errors(read(path)):
                yield f"{path.relative_to(root)}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
    if count < 4:
        yield f"only {count} files of packs were found below {root}"


def check_broken(root, schemas):
    """Broken packs must be refused, unless the fault is one that only the harness can see ("schema": false)."""
    rows = read(root / "tests/data/packs/broken.json")
    for row in rows:
        kind = row["file"].removesuffix(".json")
        document = read(root / "tests/data/packs" / row["pack"] / row["file"])
        valid = schemas[kind].is_valid(edit(document, row["at"], row))
        if valid == row["schema"]:
            verb = "accepts" if valid else "refuses"
            yield f"{kind}.schema.json {verb} {row['at'] or 'the top level'} = {row.get('set', 'nothing')!r}"
    if not any(row["schema"] for row in rows):
        yield "broken.json has no row that the schema should refuse"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    schemas = validators(root)
    schema = schemas["challenge"].schema
    faults = [f"challenge.schema.json: {pointer} has no description" for pointer in undescribed(schema)]
    faults += [*check_packs(root, schemas), *check_broken(root, schemas)]
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
