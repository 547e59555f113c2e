"""The plan of what goes wrong when; the same seed makes the same plan."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from chaos import bank
from chaos.network import links, router

WEBS, WORKERS = ("web1", "web2"), ("worker1", "worker2")
TARGETS = (*WEBS, *WORKERS, "postgres", "temporal")

ACKNOWLEDGED = "acknowledged, not delivered"

# Every named step, in the order of an expense's life.
STEPS = (
    "submission durable, not acknowledged",
    "workflow started, not marked",
    "created, worker not told",
    "activity waits, not registered",
    "token stored, message not posted",
    "posted, Slack's answer held",
    "posted, ts not stored",
    "registered, worker not told",
    "receipt uploaded, not shown",
    "receipt shown, not recorded",
    "clicked, form not opened",
    "decision durable",
    "decision answered, acknowledgement held",
    ACKNOWLEDGED,
    "decided by others, not told",
    "delivered, not marked",
    "delivered, message not redrawn",
    "redrawn, not remembered",
    "payment due, not asked for",
    "payment begun, not asked",
    "paid, answer held",
    "paid and answered, not recorded",
    "payment recorded, worker not told",
    "expired in Temporal, not recorded",
)
# Temporal notices these after a minute or two, which is too long for a short run.
SLOW_STEPS = {"activity waits, not registered", "expired in Temporal, not recorded"}

SLACK_METHODS = (
    "chat.postMessage",
    "chat.postMessage",
    "chat.postMessage",
    "chat.update",
    "chat.update",
    "views.open",
    "users.info",
    "usergroups.users.list",
    "files.info",
    "url_private",
    "files.completeUploadExternal",
    "response_url",
)
SLACK_FAULTS = ("ratelimited", "error", "hang", "lost", "slow")
LINKS = (
    *(f"{web}>{far}" for web in WEBS for far in ("postgres", "temporal", "bank")),
    "web>slack",
    *(f"{worker}>{far}" for worker in WORKERS for far in ("temporal", "web")),
)


@dataclass(frozen=True, kw_only=True)
class Strike:
    """One thing that goes wrong.

    Attributes:
        at: when, as the share of the expenses that have begun by then.
    """

    at: float


@dataclass(frozen=True, kw_only=True)
class Kill(Strike):
    """Processes are killed, at a named step or at any time.

    Attributes:
        step: the named step; the process that is in it is killed.
        victims: who else is killed, or who is killed at any time.
        dead: the seconds until they are started again.
    """

    step: str | None
    victims: tuple[str, ...]
    dead: float

    def __str__(self) -> str:
        others = " + ".join(self.victims)
        when = f"at “{self.step}” the process that is in it" if self.step else ""
        return f"kill {' + '.join(filter(None, (when, others)))} for {self.dead:.1f} s"


@dataclass(frozen=True, kw_only=True)
class SlackFault(Strike):
    """Slack fails calls of one method."""

    method: str
    kind: str
    times: int

    def __str__(self) -> str:
        return f"Slack: {self.method} {self.kind} {self.times}x"


@dataclass(frozen=True, kw_only=True)
class BankFault(Strike):
    """The payment system fails one request."""

    kind: bank.Fault

    def __str__(self) -> str:
        return f"payment system: {self.kind}"


@dataclass(frozen=True, kw_only=True)
class RouterFault(Strike):
    """A request to a bot, or its answer, is lost or late."""

    traffic: str
    trouble: router.Trouble

    def __str__(self) -> str:
        return f"from {self.traffic} to a bot: {self.trouble}"


@dataclass(frozen=True, kw_only=True)
class LinkFault(Strike):
    """The network between two processes is cut, held, slow, or forgets its connections."""

    link: str
    mode: links.Mode
    seconds: float

    def __str__(self) -> str:
        return f"{self.link}: {self.mode} for {self.seconds:.1f} s"


@dataclass(frozen=True, kw_only=True)
class Befall(Strike):
    """A misfortune comes to pass, and is put right later; see `chaos.misfortunes`."""

    misfortune: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.misfortune} for {self.seconds:.1f} s"


def plan(
    seed: int,
    kills: int,
    faults: int,
    misfortunes: int = 0,
    *,
    steps: Sequence[str] = STEPS,
    kinds: Sequence[str] = (),
) -> list[Strike]:
    """Make the plan.

    Args:
        seed: the same seed makes the same plan.
        kills: at least how many processes are killed.
        faults: at least how many faults there are.
        misfortunes: how many misfortunes there are.
        steps: the named steps at which processes are killed.
        kinds: the kinds of misfortunes, each of which comes as often as the others.
    """
    dice = random.Random(seed)
    strikes = [
        *_kills(dice, kills, steps),
        *_faults(dice, faults),
        *_misfortunes(dice, misfortunes, kinds),
    ]
    return sorted(strikes, key=lambda strike: strike.at)


def _misfortunes(dice: random.Random, count: int, kinds: Sequence[str]) -> list[Strike]:
    return [
        Befall(at=dice.uniform(0.03, 0.9), misfortune=kind, seconds=dice.choice((2.0, 4.0, 8.0)))
        for kind in islice(cycle(kinds), count)
    ]


def _kills(dice: random.Random, kills: int, steps: Sequence[str]) -> list[Strike]:
    strikes: list[Strike] = []
    left, queue = kills, [*steps]
    dice.shuffle(queue)
    while left > 0:
        step = queue.pop() if queue and dice.random() < 0.7 else None
        if step and not queue:
            queue = [*steps]
            dice.shuffle(queue)
        most = 2 if step else 3
        count = dice.choices(range(most + 1), (6, 3, 1, 1)[: most + 1])[0]
        victims = tuple(sorted(dice.sample(TARGETS, count if step else max(1, count))))
        left -= len(victims) + bool(step)
        dead = dice.choice((0.0, 0.0, 0.5, 2.0, 4.0))
        strikes.append(Kill(at=dice.uniform(0.02, 0.95), step=step, victims=victims, dead=dead))
    return strikes


def _faults(dice: random.Random, faults: int) -> list[Strike]:
    strikes: list[Strike] = []
    left = faults
    while left > 0:
        at, times = dice.uniform(0.01, 0.97), 1
        match dice.choices(("slack", "bank", "router", "link"), (5, 1, 2, 2))[0]:
            case "slack":
                times = dice.choice((1, 1, 2, 3))
                kind = dice.choice(SLACK_FAULTS)
                method = dice.choice(SLACK_METHODS)
                strikes.append(SlackFault(at=at, method=method, kind=kind, times=times))
            case "bank":
                strikes.append(BankFault(at=at, kind=dice.choice(bank.FAULTS)))
            case "router":
                traffic = dice.choice(("slack", "worker"))
                trouble = dice.choice(router.TROUBLES)
                strikes.append(RouterFault(at=at, traffic=traffic, trouble=trouble))
            case "link":
                mode = dice.choice(links.MODES)
                seconds = dice.choice((0.5, 2.0, 4.0, 8.0))
                strikes.append(
                    LinkFault(at=at, link=dice.choice(LINKS), mode=mode, seconds=seconds)
                )
        left -= times
    return strikes
