"""The connection to Temporal, configured as Temporal's own tools are."""

import asyncio
import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from temporalio.client import Client, Interceptor
from temporalio.envconfig import ClientConfig

from expense_workflow.payload_codec import load_converter
from expense_workflow.settings import SettingsError

_ADDRESS = "localhost:7233"

# Shorter than the 10 s in which a platform wants a signalled process gone.
_PATIENCE = 8.0


class TemporalUnreachableError(Exception):
    """Temporal did not answer, or does not let us in; the message says where and why."""


async def connect(
    patience: float = _PATIENCE, codec: str = "", interceptors: Sequence[Interceptor] = ()
) -> Client:
    """Connect to the Temporal server that TEMPORAL_* variables or a TOML profile name.

    The default is a server on this machine. Temporal Cloud takes TEMPORAL_API_KEY, or
    TEMPORAL_TLS_* for mTLS, and needs no code.

    Args:
        patience: how many seconds the server may be silent.
        codec: `module:attribute` of the codec of what Temporal stores; empty for none.
        interceptors: see what the client does, and workers that use it.

    Raises:
        SettingsError: the configuration makes no sense.
        TemporalUnreachableError: nobody answered in time, or the server refused.
    """
    # An API key turns TLS on, even an empty one as platforms keep it.
    variables = {name: value for name, value in os.environ.items() if value.strip()}
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=variables)
        if "://" in (address := config.setdefault("target_host", _ADDRESS)):
            raise ValueError(
                "the address is HOST:PORT, without https:// (TEMPORAL_TLS is for that)"
            )
    except (RuntimeError, ValueError, OSError) as error:
        raise SettingsError(f"TEMPORAL_* or its TOML file: {reason(error)}") from error
    converter = load_converter(codec)
    try:
        async with asyncio.timeout(patience):
            return await Client.connect(
                **config, data_converter=converter, interceptors=interceptors
            )
    except TimeoutError as error:
        words = f"Temporal at {address} did not answer within {patience:g} s"
        raise TemporalUnreachableError(words) from error
    except (ValueError, OSError) as error:
        raise SettingsError(f"TEMPORAL_* or its TOML file: {reason(error)}") from error
    except RuntimeError as error:
        words = f"Temporal at {address} cannot be reached: {reason(error)}"
        raise TemporalUnreachableError(words) from error


def reason(error: Exception) -> str:
    """Find the reason in an error of Temporal's core, which words them as nested Rust values."""
    reasons = re.findall(r'(?:message|error): "([^"]+)"', str(error))
    return reasons[-1] if reasons else " ".join(str(error).split())


def leave(code: int) -> NoReturn:
    """End a process that was connected to Temporal, without Python's own finalization.

    The threads of Temporal's core go on until the very end, and one that meets a finalizing
    interpreter crashes the process (https://github.com/temporalio/sdk-python/issues/300): now and
    then a worker that had done everything right ended with SIGSEGV instead of 0.

    Args:
        code: the exit code.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
