"""What Slack answers instead of doing what it was asked to, and what each of its errors means."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from bot.domain.errors import TryAgain, Unanswered


class SlackAway(TryAgain):
    """Slack does not do it just now, and may do it later."""


class SlackUnsure(SlackAway, Unanswered):
    """Nobody knows whether Slack did it, or still will."""


class SlackSilent(SlackUnsure):
    """Slack did not answer at all."""


class RateLimited(SlackAway):
    """Slack takes no more calls like this just now; nothing else is amiss.

    `after` says when there is room for this one.
    """


class Kind(Enum):
    """What one of Slack's errors means for the call that it answers."""

    PASSING = "the same call may succeed later"
    GONE = "what the call is about is over"
    OPERATOR = "somebody has to mend something"
    UNKNOWN = "nobody has said what it means"


_COPY = "copy SLACK_BOT_TOKEN again from the app's OAuth & Permissions"
_SCOPES = "update the app from manifest.yml and reinstall it into the workspace"
_WORKSPACE = "the workspace's settings do not allow this; ask its administrators"
_POSTING = "let the bot post in this channel, or name another one"
_ARCHIVED = "unarchive this channel, or name another one"
_CHANNEL = "no such channel, or a private one without the bot: /invite it, or name another channel"
_APP = "update the app from manifest.yml"
_DEFECT = "this is a mistake of the bot; please report it"

# Each documented error of each method that the bot calls stands here once, as the methods' pages at
# https://docs.slack.dev/reference/methods and the lists in Slack's SDKs have them.
_MEANINGS: dict[tuple[Kind, str], str] = {
    (Kind.PASSING, ""): """
        internal_error fatal_error service_unavailable request_timeout ratelimited rate_limited
        message_limit_exceeded update_failed external_channel_migrating streaming_state_conflict
        org_login_required team_added_to_org draft_has_conflict restricted_too_many
        file_update_failed""",
    # A message, a thread, a form, a file, a person or a group.
    (Kind.GONE, ""): """
        message_not_found cant_update_message cant_delete_message edit_window_closed
        compliance_exports_prevent_deletion cannot_reply_to_message thread_not_found
        restricted_action_thread_locked restricted_action_non_threadable_channel
        expired_trigger_id exchanged_trigger_id invalid_trigger_id hash_conflict
        file_deleted file_is_deleted file_not_found invalid_scheduled_message_id
        user_not_found users_not_found user_not_visible user_disabled cannot_dm_bot
        no_such_subteam not_found""",
    # Its messages are over. A message that somebody wants there is for the operator.
    (Kind.GONE, _CHANNEL): "channel_not_found invalid_channel",
    (Kind.GONE, _ARCHIVED): "is_archived is_inactive",
    (Kind.GONE, _APP): "messages_tab_disabled",
    (Kind.OPERATOR, _COPY): """
        not_authed invalid_auth account_inactive token_revoked token_expired
        not_allowed_token_type bad_token invalid_token""",
    (Kind.OPERATOR, _SCOPES): """
        missing_scope no_permission team_access_not_granted bot_not_found bots_not_found is_bot""",
    (Kind.OPERATOR, "/invite the bot to this channel"): "not_in_channel",
    (Kind.OPERATOR, _POSTING): """
        restricted_action restricted_action_read_only_channel
        restricted_action_thread_only_channel posting_to_channel_denied""",
    (Kind.OPERATOR, _WORKSPACE): """
        access_denied accesslimited app_access_restricted ekm_access_denied
        enterprise_is_restricted forbidden_team two_factor_setup_required plan_upgrade_required
        file_type_not_allowed file_uploads_disabled file_uploads_except_images_disabled
        file_upload_size_restricted storage_limit_reached user_is_external_guest
        canvas_disabled_user_team
        blocked_file_type slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked
        slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
        slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked""",
    (Kind.OPERATOR, "switch the app's Home tab on, as manifest.yml does"): "not_enabled",
    (Kind.OPERATOR, _DEFECT): """
        deprecated_endpoint method_deprecated unknown_method upgrade_required insecure_request
        invalid_arg_name invalid_arguments invalid_array_arg invalid_charset missing_charset
        superfluous_charset invalid_form_data invalid_json json_not_object invalid_post_type
        missing_post_type missing_argument missing_args invalid_cursor team_not_found
        too_many_users user_is_bot user_is_restricted invalid_time time_in_past time_too_far
        no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format
        block_mismatch view_too_large duplicate_external_id missing_profile_id not_implemented
        invalid_attachments too_many_attachments attachment_payload_limit_exceeded
        too_many_contact_cards as_user_not_supported markdown_text_conflict
        invalid_metadata_format invalid_metadata_schema metadata_too_large
        metadata_must_be_sent_from_app cant_broadcast_message no_dual_broadcast_content_update
        duplicate_channel_not_found duplicate_message_not_found draft_already_deleted
        draft_already_sent draft_not_found missing_file_data unable_to_share_files
        file_share_limit_reached max_file_sharing_exceeded send_on_behalf_not_allowed
        channels_limit_exceeded alt_txt_too_large snippet_too_large unknown_snippet_type
        unknown_subtype""",
}
MEANING: dict[str, tuple[Kind, str]] = {
    code: meaning for meaning, codes in _MEANINGS.items() for code in codes.split()
}
_UNKNOWN = (Kind.UNKNOWN, "this version of the bot does not know this error")

