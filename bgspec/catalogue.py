"""Every rule of every family, with its page."""

from functools import cache
from typing import NamedTuple

from bgspec import account, checks
from bgspec.diagnostics import Severity
from bgspec.document import rules as document
from bgspec.overrides import findings as overrides
from bgspec.pages import Page, parse_page
from bgspec.spec import rules as language


class Entry(NamedTuple):
    """A rule with its page."""

    code: str
    severity: Severity
    page: Page


@cache
def catalogue() -> dict[str, Entry]:
    """Every rule by its code, in the order of the codes."""
    severities: dict[str, Severity] = {
        **account.SEVERITIES,
        **document.SEVERITIES,
        **dict.fromkeys(language.PAGES, "error"),
        **{rule.code: rule.severity for rule in checks.RULES},
        **overrides.SEVERITIES,
    }
    pages = {**account.PAGES, **document.PAGES, **language.PAGES, **checks.PAGES, **overrides.PAGES}
    return {code: Entry(code, severities[code], parse_page(pages[code])) for code in sorted(pages)}
