"""`python -m bot audit`: verify, key, and a bundle that an auditor checks without the bot."""

import asyncio
import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from bot.commands.console import Exit
from bot.database.engine.connection import Connection
from bot.database.receipts.contents import ReceiptContents
from bot.database.receipts.copies import ReceiptStore
from bot.database.trail.erasure import erase
from bot.database.trail.policies import PolicyTexts
from bot.database.trail.samples import sample
from bot.database.trail.sealing import Sealer, Signed
from bot.database.trail.signing import Signer
from bot.domain import audit_events
from bot.domain.expense import Expense, Receipt
from bot.domain.receipts import CopyState
from bot.policy.file.loader import read_policy
from tests.support.commands import Run
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, SECRET, Rooms, rooms

POLICY = f'base_currency = "EUR"\n\n[[rules]]\n[[rules.stages]]\nask = ["{MANAGER}"]\n'
RECEIPT = b"%PDF-1.7 a receipt"
KEY = Signer([SECRET]).public_key


@pytest.fixture
async def here(sqlite_url: str) -> AsyncIterator[Rooms]:
    async with rooms(sqlite_url, rulebook=read_policy(POLICY)) as opened:
        yield opened


@pytest.fixture
def run(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys, "audit", DATABASE_URL=sqlite_url, EXPENSE_ENCRYPTION_KEY=SECRET)


async def submitted(here: Rooms, key: str) -> Expense:
    """An expense with a receipt that the bot has copied."""
    sent = Receipt(id=f"F{key}", name="receipt.pdf", permalink="https://x.test/")
    claim = replace(LUNCH, receipts=(sent,))
    expense = await here.submissions.submit(REQUESTER, claim, key)
    store, sha256 = ReceiptStore(here.database), hashlib.sha256(RECEIPT).hexdigest()
    await store.expect(expense.id, [sent], is_required=True)
    [copy] = await store.of_expense(expense.id)
    kept = replace(copy, state=CopyState.KEPT, sha256=sha256, type="application/pdf", size=18)
    await store.settle(kept)
    await ReceiptContents(here.database).put(sha256, RECEIPT)
    return expense


async def seal(here: Rooms) -> list[Signed]:
    sealer, found = Sealer(here.database, Signer([SECRET])), []
    while signed := await sealer.sweep():
        found.append(signed)
    return found


async def test_verify_says_what_is_sealed_and_names_what_is_not_as_it_was(
    here: Rooms, run: Run
) -> None:
    expense = await submitted(here, "1")
    [signed] = await seal(here)
    for given in ([], ["--root", signed.hash], ["--key", KEY]):
        code, said = await run("verify", *given)
        assert (code, said.splitlines()[-1]) == (Exit.DONE, "everything is as it was sealed")
    assert "2 lines of 1 expenses under 1 roots; 0 were sealed late, 0 are not sealed yet" in said
    code, said = await run("verify", "--root", "0" * 64, "--json")
    [finding] = json.loads(said)["findings"]
    assert (code, finding["what"]) == (Exit.FOUND, f"the published root {'0' * 64} is missing")
    code, said = await run("verify", "--key", "0" * 64)
    assert code == Exit.FOUND
    assert "root 1 is not signed with a key of yours" in said
    async with here.database.writing() as connection:
        await connection.execute(text("UPDATE expenses SET amount = '4250'"))
    code, said = await run("verify")
    assert code == Exit.FOUND
    assert said.startswith(f"expense {expense.id}, line 1, was changed")


async def test_key_prints_the_public_keys(run: Run) -> None:
    other = "another secret with 34 characters."
    code, said = await run("key", EXPENSE_ENCRYPTION_KEY=f"{other},{SECRET}")
    assert (code, said.split()) == (Exit.DONE, Signer([other, SECRET]).public_keys)


async def test_the_same_seed_chooses_the_same_sample() -> None:
    ids = [str(number) for number in range(100)]
    chosen = sample(ids, "a seed", 25)
    assert chosen == sample(ids[::-1], "a seed", 25)
    assert chosen != sample(ids, "another", 25)
    assert sample(ids[:2], "a seed", 25) == sample(ids[:2], "a seed", 2)


# The bundle


@pytest.fixture
async def bundle(here: Rooms, run: Run, tmp_path: Path) -> Path:
    """A bundle of one expense of two, unpacked."""
    expenses = [await submitted(here, str(number)) for number in range(2)]
    sha256 = hashlib.sha256(POLICY.encode()).hexdigest()
    await PolicyTexts(here.database).keep(sha256, POLICY)
    await seal(here)
    await here.expenses.note(expenses[0], audit_events.Refused("No lunch."), MANAGER)
    await here.submissions.withdraw(expenses[0].id, REQUESTER)
    [signed] = await seal(here)
    today = f"{await here.database.now():%Y-%m-%d}"
    out = tmp_path / "bundle.zip"
    period = ("--from", today, "--to", today, "--sample", "0", "--seed", "mine")
    code, said = await run(
        *("bundle", *period, "--out", str(out), "--expense", f"{today[:4]}-0001"),
    )
    assert (code, said) == (Exit.DONE, f"{out}: 1 of 2 expenses, chosen by --seed mine\n")
    folder = tmp_path / "bundle"
    ZipFile(out).extractall(folder)
    (folder / "published").write_text(signed.hash)
    return folder


