"""Breaks one rule of the sources, for deploy/test-rules.

usage: rules.py break RULE TREE            replaces the rule's text in TREE; fails unless it stands there exactly once
       rules.py mend RULE ORIGINAL TREE    puts the original file back, where it differs
       rules.py manifest FROM TO           Package.swift with the simulation as its only tests
"""

import pathlib
import re
import sys


def read(path):
    text = pathlib.Path(path).read_text()
    form = r"(?P<words>[^\n]+)\n=== (?P<file>[^\n]+)\n=== is\n(?P<old>.*)=== becomes\n(?P<new>.*)"
    match = re.fullmatch(form, text, re.DOTALL)
    if not match:
        sys.exit(f"{path}: is no rule: a line of words, `=== FILE`, `=== is`, lines, `=== becomes`, lines")
    return match


def replace(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def break_rule(path, tree):
    rule = read(path)
    target = pathlib.Path(tree, rule["file"])
    text = target.read_text() if target.exists() else ""
    if text.count(rule["old"]) != 1:
        sys.exit(
            f"{path}: its lines stand {text.count(rule['old'])} times in {rule['file']}: "
            "the code has moved on; write the rule for what is there now"
        )
    target.write_text(text.replace(rule["old"], rule["new"]))


def mend(path, original, tree):
    name = read(path)["file"]
    source = pathlib.Path(original, name)
    if source.exists():
        replace(pathlib.Path(tree, name), source.read_text())


def manifest(source, target):
    text = pathlib.Path(source).read_text()
    others = r'        tests\(\s*"(?!SimulationTests")[^"]*",\s*\[[^\]]*\]\s*\),\n'
    replace(pathlib.Path(target), re.sub(others, "", text))


if __name__ == "__main__":
    {"break": break_rule, "mend": mend, "manifest": manifest}[sys.argv[1]](*sys.argv[2:])
