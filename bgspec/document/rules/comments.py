"""What is wrong with the comments that silence findings."""

from bgspec.diagnostics import Sentences
from bgspec.document.rules.rule import rule, shown


@rule("BG130", "warning")
def silence_malformed(mend: str) -> Sentences:
    """A silencing comment is not written as one.

    What: A comment begins with `bgspec:` but is not `# bgspec: ignore[BG305] reason`.
    Why: It silences nothing, though somebody counts on it.
    Mend: Write the codes in brackets, separated by commas, and the reason after them.
    Source: bgspec's language.

    Fails:
        bgspec: 1  # bgspec: ignore BG305
    Passes:
        bgspec: 1
    """
    return "This comment silences nothing.", mend


@rule("BG131", "warning")
def silence_without_reason() -> Sentences:
    """A silencing comment gives no reason.

    What: The comment `# bgspec: ignore[…]` says what to silence, not why.
    Why: The next reader has to find out whether the finding was wrong, accepted, or only in the way.
    Mend: Write the reason behind the bracket.
    Source: bgspec's language.

    Fails:
        bgspec: 1  # bgspec: ignore[BG305]
    Passes:
        bgspec: 1
    """
    return "This comment gives no reason.", "Write why behind the bracket: `# bgspec: ignore[BG305] the office only`."


@rule("BG132", "warning")
def silence_unused(code: str) -> Sentences:
    """A silencing comment silences nothing.

    What: There is no finding of this code on the line the comment speaks of.
    Why: It was mended, or the comment is at the wrong line; left standing, it would hide the next one.
    Mend: Remove the comment, or move it to the line of the finding.
    Source: bgspec's language.

    Fails:
        bgspec: 1  # bgspec: ignore[BG305] mended long ago
    Passes:
        bgspec: 1
    """
    return f"There is no finding {shown(code)} here to silence.", "Remove it, or move it to the line of the finding."


@rule("BG133", "warning")
def silence_of_error(code: str) -> Sentences:
    """A silencing comment names an error.

    What: The comment names a finding that is an error. Only warnings and infos can be silenced.
    Why: An error is something that AWS refuses, or that cannot be compiled: silence would not make it work.
    Mend: Mend the error and remove the comment.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        system: !Sub shop  # bgspec: ignore[BG111] works elsewhere
    Passes:
        bgspec: 1
        system: shop
    """
    return f"{shown(code)} is an error and cannot be silenced.", "Mend it, and remove this comment."
