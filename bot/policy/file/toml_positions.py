"""The lines on which keys and values of a TOML text begin, which tomllib does not tell."""

import tomllib
from collections.abc import Iterator, Mapping

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

# The path to a value: names of keys, and numbers of entries of arrays, from 0.
Place = tuple[str | int, ...]

# No mistake of a policy lies deeper, and a hostile key could have thousands of parts.
_DEEPEST = 10
_HEADERS = ("table", "table_array_element")


def line_numbers(text: str) -> dict[Place, int]:
    """Return the line, from 1, on which each key, table and entry of an array begins."""
    tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode())
    lines: dict[Place, int] = {}
    entries: dict[Place, int] = {}
    for node in tree.root_node.named_children:
        is_table = node.type in _HEADERS
        table = _header(node, lines, entries) if is_table else ()
        for pair in node.named_children if is_table else [node]:
            if pair.type == "pair":
                _walk_pair(pair, table, lines)
    return lines


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """Return the line of a place, or of the closest place around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _header(node: Node, lines: dict[Place, int], entries: dict[Place, int]) -> Place:
    parts = [*_key(node.named_children[0])]
    is_entry = node.type == "table_array_element"
    place: Place = ()
    for number, part in enumerate(parts, start=1):
        place = (*place, part)
        if is_entry and number == len(parts):
            entries[place] = entries.get(place, -1) + 1
            _note(place, node, lines)
        # In a header, the name of an array of tables means its last entry.
        if place in entries:
            place = (*place, entries[place])
        _note(place, node, lines)
    return place


def _walk_pair(pair: Node, table: Place, lines: dict[Place, int]) -> None:
    key, value = (child for child in pair.named_children if child.type != "comment")
    for part in _key(key):
        table = (*table, part)
        _note(table, key, lines)
    _walk_value(value, table, lines)


def _walk_value(value: Node, place: Place, lines: dict[Place, int]) -> None:
    if len(place) > _DEEPEST:
        return
    children = [child for child in value.named_children if child.type != "comment"]
    if value.type == "array":
        for number, child in enumerate(children):
            _note((*place, number), child, lines)
            _walk_value(child, (*place, number), lines)
    elif value.type == "inline_table":
        for pair in children:
            _walk_pair(pair, place, lines)


def _key(node: Node) -> Iterator[str]:
    if node.type == "dotted_key":
        for part in node.named_children:
            yield from _key(part)
        return
    text = (node.text or b"").decode()
    yield text if node.type == "bare_key" else tomllib.loads(f"key = {text}")["key"]


def _note(place: Place, node: Node, lines: dict[Place, int]) -> None:
    if len(place) <= _DEEPEST:
        lines.setdefault(place, node.start_point.row + 1)
