"""Values that often break programs: texts, numbers, JSON of every kind."""

from typing import Any

from hypothesis import strategies as st

NASTY = [
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e00.1",
    "a\r\nSet-Cookie: b=c",
    "\n2026-01-01 ERROR bot: paid",
    "<!channel> <@U0ADA4KFR7Q> <https://example.com|click>",
    "' OR 1=1; DROP TABLE expenses; --",
    "../../etc/passwd",
    "%00%0d%0a%ff",
    "{{7*7}}${7*7}",
    "NaN",
    "Infinity",
    "-1",
    "1e9999",
    "٤٢",
    "9" * 400,
    "x" * 5000,
    "\U0001f4b6" * 300,
    "__proto__",
    "null",
]

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))

numbers = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([0, -1, 2**31, 2**63, 10**300])
)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn, template: Any, most: int = 4) -> Any:
    """Change a JSON document here and there: replace, drop, wrap, or repeat parts of it."""
    document = _copy(template)
    for _ in range(draw(st.integers(0, most))):
        document = _mutate(draw, document)
    return document


def _mutate(draw: st.DrawFn, document: Any) -> Any:
    """Walk down a random path, and change the value at its end."""
    if isinstance(document, dict) and document and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(document, key=str)))
        if not draw(st.integers(0, 7)):
            del document[key]
        else:
            document[key] = _mutate(draw, document[key])
        return document
    if isinstance(document, list) and document and draw(st.integers(0, 3)):
        place = draw(st.integers(0, len(document) - 1))
        document[place] = _mutate(draw, document[place])
        return document
    match draw(st.integers(0, 5)):
        case 0:
            return [document]
        case 1:
            return {"value": document}
        case 2 if isinstance(document, str):
            return document + draw(texts)
        case 3 if isinstance(document, list):
            return document * draw(st.integers(0, 60))
        case _:
            return draw(json_values)


def _copy(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: _copy(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_copy(value) for value in document]
    return document
