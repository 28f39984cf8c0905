"""Everything is small enough to be read in one go; a module that is not says why."""

import ast

from tests.corpus import ROOT

LONGEST_MODULE, LONGEST_FUNCTION = 400, 60

MODULES = {
    "bgspec/account.py": "nearly all of it are the rules' pages",
    "tests/sandbox/readers.py": "a table: how each property is read back",
}


def lengths():
    """The lines of every module and of every function."""
    modules, functions = {}, {}
    for path in (path for top in ("bgspec", "tests") for path in sorted((ROOT / top).rglob("*.py"))):
        if "tests/editor/" in str(path) and {"node_modules", "build"} & set(path.parts):
            continue  # what the tests of the editor install
        name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        modules[name] = text.count("\n")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions[f"{name} {node.name}"] = node.end_lineno - node.lineno + 1
    return modules, functions


def test_functions_are_short_and_modules_are_or_say_why():
    modules, functions = lengths()
    assert {name for name, length in modules.items() if length > LONGEST_MODULE} == set(MODULES)
    assert not [name for name, length in functions.items() if length > LONGEST_FUNCTION]
