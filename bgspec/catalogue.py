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
    families = (account.FAMILY, document.FAMILY, language.FAMILY, checks.FAMILY, overrides.FAMILY)
    entries = (Entry(code, family.severities[code], parse_page(page)) for family in families for code, page in family.pages.items())
    return {entry.code: entry for entry in sorted(entries)}
