"""The worker's HTTP calls, translated into the verbs of an expense's life.

`bot.web.server.plain_errors` answers what these verbs refuse.
"""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from bot.database.expenses import ExpenseStore
from bot.domain.errors import InvalidState, InvalidType, TryAgain
from bot.domain.expense import OPEN
from bot.services.reimbursement import Reimbursement
from bot.services.reminders import Reminders
from bot.services.workflow_calls import WorkflowCalls
from bot.web import worker_params as read
from bot.web.limits import Limits
from bot.web.log_throttle import LogThrottle
from bot.web.server import Handler

_refusals = LogThrottle(logging.getLogger(__name__))

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# What proxies and tunnels add, also those that ask for this machine by its own name.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")

_NOT_ASKED = timedelta(seconds=30)
_NO_ID = "id is missing. To read how the bot itself is, send Accept: application/json."


@dataclass(frozen=True, slots=True)
class ExpenseApi:
    """Answers the worker."""

    expenses: ExpenseStore
    workflow_calls: WorkflowCalls
    reimbursement: Reimbursement
    reminders: Reminders
    # Asks the approvers of an expense, and returns whether they are asked now.
    ask: Callable[[str], Awaitable[bool]]
    # Takes over a decision that Temporal has and the database lacks, if there is one.
    catch_up: Callable[[str], Awaitable[bool]]
    bot_status: Callable[[], Awaitable[str]]
    keys: Sequence[str]  # any of them opens; none to answer callers on this machine only
    limits: Limits

    def routes(self) -> list[web.RouteDef]:
        """List the contract's calls."""
        return [
            web.get("/create", self._guarded(self.create), allow_head=False),
            web.post("/registerCallback", self._guarded(self.register_callback)),
            web.post("/followUp", self._guarded(self.follow_up)),
            web.get("/action", self._guarded(self.action), allow_head=False),
            web.post("/action", self._guarded(self.action)),
            web.get("/status", self._guarded(self.status), allow_head=False),
        ]

    async def create(self, request: web.Request) -> str:
        """Let a workflow take charge of an expense."""
        parameters = read.query(request)
        read.check_is_api_call(parameters)
        await self.workflow_calls.create(read.expense_id(parameters), read.caller(request))
        return "SUCCEED"

    async def register_callback(self, request: web.Request) -> str:
        """Remember which activity waits, and ask the approvers."""
        expense_id = read.expense_id(read.query(request))
        task_token = read.task_token(read.form(await self.limits.read(request)))
        await self.workflow_calls.register_callback(
            expense_id, task_token, read.caller(request), read.decide_by(request)
        )
        if not await self.ask(expense_id):
            raise TryAgain("The approvers cannot be asked in Slack just now.", after=2)
        return "SUCCEED"

    async def follow_up(self, request: web.Request) -> str:
        """Remind and escalate as is due, for workflows that versions before 1.0 started.

        They are told the next time of this stage, in case such a version takes over again.
        """
        expense = await self.expenses.get(read.expense_id(read.query(request)))
        again, now = await self.reminders.follow_up(expense), await self.expenses.now()
        if expense.state in OPEN and not (expense.decide_by or expense.asks_nobody):
            # Ever more seldom, as such a workflow looks 250 times at most.
            again = now + max(_NOT_ASKED, (now - expense.created_at) / 4)
        return json.dumps({"again_in_seconds": again and max((again - now).total_seconds(), 0.0)})

    async def action(self, request: web.Request) -> str:
        """Pay; no other action can be asked for from outside Slack."""
        parameters = read.query(request)
        if request.method == "POST":
            for name, value in read.form(await self.limits.read(request)).items():
                if parameters.setdefault(name, value) != value:
                    raise read.unprocessable(f"{name} is given twice; give it once.")
        read.check_is_api_call(parameters)
        kind, expense_id = read.required(parameters, "type"), read.expense_id(parameters)
        if kind != "payment":
            raise InvalidType("The only type is payment.")
        try:
            await self.reimbursement.pay(expense_id)
        except InvalidState:
            # After a backup was restored, Temporal can know more of it than the database.
            if not await self.catch_up(expense_id):
                raise
            await self.reimbursement.pay(expense_id)
        return "SUCCEED"

    async def status(self, request: web.Request) -> str | web.Response:
        """Return the state of an expense, or how the bot itself is, to those who ask for JSON."""
        parameters = read.query(request)
        if "id" not in parameters:
            if "application/json" in request.headers.get("Accept", ""):
                return web.json_response(text=await self.bot_status())
            raise read.unprocessable(_NO_ID)
        return (await self.expenses.get(read.expense_id(parameters))).state

    def _guarded(self, call: Callable[[web.Request], Awaitable[str | web.Response]]) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            self._check_key(request)
            async with self.limits.place():
                answer = await call(request)
                return web.Response(text=answer) if isinstance(answer, str) else answer

        return handle

    def _check_key(self, request: web.Request) -> None:
        if not self.keys:
            if not _is_from_this_machine(request):
                raise web.HTTPForbidden(
                    text="Without EXPENSE_API_KEY only callers on this machine are answered."
                )
            return
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        right = [f"Bearer {key}".encode() for key in self.keys]
        # A list, so that the time this takes does not tell which key is nearly right.
        if not any([hmac.compare_digest(given, one) for one in right]):
            _refusals.note("refused a worker's call: its EXPENSE_API_KEY is not the bot's")
            raise web.HTTPUnauthorized(
                text="The API key is missing or wrong; send Authorization: Bearer EXPENSE_API_KEY.",
                headers={"WWW-Authenticate": "Bearer"},
            )


def _is_from_this_machine(request: web.Request) -> bool:
    """Return whether a program on this machine calls, and not one that borrows its address.

    A proxy, or a web page whose name resolves to this machine, gives itself away by the host it
    asks for or by what it adds; any other web page by the headers that browsers put on its
    requests.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        host = (request.url.host or "").strip("[]")
    except ValueError:
        return False
    is_a_page = "Origin" in request.headers or request.headers.get(
        "Sec-Fetch-Site", "none"
    ) not in ("none", "same-origin")
    return request.remote in _LOOPBACK and host in _LOOPBACK and not is_a_page
