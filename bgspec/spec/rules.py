"""What the language can find: one function per code; its docstring is the page that `explain` shows (see `bgspec.pages`)."""

from bgspec.diagnostics import Family, Sentences
from bgspec.document.rules import shown

FAMILY = Family({}, {})
rule = FAMILY.rule


@rule("BG201", at="key")
def unknown_key(key: str, section: str, mend: str) -> Sentences:
    """A key is not part of the language.

    What: A section has a key that it does not know: misspelled, in a wrong place, or from another tool's language.
    Why: Nothing would come of it. Whoever wrote it expects that something does, so bgspec ignores no key.
    Mend: Take the key that is meant, move it to its section, or remove it.
    Source: The language itself; docs/language.md has every key.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            desired_count: 3
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            count: 3
    """
    return f"{shown(key)} is not a key of {section}.", mend


@rule("BG202", at="key")
def missing_key(key: str, section: str, mend: str) -> Sentences:
    """A key is missing that only you can know.

    What: A section lacks a key without a default.
    Why: bgspec guesses nothing that it cannot know, such as the image that your service runs.
    Mend: Add the key.
    Source: The language itself; docs/language.md says which keys have no default.

    Fails:
        services:
          web:
            port: 8080
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
    """
    return f"{section} has no `{key}`.", mend


@rule("BG203")
def wrong_kind(name: str, value: str, wanted: str, mend: str) -> Sentences:
    """A value is of another kind than it must be.

    What: There is a text where a number belongs, one value where a list belongs, a list where a mapping belongs, and so on.
    Why: bgspec converts nothing silently: what looks like a number to you may have been meant as a text, and the other way round.
    Mend: Write the kind of value that the message asks for.
    Source: The language itself; docs/language.md shows each key's kind. YAML 1.2.2, §10.3 Core Schema, says what a plain word is.

    Fails:
        services:
          web:
            image: {build: .}
            port: "8080"
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
    """
    return f"{name} is {value}, but must be {wanted}.", mend


@rule("BG204")
def unknown_word(name: str, value: str, mend: str) -> Sentences:
    """A value is none of the words that are possible here.

    What: The key takes one of a few values, and this is none of them.
    Why: Each of them becomes something particular on AWS; there is nothing for any other.
    Mend: Take one of those that the message names.
    Source: The language itself; docs/language.md lists the values of each key.

    Fails:
        network:
          egress: internet
    Passes:
        network:
          egress: nat
    """
    return f"{name} cannot be {value}.", mend


@rule("BG205")
def out_of_limits(name: str, value: str, mend: str) -> Sentences:
    """A value is too large, too small, too long or too short.

    What: The value has the right form, but lies outside of what AWS or bgspec allows.
    Why: AWS would refuse the resource, often minutes later and under another name. Some limits are bgspec's own, so that every name it
        makes of yours fits.
    Mend: Stay inside the limit that the message names.
    Source: The language itself; each limit with AWS's own source stands in docs/language.md and in bgspec/spec/types.py.

    Fails:
        services:
          web:
            image: {build: .}
            port: 80800
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
    """
    return f"{name} cannot be {value}.", mend


@rule("BG206")
def wrong_form(name: str, value: str, mend: str) -> Sentences:
    """A value is not written as it must be.

    What: A duration without a unit, an address that is none, an ARN with a part missing, a path with a character that is not allowed.
    Why: The value would reach AWS, a shell or a file as it is. What is not surely well-formed is refused here.
    Mend: Write it in the form that the message shows.
    Source: The language itself; each form with AWS's own source stands in docs/language.md and in bgspec/spec/types.py.

    Fails:
        deployment:
          terminate_after: 5 minutes
    Passes:
        deployment:
          terminate_after: 5m
    """
    return f"{name} cannot be {value}.", mend


@rule("BG207", at="key")
def wrong_name(name: str, section: str, mend: str) -> Sentences:
    """A name that you choose is not one that AWS takes.

    What: The key of a service, a variable or a tag has characters that are not allowed, or too many.
    Why: It becomes part of the names of AWS resources, or a variable of a shell.
    Mend: Choose a name in the form that the message shows.
    Source: The language itself; bgspec/spec/types.py has AWS's limit for each kind of name.

    Fails:
        services:
          Web_API:
            image: {build: .}
            port: 8080
    Passes:
        services:
          web-api:
            image: {build: .}
            port: 8080
    """
    return f"{shown(name)} cannot be a name in {section}.", mend


@rule("BG208", at="key")
def empty(name: str, mend: str) -> Sentences:
    """Nothing stands behind a key.

    What: A key has no value, or a section has no keys.
    Why: YAML reads it as null. Nobody can tell whether the default is meant, or whether something was forgotten.
    Mend: Write the value, or remove the key.
    Source: The language itself; YAML 1.2.2, §7.2 Empty Nodes.

    Fails:
        deployment:
        network:
          zones: 3
    Passes:
        network:
          zones: 3
    """
    return f"{name} is empty.", mend


@rule("BG209", at="key")
def key_of_another_kind(key: str, section: str, chosen: str, other: str, instead: str | None) -> Sentences:
    """A key belongs to another kind of the section.

    What: The section is of one kind (an engine, a provider, a way to shift), and the key exists only in another.
    Why: What it means does not exist in the kind that was chosen.
    Mend: Remove the key, or choose the other kind.
    Source: The language itself; docs/language.md lists the keys of each kind.

    Fails:
        deployment:
          shift:
            linear: 10%
            every: 1m
            after: 5m
    Passes:
        deployment:
          shift:
            canary: 10%
            after: 5m
    """
    mend = f"Write `{instead}` instead" if instead else "Remove it"
    return f"`{key}` is not a key of {section} with {chosen}, but with {other}.", f"{mend}, or choose {other}."
