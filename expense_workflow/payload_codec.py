"""Loads the codec that encodes what Temporal stores; the bot needs the same one."""

import pkgutil
from dataclasses import replace

from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from expense_workflow.settings import SettingsError


def load_converter(name: str) -> DataConverter:
    """Return Temporal's data converter, with the codec that EXPENSE_PAYLOAD_CODEC names.

    With a codec, what failures say is encoded as well.

    Args:
        name: `module:attribute` of a `PayloadCodec`, or of what makes one when it is called; empty
            for no codec.

    Raises:
        SettingsError: there is no such thing, or it is no codec.
    """
    if not name:
        return DataConverter.default
    try:
        codec = pkgutil.resolve_name(name)
        if callable(codec):
            codec = codec()
    except Exception as error:
        # The operator's own code runs here, and may fail as it likes; what it says may be a secret.
        kind = type(error).__name__
        raise SettingsError(
            f"EXPENSE_PAYLOAD_CODEC is wrong: {name} cannot be loaded ({kind})"
        ) from error
    if not isinstance(codec, PayloadCodec):
        raise SettingsError(
            f"EXPENSE_PAYLOAD_CODEC is wrong: {name} is no temporalio.converter.PayloadCodec"
        )
    return replace(
        DataConverter.default,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
