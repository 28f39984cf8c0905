"""What is wrong with the YAML."""

from bgspec.diagnostics import Sentences
from bgspec.document.rules.rule import rule, shown


@rule("BG106")
def syntax(message: str, mend: str) -> Sentences:
    """The file is not YAML.

    What: Reading stopped here, because what follows cannot be YAML. Nothing after this place was checked.
    Why: Nobody can know what was meant: the finding names what YAML expected and the usual reason.
    Mend: The four usual ones. Indent with spaces, never with tabs; put a space after the colon; close every quote and
        bracket; give keys of one mapping the same indentation.
    Source: YAML 1.2.2, https://yaml.org/spec/1.2.2/

    Fails:
        network:
          zones: 2
           egress: nat
    Passes:
        network:
          zones: 2
          egress: nat
    """
    return message, mend


@rule("BG110")
def duplicate_key(key: str, first: int) -> Sentences:
    """A key stands twice in one mapping.

    What: The same key was given in this mapping before.
    Why: YAML forbids it, and most readers silently keep only the last one: half of what is written would be lost.
    Mend: Remove one of the two, or put both contents under one key.
    Source: YAML 1.2.2, §3.2.1.3 Node Comparison, https://yaml.org/spec/1.2.2/#3213-node-comparison

    Fails:
        network:
          zones: 2
          zones: 3
    Passes:
        network:
          zones: 3
    """
    mend = "Write both as one list: `<<: [*a, *b]`." if key == "<<" else "Keep one of the two."
    return f"The key {shown(key)} stands here already, in line {first}.", mend


@rule("BG111")
def tag(name: str) -> Sentences:
    """A YAML tag stands in front of a value.

    What: A word with an exclamation mark (`!Sub`, `!Ref`, `!!str`) stands in front of a value.
    Why: A spec has no tags. CloudFormation's functions belong into templates, and bgspec writes those.
    Mend: Remove the tag. To make text of a number, quote it. What another stack exports is named by its id or ARN.
    Source: bgspec's language; YAML 1.2.2, §2.4 Tags, https://yaml.org/spec/1.2.2/#24-tags

    Fails:
        system: !Sub shop
    Passes:
        system: shop
    """
    name = name.replace("tag:yaml.org,2002:", "!!")
    mend = {
        "!!str": "To make text of a value, quote it.",
        "!env": "Write the value; where it differs, give each environment its own, below `environments:`.",
    }
    return f"A spec has no tags such as {shown(name)}.", f"Remove the tag. {mend.get(name.lower(), 'Write the value itself.')}"


@rule("BG112")
def key_not_text() -> Sentences:
    """A key is not a word.

    What: A list, a mapping or nothing at all stands where a key belongs.
    Why: Every key of a spec is a word. Braces at this place usually come from a template's `{{ … }}` that was not
        filled in.
    Mend: Write a word in front of the colon. Quote a value that begins with `{` or `[`.
    Source: bgspec's language.

    Fails:
        system: {{ name }}
    Passes:
        system: "{{ name }}"
    """
    return (
        "A key must be a word; here stands a list, a mapping or nothing.",
        "Write the key in front of the colon; quote a value that begins with `{` or `[`.",
    )


@rule("BG113")
def key_too_long(length: int, limit: int) -> Sentences:
    r"""A key is too long.

    What: A key has more than 256 characters.
    Why: No key of a spec, and no name on AWS that stands as a key (a tag, an environment variable), is that long.
    Mend: Shorten the key. Look for a colon that is missing earlier in the file.
    Source: A limit of bgspec's own; the longest on AWS's side is a tag's key with 128 characters,
        https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html

    Fails (Python):
        "tags:\n  ? " + "x" * 300 + "\n  : y\n"
    Passes:
        tags:
          Owner: web-team
    """
    return f"This key has {length:,} characters; {limit} are allowed.", "Shorten it."


@rule("BG114")
def unknown_alias(name: str, near: str | None) -> Sentences:
    """An alias leads to no anchor.

    What: `*name` repeats what `&name` marked earlier in the file. There is no such mark above this place.
    Why: YAML knows an anchor only after it has been written.
    Mend: Correct the name, or move the anchored value above its first alias. Quote a text that begins with `*`.
    Source: YAML 1.2.2, §7.1 Alias Nodes, https://yaml.org/spec/1.2.2/#71-alias-nodes

    Fails:
        tags: *common
    Passes:
        tags: "*common"
    """
    mend = f"Did you mean `*{near}`?" if near else f"Mark a value above with `&{name[:40]}`, or quote text that begins with `*`."
    return f"No anchor {shown('&' + name)} stands above this alias.", mend


@rule("BG115")
def endless_alias(name: str) -> Sentences:
    """An alias stands inside the value it repeats.

    What: `*name` stands within the mapping or list that `&name` marks.
    Why: Written out, it would never end.
    Mend: Move the alias out of that value, or write the value it was meant to repeat.
    Source: YAML 1.2.2, §3.2.2.2 Anchors and Aliases, https://yaml.org/spec/1.2.2/#3222-anchors-and-aliases

    Fails:
        tags: &tags
          Owner: *tags
    Passes:
        tags: &tags
          Owner: web-team
    """
    return f"{shown('*' + name)} stands inside the value it repeats.", "Move it out, or write the value."


@rule("BG116")
def merge_no_mapping() -> Sentences:
    """A merge key `<<` merges something that has no keys.

    What: `<<: *name` adds the keys of another mapping to this one. Here it was given something else.
    Why: Only keys can be merged.
    Mend: Give it an alias to a mapping, or a list of such aliases.
    Source: YAML's merge key, https://yaml.org/type/merge.html

    Fails:
        tags:
          <<: web-team
    Passes:
        base: &base {Owner: web-team}
        tags:
          <<: *base
    """
    return "`<<` takes a mapping or a list of mappings.", "Write `<<: *name`, where `&name` marks a mapping."


@rule("BG117", "warning")
def old_yaml() -> Sentences:
    """The file asks for YAML 1.1.

    What: The file begins with `%YAML 1.1`. bgspec reads YAML 1.2, whatever the directive says.
    Why: In YAML 1.1 `on`, `no` and `1:30` are not text; whoever wrote the directive may count on that.
    Mend: Remove the line, and write `true`, `false` and numbers as such.
    Source: YAML 1.2.2, §6.8.1 YAML Directives, https://yaml.org/spec/1.2.2/#681-yaml-directives

    Fails:
        %YAML 1.1
        ---
        bgspec: 1
    Passes:
        %YAML 1.2
        ---
        bgspec: 1
    """
    return "The file asks for YAML 1.1; bgspec reads YAML 1.2.", "Remove the line: `on`, `no` and `1:30` are text here."


@rule("BG118")
def lookalike(message: str, mend: str) -> Sentences:
    """Text that only looks like YAML's own signs.

    What: A full-width or no-break space, a full-width colon, a curly quote, or a dash or colon without the space that
        belongs behind it stands where the real sign would have a meaning.
    Why: YAML takes all of them for text, without a word: a list becomes one sentence, a name gets quotes. Such signs
        come from word processors, web pages and input methods.
    Mend: Type the sign again. Where the text is meant as it stands, put it in straight quotes.
    Source: YAML 1.2.2, §5.5 White Space Characters, https://yaml.org/spec/1.2.2/#55-white-space-characters

    Fails:
        system: “shop”
    Passes:
        system: "shop"
    """
    return message, mend
