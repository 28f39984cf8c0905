"""What reading a file can find: one function per code; its docstring is the page that `explain` shows.

A page is a title line, the paragraphs What, Why, Mend and Source, and two examples (see `bgspec.pages`).
"""

from bgspec.document.rules.comments import silence_malformed, silence_of_error, silence_unused, silence_without_reason
from bgspec.document.rules.environments import environment_twice, environments_no_mapping, overlay_no_mapping, removes_nothing
from bgspec.document.rules.file import (
    NOT_UTF8,
    empty,
    forbidden_character,
    no_mapping,
    not_utf8,
    second_document,
    too_deep,
    too_large,
    too_many_problems,
    too_many_values,
)
from bgspec.document.rules.rule import FAMILY, shown
from bgspec.document.rules.yaml import (
    duplicate_key,
    endless_alias,
    key_not_text,
    key_too_long,
    lookalike,
    merge_no_mapping,
    old_yaml,
    syntax,
    tag,
    unknown_alias,
)

__all__ = [
    "FAMILY",
    "NOT_UTF8",
    "duplicate_key",
    "empty",
    "endless_alias",
    "environment_twice",
    "environments_no_mapping",
    "forbidden_character",
    "key_not_text",
    "key_too_long",
    "lookalike",
    "merge_no_mapping",
    "no_mapping",
    "not_utf8",
    "old_yaml",
    "overlay_no_mapping",
    "removes_nothing",
    "second_document",
    "shown",
    "silence_malformed",
    "silence_of_error",
    "silence_unused",
    "silence_without_reason",
    "syntax",
    "tag",
    "too_deep",
    "too_large",
    "too_many_problems",
    "too_many_values",
    "unknown_alias",
]
