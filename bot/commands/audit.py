"""`python -m bot audit`: what shows an auditor that the record is as it was."""

from dataclasses import asdict

import click

from bot.commands.console import Exit, as_json, print_json, with_settings
from bot.setting_groups import KeySettings
from bot.setting_types import DatabaseSettings
from bot.settings import load

# Some statements look at every line, which takes longer than a click may.
_PATIENCE_SECONDS = 120.0
# So many findings say enough.
_MOST = 100


@click.group(no_args_is_help=False)
def audit() -> None:
    """Verify the audit trail, print the key that it is signed with, or take a sample."""


@audit.command()
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="HEX",
    help="Trust this public key, and not those of EXPENSE_ENCRYPTION_KEY.",
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="HEX",
    help="A root that was published, as in the log: the trail has to have it.",
)
@as_json
@with_settings(DatabaseSettings)
async def verify(
    settings: DatabaseSettings, *, keys: tuple[str, ...], roots: tuple[str, ...], as_json: bool
) -> Exit:
    """Name what was changed, removed or cut off in the audit trail.

    It needs DATABASE_URL, and EXPENSE_ENCRYPTION_KEY unless --key is given. The exit code is 1 if
    something is not as it was sealed.
    """
    from bot.commands.opening import opened
    from bot.database.trail.signing import Signer
    from bot.database.trail.verification import Verification

    trusted = keys or Signer(load(KeySettings).encryption_secrets()).public_keys
    async with opened(settings, patience=_PATIENCE_SECONDS) as database:
        looking = Verification(database, [key.lower() for key in trusted], roots)
        found, count = [], 0
        async for finding in looking.findings():
            count += 1
            if count <= _MOST:
                found.append(finding)
                if not as_json:
                    click.echo(f"{finding}")
    lines = looking.lines
    root, hash = looking.newest or (None, None)
    if as_json:
        print_json(
            {
                "findings": [asdict(finding) for finding in found],
                "count": count,
                "lines": lines.lines,
                "expenses": len(lines.heads),
                "sealed_late": lines.late,
                "not_sealed": looking.unsealed,
                "roots": looking.roots,
                "newest_root": root and {"number": root.number, "hash": hash, "key": root.key},
            }
        )
        return Exit.FOUND if count else Exit.DONE
    if count > _MOST:
        click.echo(f"… and {count - _MOST} more")
    click.echo(
        f"{lines.lines} lines of {len(lines.heads)} expenses under {looking.roots} roots; "
        f"{lines.late} were sealed late, {looking.unsealed} are not sealed yet"
    )
    if root:
        click.echo(f"newest root: {root.number} of {root.at:%Y-%m-%d %H:%M} UTC, {hash}")
    if not count:
        click.echo("everything is as it was sealed")
    return Exit.FOUND if count else Exit.DONE


@audit.command()
@with_settings(KeySettings)
async def key(settings: KeySettings) -> None:
    """Print the public key that the audit trail is signed with, and former ones.

    It needs EXPENSE_ENCRYPTION_KEY, or the key file of a SQLite database.
    """
    from bot.database.trail.signing import Signer

    for public_key in Signer(settings.encryption_secrets()).public_keys:
        click.echo(public_key)
