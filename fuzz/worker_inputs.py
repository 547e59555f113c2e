"""What arrives at the worker's calls and at addresses that do not exist."""

import gzip
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from fuzz.case import VICTIMS, Case
from fuzz.values import texts

# aiohttp refuses longer ones before the application sees them; `wire_inputs` has such lines.
MAX_TARGET = 6000
_METHODS = {
    "/create": "GET",
    "/registerCallback": "POST",
    "/action": "POST",
    "/status": "GET",
    "/healthz": "GET",
    "/readyz": "GET",
}
_NAMES = ["id", "is_api_call", "type", "task_token"]

_ids = st.sampled_from(VICTIMS) | st.integers(0, 300).map(str) | texts
_pairs = st.one_of(
    st.tuples(st.just("id"), _ids),
    st.tuples(st.just("type"), st.sampled_from(["payment", "approve", "reject", "APPROVED"])),
    st.tuples(st.just("is_api_call"), st.sampled_from(["true", "false", "1"])),
    st.tuples(st.just("task_token"), st.binary(max_size=80).map(bytes.hex) | texts),
    st.tuples(st.sampled_from(_NAMES) | texts, texts),
)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


@st.composite
def _queries(draw: st.DrawFn) -> str:
    usual = [("id", draw(_ids)), ("is_api_call", "true"), ("type", "payment")]
    chosen = [pair for pair in usual if draw(st.integers(0, 19))]
    chosen += draw(st.lists(_pairs, max_size=2)) if not draw(st.integers(0, 3)) else []
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in chosen)
    return query if draw(st.integers(0, 9)) else draw(st.binary(max_size=30)).hex("%")


@st.composite
def _headers(draw: st.DrawFn) -> dict[str, str]:
    headers: dict[str, str] = {}
    victim = draw(st.sampled_from(VICTIMS))
    if draw(st.booleans()):
        headers["X-Temporal-Workflow-Id"] = draw(
            st.sampled_from([f"expense_{victim}", victim, "another"]) | texts.map(_quoted)
        )
    if draw(st.booleans()):
        headers["X-Temporal-Run-Id"] = draw(
            st.sampled_from(["run-1", "run-2"]) | texts.map(_quoted)
        )
    if not draw(st.integers(0, 3)):
        headers["X-Temporal-Decide-By"] = draw(
            st.datetimes().map(lambda instant: f"{instant.isoformat()}Z")
            | texts.map(_quoted)
            | st.sampled_from(["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59"])
        )
    if not draw(st.integers(0, 9)):
        headers[draw(st.sampled_from(["X-Forwarded-For", "Origin", "Expect", "Range"]))] = draw(
            st.sampled_from(["127.0.0.1", "100-continue", "bytes=0-", "null"])
        )
    return headers


@st.composite
def worker_cases(draw: st.DrawFn) -> Case:
    """Form one request to the worker's calls."""
    is_known = draw(st.integers(0, 19))
    path = draw(
        st.sampled_from(list(_METHODS)) if is_known else texts.map(lambda text: f"/{_quoted(text)}")
    )
    headers, body = draw(_headers()), b""
    usual = _METHODS.get(path, "GET")
    if usual == "POST" or not draw(st.integers(0, 9)):
        token = draw(st.binary(min_size=1, max_size=80)).hex()
        form = [("task_token", token)] if draw(st.integers(0, 4)) else []
        form += draw(st.lists(_pairs, max_size=2 if len(form) == 0 else 1))
        encoded = urlencode(form, errors="surrogatepass").encode()
        body = encoded if draw(st.integers(0, 9)) else draw(st.binary(max_size=60))
        if not draw(st.integers(0, 19)):
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
    return Case(
        method=draw(st.sampled_from([usual] * 17 + ["GET", "POST", "HEAD"])),
        target=f"{path}?{draw(_queries())}"[:MAX_TARGET],
        body=body,
        headers=headers,
        has_key=bool(draw(st.integers(0, 4))),
    )


@st.composite
def wire_inputs(draw: st.DrawFn) -> bytes:
    """Form bytes that look somewhat like HTTP, for the socket itself."""
    head = [
        draw(st.sampled_from([b"POST", b"GET", b"get", b"PRI", b"\x16\x03\x01"]))
        + b" "
        + draw(
            st.sampled_from([b"/slack/events", b"/create?id=x", b"http://h/status", b"*", b"/%"])
        )
        + b" "
        + draw(st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b""]))
    ]
    head += draw(
        st.lists(
            st.sampled_from(
                [
                    b"Host: localhost",
                    b"Host: a\x00b",
                    b"Content-Length: 5",
                    b"Content-Length: 5, 6",
                    b"Content-Length: -1",
                    b"Content-Length: +5",
                    b"Content-Length: 99999999999999999999",
                    b"Transfer-Encoding: chunked",
                    b"Transfer-Encoding: chunked, identity",
                    b"Transfer-Encoding : chunked",
                    b"Connection: Upgrade\r\nUpgrade: websocket",
                    b"Expect: 100-continue",
                    b"X: " + b"a" * 9000,
                    b" folded",
                    b"Authorization: Bearer THEWORKERSKEY\x01",
                    b"X-Slack-Signature: v0=\xff",
                ]
            )
            | st.binary(max_size=20),
            max_size=5,
        )
    )
    end = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"]))
    body = draw(
        st.sampled_from(
            [
                b"",
                b"abcde",
                b"5\r\nabcde\r\n0\r\n\r\n",
                b"ffffffffffffffff\r\n",
                b"0\r\n\r\nGET / HTTP/1.1\r\n",
            ]
        )
        | st.binary(max_size=20)
    )
    return end.join(head) + end + end + body
