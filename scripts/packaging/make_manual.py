#!/usr/bin/env python3
"""Write the manual pages of a program of swift-argument-parser, one for each command.

usage: make_manual.py DUMP.json FOLDER VERSION DATE

DUMP.json is the output of `PROGRAM --experimental-dump-help`. Pages are PROGRAM.1 and PROGRAM-COMMAND.1; the
subcommands of a command are sections of its page.
"""
import json
import re
import sys
from pathlib import Path


def escape(text):
    """Text for roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"(?m)^\.", r"\\&.", text)


def prose(text):
    """Text with its words in backquotes bold."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(f"\\fB{escape(p)}\\fR" if i % 2 else escape(p) for i, p in enumerate(parts))


def flag(name):
    return ("-" if name["kind"] == "short" else "--") + name["name"]


def value(argument):
    return f"\\fI{escape(argument['valueName'])}\\fR"


def usage(argument):
    """An argument in the synopsis."""
    text = value(argument) if argument["kind"] == "positional" else flag(argument["preferredName"])
    if argument["kind"] != "positional":
        text = f"\\fB{escape(text)}\\fR"
        if argument["kind"] == "option":
            text += f" {value(argument)}"
    if argument["isRepeating"]:
        text += " ..."
    return f"[{text}]" if argument["isOptional"] else text


def item(argument):
    """An argument with its meaning."""
    if argument["kind"] == "positional":
        term = value(argument)
    else:
        term = ", ".join(f"\\fB{escape(flag(name))}\\fR" for name in argument["names"])
        if argument["kind"] == "option":
            term += f" {value(argument)}"
    text = argument.get("abstract", "")
    default = argument.get("defaultValue")
    if default is not None and "(default:" not in text:
        text += f" (default: {default})"
    return [".TP", term, prose(text.strip()) or "No description."]


def discussion(text):
    """Paragraphs, and the examples at the end."""
    text, _, examples = text.partition("Examples:")
    lines = []
    for paragraph in filter(None, re.split(r"\n\s*\n", text.strip())):
        rows = paragraph.split("\n")
        if any(row.startswith("  ") for row in rows):
            lines += [".PP", ".nf"] + [prose(row) for row in rows] + [".fi"]
        else:
            lines += [".PP", prose(" ".join(row.strip() for row in rows))]
    return lines, [line.strip() for line in examples.split("\n") if line.strip()]


def shown(arguments):
    return [a for a in arguments if a.get("shouldDisplay", True)]


def options(command, heading):
    """The options by section, in the order of the help."""
    sections = {}
    for argument in shown(command.get("arguments", [])):
        title = argument.get("sectionTitle") or (
            "Arguments" if argument["kind"] == "positional" else "Options")
        sections.setdefault(title, []).append(argument)
    lines = []
    for title, arguments in sections.items():
        lines.append(f"{heading} {escape(title.upper() if heading == '.SH' else title)}")
        for argument in arguments:
            lines += item(argument)
    return lines


def synopsis(command, path):
    arguments = shown(command.get("arguments", []))
    required = [a for a in arguments if not a["isOptional"]]
    words = [f"\\fB{escape(' '.join(path))}\\fR"]
    if len(required) < len(arguments):
        words.append("[\\fIoptions\\fR]")
    words += [usage(a) for a in required]
    if command.get("subcommands") and not required:
        words.append("\\fIsubcommand\\fR")
    return [".PP", " ".join(words)]


def subcommands(command):
    return [c for c in command.get("subcommands", []) if c["commandName"] != "help"]


def page(command, path, version, date, others):
    name = "-".join(path)
    abstract = command.get("abstract", "").strip().rstrip(".")
    abstract = abstract[:1].lower() + abstract[1:]
    lines = [
        f'.TH "{name.upper()}" 1 "{date}" "{path[0]} {version}" "User Commands"',
        ".SH NAME", f"{escape(name)} \\- {prose(abstract)}", ".SH SYNOPSIS", *synopsis(command, path),
    ]
    paragraphs, examples = discussion(command.get("discussion", ""))
    if paragraphs:
        lines += [".SH DESCRIPTION", *paragraphs]
    inner = subcommands(command)
    if inner and len(path) == 1:
        lines.append(".SH COMMANDS")
        for each in inner:
            lines += [".TP", f"\\fB{escape(each['commandName'])}\\fR", prose(each.get("abstract", ""))]
    lines += options(command, ".SH")
    if inner and len(path) > 1:
        for each in inner:
            own = path + [each["commandName"]]
            standard = " (the default)" if command.get("defaultSubcommand") == each["commandName"] else ""
            lines += [f'.SH "{escape(" ".join(own[1:]).upper())}"', *synopsis(each, own), ".PP"]
            lines.append(prose(each.get("abstract", "")) + standard)
            more, further = discussion(each.get("discussion", ""))
            lines += more + options(each, ".SS")
            examples += further
    if examples:
        lines += [".SH EXAMPLES"]
        for example in examples:
            lines += [".PP", ".nf", f"\\fB{escape(example)}\\fR", ".fi"]
    lines += [".SH FILES", ".TP", f"\\fI/usr/share/doc/{path[0]}\\fR",
              "The documentation, with the formats of files and the exit codes."]
    lines += [".SH SEE ALSO", ", ".join(f"\\fB{escape(o)}\\fR(1)" for o in others if o != name)]
    # A section begins a paragraph anyway.
    kept = [line for i, line in enumerate(lines)
            if line != ".PP" or not lines[i - 1].startswith((".SH", ".SS"))]
    return "\n".join(kept) + "\n"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    dump, folder, version, date = sys.argv[1:]
    root = json.loads(Path(dump).read_text())["command"]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    program = root["commandName"]
    commands = [([program], root)] + [([program, c["commandName"]], c) for c in subcommands(root)]
    names = ["-".join(path) for path, _ in commands]
    for path, command in commands:
        others = names if len(path) == 1 else [program]
        (folder / f"{'-'.join(path)}.1").write_text(page(command, path, version, date, others))
    print("\n".join(f"{name}.1" for name in names))


main()
