"""What is wrong with `environments:` and its overlays."""

from bgspec.diagnostics import Sentences
from bgspec.document.rules.rule import rule, shown


@rule("BG120")
def environments_no_mapping() -> Sentences:
    """`environments:` names no environment.

    What: `environments:` is empty, or is not a mapping of names to overlays.
    Why: With it the file describes one environment per name; without a name it describes none.
    Mend: Write one name per environment with what differs there, `{}` where nothing does. For a single environment use
        `environment: NAME` instead.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        environments:
    Passes:
        bgspec: 1
        environments:
          stg: {}
    """
    return "`environments:` names no environment.", "Write one key per environment, such as `prd: {}`."


@rule("BG121")
def overlay_no_mapping(name: str) -> Sentences:
    """An environment's overlay is not a mapping.

    What: Under an environment's name stands something other than keys.
    Why: An overlay has the shape of the spec: only then is it clear what it replaces.
    Mend: Write the keys that differ, or `{}` when nothing does.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        environments:
          prd:
    Passes:
        bgspec: 1
        environments:
          prd: {}
    """
    return f"The environment {shown(name)} has no mapping.", "Write the keys that differ, or `{}` when nothing does."


@rule("BG122")
def environment_twice() -> Sentences:
    """The environment is named twice.

    What: `environment:` stands beside `environments:`, or one of the two stands inside an overlay.
    Why: The keys of `environments:` are the names already; a second name could only contradict them.
    Mend: Remove it.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        environment: stg
        environments:
          prd: {}
    Passes:
        bgspec: 1
        environments:
          prd: {}
    """
    return "The keys under `environments:` name the environment already.", "Remove this one."


@rule("BG123")
def removes_nothing(key: str, near: str | None) -> Sentences:
    """An overlay removes something that is not there.

    What: A null in an overlay removes what the rest of the file says. Here the rest says nothing about it.
    Why: A misspelled key would vanish without a word, and what should be gone would stay.
    Mend: Correct the key, or remove the line.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        deployment: {terminate_after: 5m}
        environments:
          prd:
            deployment: {terminate_aftr: null}
    Passes:
        bgspec: 1
        deployment: {terminate_after: 5m}
        environments:
          prd:
            deployment: {terminate_after: null}
    """
    mend = f"Did you mean {shown(near)}?" if near else "Remove the line."
    return f"There is no {shown(key)} above that this null could remove.", mend
