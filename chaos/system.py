"""The real system: the Procfile's processes, PostgreSQL and Temporal, with links between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
from temporalio.client import Client

from chaos.bank import Bank
from chaos.logbook import Logbook
from chaos.network.links import Link
from chaos.network.moments import Moments
from chaos.network.postgres_tap import PostgresTap
from chaos.network.router import Router
from chaos.network.slack_gate import SlackGate
from chaos.programs import bots_and_workers, postgres, release, temporal
from chaos.schedule import TARGETS, WEBS, WORKERS
from chaos.settings import (
    SHORT_WINDOW,
    Secrets,
    database_url,
    environments,
    workspace,
    write_policy,
)
from chaos.watched_slack import WatchedSlack
from sandbox.programs import Program, free_port
from sandbox.slack.config import APPROVALS
from sandbox.slack.server import FakeSlack
from sandbox.supervisor import Supervisor

# What asyncpg raises when PostgreSQL is killed, or has no connection left.
DATABASE_AWAY = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


@dataclass(frozen=True)
class System:
    """Everything that runs, and the ways to disturb it.

    Attributes:
        folder: where logs and databases are left.
        secrets: what must not appear in any output.
        slack: the stand-in.
        managers: the id of the user group that decides.
        supervisor: runs and kills the programs.
        programs: by their names, which are those of `chaos.schedule.TARGETS`.
        environments: of the bots and workers; a program that is started again has its new one.
        links: the network between them, by title.
        router: brings Slack's and the workers' requests to the bots.
        bank: the payment system.
        moments: at which processes can be killed.
        logbook: what really happened.
        temporal: a client of the server, past all links.
        database_url: of the database, past all links.
        short_window: how many seconds people have where they have little time.
        restoring: is held from a backup until it is restored.
    """

    folder: Path
    secrets: Secrets
    slack: FakeSlack
    managers: str
    supervisor: Supervisor
    programs: dict[str, Program]
    environments: dict[str, dict[str, str]]
    links: dict[str, Link]
    router: Router
    bank: Bank
    moments: Moments
    logbook: Logbook
    temporal: Client
    database_url: str
    short_window: int
    restoring: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """Connect to the database, past all links."""
        connection = await asyncpg.connect(self.database_url)
        try:
            yield connection
        finally:
            await connection.close()

    def calm(self) -> None:
        """End all faults; kills that have happened stay."""
        self.slack.faults.clear()
        self.bank.calm()
        self.router.calm()
        for link in self.links.values():
            link.mend()

    async def until_ready(self) -> None:
        """Wait until everything that was killed is back."""
        for name in TARGETS:
            await self.programs[name].until_ready(120)


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
    logbook, moments, secret = Logbook(), Moments(), Secrets.make()
    async with AsyncExitStack() as stack:
        config = workspace(secret, employees, managers)
        slack = await stack.enter_async_context(WatchedSlack.start(config))
        gate = SlackGate(slack.base_url, APPROVALS.id, moments, logbook)
        stack.push_async_callback(gate.stop)
        await gate.server.start()

        bank = Bank(secret.payment_key, moments, logbook)
        await bank.server.start()
        stack.push_async_callback(bank.server.stop)

        ports = {name: free_port() for name in (*WEBS, "postgres", "temporal")}
        router = Router({name: ports[name] for name in WEBS}, moments, logbook)
        stack.push_async_callback(router.stop)
        await router.server.start()
        slack.app_url = f"http://127.0.0.1:{router.server.port}"

        links = _links(ports, gate.server.port, bank.server.port, router.server.port, moments)
        for link in links.values():
            await link.start()
            stack.push_async_callback(link.stop)
        # The addresses that Slack hands out, such as response_url, lead through the same link.
        slack.base_url = f"http://127.0.0.1:{links['web>slack'].port}"
        slack.workspace.files.base_url = slack.base_url

        supervisor = await stack.enter_async_context(
            Supervisor(
                lambda program, how, _: logbook.ends.update([f"{program.title} with {how}"]),
                grace=0,
                longest_pause=1,
            )
        )
        [group] = config.user_groups
        policy = write_policy(folder, group.id)
        told = environments(secret, group.id, policy, ports, links, short_window)
        servers = [temporal(folder, ports["temporal"]), postgres(folder, ports["postgres"])]
        await asyncio.gather(*map(supervisor.start, servers))
        await supervisor.run(release(told["web1"], folder))
        processes = bots_and_workers(told, folder)
        await asyncio.gather(*map(supervisor.start, processes))
        programs = {program.title: program for program in (*servers, *processes)}
        for program in programs.values():
            supervisor.keep(program)
        yield System(
            folder=folder,
            secrets=secret,
            slack=slack,
            managers=group.id,
            supervisor=supervisor,
            programs=programs,
            environments=told,
            links=links,
            router=router,
            bank=bank,
            moments=moments,
            logbook=logbook,
            temporal=await Client.connect(f"127.0.0.1:{ports['temporal']}"),
            database_url=database_url(ports["postgres"]),
            short_window=short_window,
        )


def _links(
    ports: dict[str, int], slack: int, bank: int, router: int, moments: Moments
) -> dict[str, Link]:
    # One for both bots: they use a response_url only if it begins with their address of Slack.
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
