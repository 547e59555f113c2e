"""Writes the evidence of a sample of expenses into an archive."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

from bot.database.trail.policies import PolicyTexts
from bot.database.trail.samples import Evidence, Samples

_HERE = Path(__file__).parent
ReadReceipt = Callable[[str], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which expenses are looked at, and how they were chosen."""

    period: tuple[str, str]  # the first and the last day, UTC
    seed: str
    population: Sequence[str]  # the ids of all expenses of the period
    ids: Sequence[str]


async def write_bundle(
    to: Path, chosen: Chosen, samples: Samples, texts: PolicyTexts, receipt: ReadReceipt
) -> list[str]:
    """Write an archive, and return a sentence for each thing that is missing from it.

    Args:
        to: a file that is not there yet.
        chosen: the sample.
        samples: reads the evidence.
        texts: has the policies.
        receipt: returns the content of a receipt by its SHA-256.
    """
    missing: list[str] = []
    roots: set[int] = set()
    policies: set[str] = set()
    with ZipFile(to, "x", ZIP_DEFLATED) as archive:
        for id in chosen.ids:
            evidence = await samples.evidence(id)
            if evidence is None:
                missing.append(f"expense {id} does not exist")
                continue
            roots |= evidence.roots
            policies |= {evidence.record["policy_sha256"] or ""} - {""}
            missing += await _write_expense(archive, id, evidence, receipt)
        for sha256 in sorted(policies):
            text = await texts.read(sha256)
            if text is None:
                missing.append(f"the policy {sha256} was not kept")
            else:
                archive.writestr(f"policies/{sha256}.toml", text)
        for number in sorted(roots):
            root = await samples.root(number)
            if root is None:
                missing.append(f"root {number} was removed")
            else:
                archive.writestr(f"roots/{number}.lines", root.lines)
        with archive.open("roots.jsonl", "w") as file:
            if roots:
                async for line in samples.chain(min(roots)):
                    file.write(f"{json.dumps(line)}\n".encode())
        about = {
            "from": chosen.period[0],
            "to": chosen.period[1],
            "expenses": len(chosen.population),
            "seed": chosen.seed,
            "sample": [*chosen.ids],
            "missing": missing,
        }
        archive.writestr("sample.json", _json(about))
        archive.writestr("population.txt", "".join(f"{id}\n" for id in chosen.population))
        for name in ("README.md", "check.py"):
            archive.write(_HERE / name, name)
    return missing


async def _write_expense(
    archive: ZipFile, id: str, evidence: Evidence, receipt: ReadReceipt
) -> list[str]:
    # Another service may have chosen the id.
    folder, missing = f"expenses/{quote(id, safe='')}", []
    archive.writestr(f"{folder}/record.json", _json(evidence.record))
    archive.writestr(f"{folder}/history.json", _json(evidence.lines))
    for kept in evidence.record["receipts_kept"]:
        if not (sha256 := kept["sha256"]):
            continue
        content = await receipt(sha256)
        if content is None:
            missing.append(f"the receipt {kept['name']} of expense {id} is not in its place")
        else:
            kind = (kept["type"] or "").rpartition("/")[2]
            archive.writestr(f"{folder}/receipts/{sha256}.{kind}", content)
    return missing


def _json(what: Any) -> str:
    return json.dumps(what, indent=2)
