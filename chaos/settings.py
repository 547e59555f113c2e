"""The system's secrets, its workspace, its policy and each process's environment."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.logbook import AUTOMATIC, AUTOMATIC_UP_TO, CEILING, TWO_PEOPLE
from chaos.network.links import Link
from chaos.schedule import WEBS, WORKERS
from sandbox.programs import environment
from sandbox.slack.config import APPROVALS, Channel, User, UserGroup, WorkspaceConfig

TASK_QUEUE = "chaos"

# The second bot gives people so little time that some expenses expire; the router sends it the
# submissions with this word in them.
LONG_WINDOW, SHORT_WINDOW = 7200, 40  # in seconds
TWO_PEOPLE_OVER = 800
HASTE = "hurry"

# The coverage of processes that are killed all the time is not measured.
_COVERAGE = ("COVERAGE_", "COV_CORE_")


@dataclass(frozen=True)
class Secrets:
    """The system's secrets, which must not appear in any output."""

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


def workspace(secret: Secrets, employees: int, managers: int) -> WorkspaceConfig:
    """Make up a workspace, whose one user group is the approvers; managers submit, too.

    Args:
        secret: what Slack shares with the bots.
        employees: how many people only submit.
        managers: how many people may decide.
    """
    staff = tuple(User(f"U0EMP{n:05d}", f"employee{n}", f"Employee {n}") for n in range(employees))
    bosses = tuple(User(f"U0MAN{n:05d}", f"manager{n}", f"Manager {n}") for n in range(managers))
    group = UserGroup("S0MANAGERS1", "managers", "Managers", tuple(boss.id for boss in bosses))
    return WorkspaceConfig(
        bot_token=secret.bot_token,
        signing_secret=secret.signing_secret,
        users=(*staff, *bosses),
        channels=(Channel(APPROVALS.id, APPROVALS.name, bot_is_member=True),),
        user_groups=(group,),
    )


def write_policy(
    folder: Path,
    approvers: str,
    automatic_up_to: float = AUTOMATIC_UP_TO,
    two_people_over: float = TWO_PEOPLE_OVER,
) -> Path:
    """Write the rules by which some expenses need nobody, and some two people."""
    path = folder / "policy.toml"
    path.write_text(f"""\
base_currency = "EUR"

[[rules]]
name = "{AUTOMATIC}"
up_to = {automatic_up_to}
approve = "automatically"
monthly_ceiling = {CEILING}

[[rules]]
name = "{TWO_PEOPLE}"
over = {two_people_over}

[[rules.stages]]
ask = ["{approvers}"]
needed = 2
channel = "{APPROVALS.id}"
""")
    return path


def environments(
    secret: Secrets,
    approvers: str,
    policy: Path,
    ports: Mapping[str, int],
    links: Mapping[str, Link],
    short_window: int,
) -> dict[str, dict[str, str]]:
    """Make the environment of each bot and each worker.

    Args:
        secret: what the parts of the system share.
        approvers: the id of the user group that decides.
        policy: the policy file.
        ports: where the bots listen, by their names.
        links: the way to everything else, by its title.
        short_window: how many seconds people have where they have little time.
    """
    shell = environment(EXPENSE_API_KEY=secret.api_key, EXPENSE_TASK_QUEUE=TASK_QUEUE)
    common = {name: value for name, value in shell.items() if not name.startswith(_COVERAGE)}

    def at(link: str) -> str:
        return f"127.0.0.1:{links[link].port}"

    made = {}
    for web in WEBS:
        made[web] = common | {
            "PORT": str(ports[web]),
            "DATABASE_URL": database_url(links[f"{web}>postgres"].port),
            "SLACK_BOT_TOKEN": secret.bot_token,
            "SLACK_SIGNING_SECRET": secret.signing_secret,
            "SLACK_API_URL": f"http://{at('web>slack')}/{web}/api/",
            "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
            "EXPENSE_APPROVERS": approvers,
            "EXPENSE_POLICY": str(policy),
            "EXPENSE_ENCRYPTION_KEY": secret.encryption_key,
            "EXPENSE_DECISION_WINDOW": f"{LONG_WINDOW if web == 'web1' else short_window}s",
            "EXPENSE_PAYMENT_URL": f"http://{at(f'{web}>bank')}/{web}/pay",
            "EXPENSE_PAYMENT_KEY": secret.payment_key,
            "EXPENSE_RECEIPTS": "database",
            "TEMPORAL_ADDRESS": at(f"{web}>temporal"),
        }
    for worker in WORKERS:
        made[worker] = common | {
            "EXPENSE_SERVER_URL": f"http://{at(f'{worker}>web')}/{worker}",
            "TEMPORAL_ADDRESS": at(f"{worker}>temporal"),
        }
    return made


def database_url(port: int) -> str:
    """Return the address of the database behind a port of this machine."""
    return f"postgres://postgres@127.0.0.1:{port}/postgres"
