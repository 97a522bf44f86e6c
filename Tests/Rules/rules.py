"""Breaks one rule of the sources, for deploy/test-rules.

usage: rules.py break RULE TREE            replaces the rule's text in TREE; fails unless it stands there exactly once
       rules.py mend RULE ORIGINAL TREE    puts the original file back, where it differs
       rules.py manifest FROM TO           Package.swift with the simulation as its only tests
"""

import pathlib
import re
import sys


def read(path):
    """The edits of a rule: file, lines that stand there, lines that take their place."""
    words, *edits = re.split(r"^=== (?!is\n|becomes\n)", pathlib.Path(path).read_text(), flags=re.MULTILINE)
    form = r"(?P<file>[^\n]+)\n=== is\n(?P<old>.*)=== becomes\n(?P<new>.*)"
    matches = [re.fullmatch(form, edit, re.DOTALL) for edit in edits]
    if words.count("\n") != 1 or not matches or not all(matches):
        sys.exit(f"{path}: is no rule: a line of words, and once or more `=== FILE`, `=== is`, lines, `=== becomes`, lines")
    return matches


def replace(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def break_rule(path, tree):
    for edit in read(path):
        target = pathlib.Path(tree, edit["file"])
        text = target.read_text() if target.exists() else ""
        if text.count(edit["old"]) != 1:
            sys.exit(
                f"{path}: its lines stand {text.count(edit['old'])} times in {edit['file']}: "
                "the code has moved on; write the rule for what is there now"
            )
        target.write_text(text.replace(edit["old"], edit["new"]))


def mend(path, original, tree):
    for edit in read(path):
        source = pathlib.Path(original, edit["file"])
        if source.exists():
            replace(pathlib.Path(tree, edit["file"]), source.read_text())


def manifest(source, target):
    text = pathlib.Path(source).read_text()
    others = r'        tests\(\s*"(?!SimulationTests")[^"]*",\s*\[[^\]]*\]\s*\),\n'
    replace(pathlib.Path(target), re.sub(others, "", text))


if __name__ == "__main__":
    {"break": break_rule, "mend": mend, "manifest": manifest}[sys.argv[1]](*sys.argv[2:])
