# SPDX-License-Identifier: MIT
"""What GitHub's runner makes of the lines that a step prints, by the rules of its own parser."""

import re

COMMANDS = {"debug", "notice", "warning", "error", "group", "endgroup", "add-mask", "add-path", "set-env", "set-output",
            "save-state", "stop-commands", "echo", "add-matcher", "remove-matcher"}
# What .NET's string.Trim() takes for white space, and ReadLine() for the end of a line.
BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff\u200b" + \
    "".join(map(chr, range(0x2000, 0x200b)))
LINE_END = re.compile(r"\r\n|\r|\n")


def unescape(text, is_property):
    pairs = [("%0D", "\r"), ("%0A", "\n")] + ([("%3A", ":"), ("%2C", ",")] if is_property else []) + [("%25", "%")]
    for written, meant in pairs:
        text = text.replace(written, meant)
    return text


def command(line):
    """(command, properties, message) when the runner obeys the line, else None."""
    line = line.lstrip(BLANKS)
    if line.startswith("::") and line.find("::", 2) >= 0:
        head, message = line[2:].split("::", 1)
        name, _, rest = head.strip().partition(" ")
        if name not in COMMANDS:
            return None
        properties = {}
        for part in filter(None, rest.strip().split(",")):
            key, equals, value = part.partition("=")
            if equals:
                properties[key.strip()] = unescape(value, True)
        return name, properties, unescape(message, False)
    old = re.search(r"##\[([a-z-]+)[^\]]*\]", line)
    return (old.group(1), {}, line) if old and old.group(1) in COMMANDS else None


def commands(text):
    return [found for found in map(command, LINE_END.split(text)) if found]
