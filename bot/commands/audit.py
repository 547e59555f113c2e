"""`python -m bot audit`: what shows an auditor that the record is as it was."""

import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from bot.commands.console import Exit, as_json, print_json, with_settings
from bot.setting_groups import KeySettings, ReceiptSettings
from bot.setting_types import DatabaseSettings
from bot.settings import load

# Some statements look at every line, which takes longer than a click may.
_PATIENCE_SECONDS = 120.0
# So many findings say enough.
_MOST = 100
_DAY = click.DateTime(["%Y-%m-%d"])


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


@audit.command()
@click.option("--from", "first", type=_DAY, required=True, help="The first day (UTC).")
@click.option("--to", "last", type=_DAY, required=True, help="The last day (UTC).")
@click.option("--sample", "count", type=click.IntRange(0, 10_000), default=25, show_default=True)
@click.option("--seed", help="Chooses the same sample again; otherwise one is made and printed.")
@click.option(
    "--expense", "also", multiple=True, metavar="ID", help="Add one, by its id or number."
)
@click.option("--out", type=click.Path(path_type=Path), help="The archive to write.")
@with_settings(ReceiptSettings)
async def bundle(
    settings: ReceiptSettings,
    *,
    first: datetime,
    last: datetime,
    count: int,
    seed: str | None,
    also: tuple[str, ...],
    out: Path | None,
) -> Exit:
    """Write a sample of expenses with their evidence, and a program that checks it.

    It needs DATABASE_URL, and EXPENSE_RECEIPTS with what belongs to it. The exit code is 1 if
    something is missing in the archive.
    """
    from bot.commands.bundle.writing import Chosen, write_bundle
    from bot.commands.opening import opened
    from bot.database.numbers import id_of
    from bot.database.trail.policies import PolicyTexts
    from bot.database.trail.samples import Samples, sample
    from bot.receipt_storage import IN_DATABASE, ReceiptStorage

    period = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"
    if last < first:
        raise click.BadParameter("it is before --from", param_hint="--to")
    out, seed = out or Path(f"audit_{'_'.join(period)}.zip"), seed or secrets.token_hex(8)
    if out.exists():
        raise click.BadParameter(f"{out} is there already", param_hint="--out")
    async with opened(settings, _PATIENCE_SECONDS) as database:
        samples = Samples(database)
        day_after = last.replace(tzinfo=UTC) + timedelta(days=1)
        ids = await samples.of_period(first.replace(tzinfo=UTC), day_after)
        named = [await id_of(database, one) for one in also]
        chosen = Chosen(
            period=period,
            seed=seed,
            population=ids,
            ids=[*dict.fromkeys((*sample(ids, seed, count), *named))],
        )
        storage = ReceiptStorage(settings.expense_receipts or IN_DATABASE, database)
        texts = PolicyTexts(database)
        missing = await write_bundle(out, chosen, samples, texts, storage.get)
    for what in missing:
        click.echo(what, err=True)
    click.echo(f"{out}: {len(chosen.ids)} of {len(ids)} expenses, chosen by --seed {seed}")
    return Exit.FOUND if missing else Exit.DONE