def found_in(bundle: Path, pattern: str) -> Iterator[Path]:
    return bundle.glob(pattern)


def check(bundle: Path, *known: str) -> tuple[int, list[str]]:
    """Run the program of a bundle as an auditor does, where no bot is installed."""
    program = [sys.executable, "-I", str(bundle / "check.py"), *known]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()


async def test_an_auditor_checks_a_bundle_without_the_bot(
    bundle: Path, here: Rooms, run: Run
) -> None:
    published = (bundle / "published").read_text()
    code, said = await asyncio.to_thread(check, bundle, KEY, published)
    assert said == [
        f"2 roots are signed with the key {KEY}: which you named",
        "1 expenses: everything is as it was sealed",
    ]
    assert code == 0
    about = json.loads((bundle / "sample.json").read_text())
    [id] = about["sample"]
    assert (about["expenses"], about["seed"], about["missing"]) == (2, "mine", [])
    assert id in (bundle / "population.txt").read_text().split()
    [policy] = (bundle / "policies").iterdir()
    assert policy.read_text() == POLICY
    record = json.loads((bundle / "expenses" / id / "record.json").read_text())
    assert (record["amount"], record["requester"], record["state"]) == (
        *("42.50", REQUESTER),
        "WITHDRAWN",
    )
    assert "task_token" not in record
    history = json.loads((bundle / "expenses" / id / "history.json").read_text())
    assert [line["event"] for line in history] == ["submit", "keep_receipt", "refuse", "withdraw"]
    [receipt] = (bundle / "expenses" / id / "receipts").iterdir()
    assert receipt.read_bytes() == RECEIPT
    code, said = await asyncio.to_thread(check, bundle, "0" * 64)
    assert code == 1
    assert f"WRONG: nothing here is signed with, or has the hash {'0' * 64}" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("expenses/*/record.json", "42.50", "4250", "line 1 is not what was sealed"),
        ("expenses/*/record.json", '"WITHDRAWN"', '"COMPLETED"', "it is recorded as COMPLETED"),
        ("expenses/*/history.json", "No lunch.", "Too late.", "line 3 is not what was sealed"),
        ("expenses/*/history.json", '"line": 2', '"line": 3', "line 2 is missing"),
        ("expenses/*/receipts/*", "receipt", "rec31pt", "is not what its name says"),
        ("policies/*", MANAGER, "U0EVIL", "the policy that judged it was changed"),
        ("roots/1.lines", " 1 ", " 9 ", "1.lines is not the list that root 1 was signed for"),
        ("roots.jsonl", "+00:00", "+01:00", "root 1 has no signature of the key that it names"),
        ("roots.jsonl", '"number": 2', '"number": 3', "root 3 says that it is 2"),
    ],
)
async def test_what_is_changed_in_a_bundle_is_named(
    bundle: Path, file: str, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = [*found_in(bundle, file)]
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    spec = importlib.util.spec_from_file_location("check", bundle / "check.py")
    assert spec
    assert spec.loader
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    capsys.readouterr()
    assert program.main([]) == 1
    assert said in capsys.readouterr().out


async def test_what_is_missing_in_a_bundle_is_said(here: Rooms, run: Run, tmp_path: Path) -> None:
    expense = await submitted(here, "1")
    await seal(here)
    sha256 = hashlib.sha256(RECEIPT).hexdigest()
    await ReceiptContents(here.database).delete(sha256)
    today = f"{await here.database.now():%Y-%m-%d}"
    period, out = ("--from", today, "--to", today), tmp_path / "bundle.zip"
    code, said = await run("bundle", *period, "--out", str(out), "--expense", "NOSUCH")
    assert code == Exit.FOUND
    assert f"the receipt receipt.pdf of expense {expense.id} is not in its place" in said
    assert f"the policy {expense.policy_sha256} was not kept" in said
    assert "expense NOSUCH does not exist" in said
    code, said = await run("bundle", *period, "--out", str(out))
    assert (code, "is there already" in said) == (Exit.MISUSED, True)
    code, said = await run("bundle", "--from", today, "--to", "2020-01-01")
    assert (code, "it is before --from" in said) == (Exit.MISUSED, True)


async def test_what_was_erased_is_checked_by_its_commitment(
    here: Rooms, run: Run, tmp_path: Path
) -> None:
    expense = await submitted(here, "1")
    await PolicyTexts(here.database).keep(expense.policy_sha256 or "", POLICY)
    await seal(here)
    [line, *_] = await here.expenses.history(expense.id)

    async def forget(connection: Connection) -> None:
        now, lines = await here.database.now(), {line.number: {"actor": "somebody"}}
        await erase(connection, expense.id, lines, {"description": "Erased"}, "operator", now)

    await here.database.transaction(forget)
    await seal(here)
    today, out = f"{await here.database.now():%Y-%m-%d}", tmp_path / "bundle.zip"
    code, _ = await run("bundle", "--from", today, "--to", today, "--out", str(out))
    assert code == Exit.DONE
    ZipFile(out).extractall(tmp_path / "bundle")
    assert (await asyncio.to_thread(check, tmp_path / "bundle", KEY))[0] == 0
