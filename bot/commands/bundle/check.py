"""Check this bundle: python3 check.py [KEY or ROOT HASH ...], with what you know from elsewhere.

It needs Python's standard library only, and openssl for signatures. README.md says what it checks.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
NOTHING = "0" * 64
# What RFC 8410 puts before the 32 bytes of a public key of Ed25519.
DER = bytes.fromhex("302a300506032b6570032100")


def sha256(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(salt: str, value: object) -> str:
    """Return what stands in a line's hash for a value."""
    return sha256(salt + json.dumps(value))


def check_expense(folder: Path, signed: dict[str, set[str]]) -> list[str]:
    """Check one expense, and return what is wrong with it.

    Args:
        folder: of the expense.
        signed: by root, the lines that it names.
    """
    record = json.loads((folder / "record.json").read_text())
    lines = json.loads((folder / "history.json").read_text())
    wrong, previous, erasures, gone = [], NOTHING, set(), set()
    for count, line in enumerate(lines, start=1):
        if line["line"] is None:
            wrong.append(f"a line of {line['at']} is not sealed yet")
            continue
        if line["line"] != count:
            wrong.append(f"line {count} is missing")
            break
        salts, erased = json.loads(line["salts"]), json.loads(line["erased"] or "{}")
        values = {"actor": line["actor"], "detail": line["detail"]}
        values |= {
            name: None if (value := record[name.removeprefix("claim.")]) is None else str(value)
            for name in salts
            if name.startswith("claim.")
        }
        commitments = {name: commitment(salt, values[name]) for name, salt in salts.items()}
        facts = {name: line[name] for name in ("at", "event", "line", "number", "state")}
        facts |= {"expense": record["id"], "previous": previous}
        facts["commitments"] = commitments | erased
        found = sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")))
        if found != line["hash"]:
            wrong.append(f"line {count} is not what was sealed")
        if f"{line['hash']} {count} {record['id']}" not in signed.get(str(line["root"]), set()):
            wrong.append(f"line {count} is not what root {line['root']} was signed for")
        previous = line["hash"]
        gone |= {f"{count}.{name}" for name in erased}
        if line["event"] == "erase":
            erasures |= set((line["detail"] or "").split())
    wrong += [f"{name} was erased, and no line says so" for name in sorted(gone - erasures)]
    if not lines or lines[-1]["state"] != record["state"]:
        wrong.append(f"it is recorded as {record['state']}, and its last line says otherwise")
    return wrong + check_files(folder, record)


def check_files(folder: Path, record: dict) -> list[str]:  # type: ignore[type-arg]
    """Check the receipts of an expense, and the policy that judged it."""
    wrong = []
    for receipt in record.get("receipts_kept", []):
        hash = receipt["sha256"]
        files = [*(folder / "receipts").glob(f"{hash}*")] if hash else []
        wrong += [
            f"{file.name} is not what its name says"
            for file in files
            if hashlib.sha256(file.read_bytes()).hexdigest() != hash
        ]
        if hash and not files:
            wrong.append(f"the receipt {receipt['name']} is missing")
    if policy := record.get("policy_sha256"):
        file = HERE / "policies" / f"{policy}.toml"
        if not file.exists():
            wrong.append("the policy that judged it is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != policy:
            wrong.append("the policy that judged it was changed")
    return wrong


def check_roots() -> tuple[list[str], dict[str, set[str]], dict[str, str], dict[str, int]]:
    """Check the roots; return what is wrong, the lines and hashes of each, and who signed."""
    wrong: list[str] = []
    signed: dict[str, set[str]] = {}
    hashes: dict[str, str] = {}
    keys: dict[str, int] = {}
    last = None
    for text in (HERE / "roots.jsonl").read_text().splitlines():
        root = json.loads(text)
        number, body, signature = root["number"], root["body"], root["signature"]
        head = dict(line.split(" ", 1) for line in body.split("\n"))
        if head["root"] != str(number):
            wrong.append(f"root {number} says that it is {head['root']}")
        if last and head["previous"] != last:
            wrong.append(f"root {number} does not follow the one before")
        last = sha256(f"{body}\n{signature}")
        hashes[last] = str(number)
        lines = HERE / "roots" / f"{number}.lines"
        if lines.exists():
            content = lines.read_bytes().decode()
            if sha256(content) != head["lines"]:
                wrong.append(f"{lines.name} is not the list that root {number} was signed for")
            signed[str(number)] = set(content.split("\n"))
            keys[head["key"]] = keys.get(head["key"], 0) + 1
            if not is_signed(body, signature, head["key"]):
                wrong.append(f"root {number} has no signature of the key that it names")
    return wrong, signed, hashes, keys


def is_signed(body: str, signature: str, key: str) -> bool:
    """Ask openssl whether a key has signed a text; without openssl, believe it."""
    if not (program := shutil.which("openssl")):
        return True
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / name) for name in ("key", "text", "signature")}
        Path(files["key"]).write_bytes(DER + bytes.fromhex(key))
        Path(files["text"]).write_bytes(body.encode())
        Path(files["signature"]).write_bytes(bytes.fromhex(signature))
        arguments = ["-verify", "-pubin", "-keyform", "DER", "-inkey", files["key"], "-rawin"]
        arguments += ["-in", files["text"], "-sigfile", files["signature"]]
        done = subprocess.run([program, "pkeyutl", *arguments], capture_output=True)  # noqa: S603
    return done.returncode == 0


def main(known: list[str]) -> int:
    """Check everything, and print what is wrong."""
    tell = sys.stdout.write
    wrong, signed, hashes, keys = check_roots()
    folders = sorted(path for path in (HERE / "expenses").iterdir() if path.is_dir())
    for folder in folders:
        wrong += [f"expense {folder.name}: {what}" for what in check_expense(folder, signed)]
    for one in known:
        if one not in keys and one not in hashes:
            wrong.append(f"nothing here is signed with, or has the hash {one}")
    for key, count in keys.items():
        known_key = "which you named" if key in known else "compare it with the log of the bot"
        tell(f"{count} roots are signed with the key {key}: {known_key}\n")
    if not shutil.which("openssl"):
        tell("signatures were NOT checked, as there is no openssl here\n")
    for what in wrong:
        tell(f"WRONG: {what}\n")
    tell(f"{len(folders)} expenses: {'see above' if wrong else 'everything is as it was sealed'}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
