"""Reads what a task token says of itself.

Temporal calls its tokens opaque, so what is read here is a hint: Temporal is asked whether it is
true before anything follows from it.
"""

from dataclasses import dataclass
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

# In Temporal's message `token.v1.Task`.
_NAMESPACE_ID, _WORKFLOW_ID, _RUN_ID = 1, 2, 3
_TEXT = 2  # protobuf's wire type of texts


@dataclass(frozen=True, slots=True)
class TaskToken:
    """Where the attempt of an activity runs, as its task token says."""

    namespace_id: str
    workflow_id: str
    run_id: str


def read_task_token(token: bytes | None) -> TaskToken | None:
    """Read a task token; None if it is none, or of a form that this code does not know."""
    message = Empty()
    try:
        message.ParseFromString(token or b"")
        found: Any = UnknownFieldSet(message)  # its stubs know nothing of iterating
        texts = {
            field.field_number: field.data.decode()
            for field in found
            if field.wire_type == _TEXT and field.field_number <= _RUN_ID
        }
        return TaskToken(texts[_NAMESPACE_ID], texts[_WORKFLOW_ID], texts[_RUN_ID])
    except (DecodeError, UnicodeDecodeError, KeyError):
        return None