RATE_LIMITS = frozenset({"ratelimited", "rate_limited"})
# Slack says of these that some of what was asked for may have been done.
UNSURE = frozenset({"internal_error", "fatal_error", "update_failed", "file_update_failed"})


class SlackRefusal(Exception):
    """Slack said no, and will say no again until something has changed.

    Attributes:
        code: Slack's word for the reason, such as channel_not_found.
        kind: what that means; an error that nobody knows is tried again, at growing pauses.
        advice: what the operator can do; "" if nothing.
        needed: the scopes that Slack misses, separated by commas.
    """

    def __init__(self, code: str, where: str = "", needed: str = "") -> None:
        self.code = code
        self.kind, advice = MEANING.get(code, _UNKNOWN)
        self.advice = f"the scope {needed} is missing: {advice}" if needed else advice
        place = f" ({where})" if where else ""
        super().__init__(f"{code}{place}{': ' if self.advice else ''}{self.advice}")

    @property
    def is_of_token(self) -> bool:
        """Whether any call with this token would be refused so."""
        return self.code == "missing_scope" or MEANING.get(self.code) == (Kind.OPERATOR, _COPY)

    @property
    def is_over(self) -> bool:
        """Whether what was asked for can never be done any more."""
        return self.kind is Kind.GONE


class Troubles:
    """What went wrong with some of several calls, while the others went on."""

    def __init__(self) -> None:
        self.passing: list[SlackAway] = []
        self.refusals: list[SlackRefusal] = []
        self._silence = 0

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep what goes wrong inside for later, if it is Slack's: the database's ends all."""
        try:
            yield
        except SlackAway as later:
            self.passing.append(later)
            self._silence = self._silence + 1 if isinstance(later, SlackSilent) else 0
        except SlackRefusal as refusal:
            self.refusals.append(refusal)
        else:
            self._silence = 0

    @property
    def is_silence(self) -> bool:
        """Whether Slack as a whole seems to be away: nobody waits for more of the same."""
        return self._silence > 1

    def __bool__(self) -> bool:
        """Return whether anything went wrong."""
        return bool(self.passing or self.refusals)

    def add(self, others: "Troubles") -> None:
        """Keep these, too."""
        self.passing += others.passing
        self.refusals += others.refusals

    def raise_one(self) -> None:
        """Raise what says when to come back, if anything went wrong.

        Raises:
            SlackAway: something passes; `SlackUnsure` above all, as it leaves doubt.
            SlackRefusal: nothing of it passes by itself.
        """
        if self.passing:
            unsure = [later for later in self.passing if isinstance(later, SlackUnsure)]
            failed = [later for later in self.passing if not isinstance(later, RateLimited)]
            raise min(unsure or failed or self.passing, key=lambda later: later.after)
        if self.refusals:
            raise self.refusals[0]
