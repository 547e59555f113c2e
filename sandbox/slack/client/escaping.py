"""How Slack rewrites what people type: names and channels become ids, links get brackets."""

import html
import re
import unicodedata
from dataclasses import dataclass

from sandbox.slack.workspace import Workspace

# A name may contain dots and dashes; one at its end belongs to the sentence.
NAME = r"\w[\w.'’\u0300-\u036f-]*"
EVERYBODY = ("here", "channel", "everyone")
# Without a scheme, only a name with one of these endings becomes a link.
DOMAIN = r"(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|eu|de|fr|uk|example)"
TOKEN = re.compile(
    rf"(?P<url>https?://[^\s<>|]*[^\s<>|.,;:!?)'\"])"
    rf"|(?<![\w.@/-])(?P<mail>[\w.+-]+@{DOMAIN})\b"
    rf"|(?<![\w.@/-])(?P<domain>{DOMAIN})(?P<path>/[^\s<>|]*[^\s<>|.,;:!?)'\"])?(?![\w@-])"
    rf"|(?<![\w@&])@(?P<person>{NAME})"
    rf"|(?<![\w#&])\#(?P<channel>{NAME})",
    re.IGNORECASE,
)


def escaped(text: str) -> str:
    """Escape &, < and >, which mean something to Slack."""
    return html.escape(text, quote=False)


@dataclass(frozen=True)
class Escaping:
    """Writes what people type as Slack keeps it.

    https://docs.slack.dev/interactivity/implementing-slash-commands/#escaping
    """

    workspace: Workspace
    # A command's text has a name behind each id, a message's text has not.
    labels: bool = True

    def __call__(self, text: str) -> str:
        """Turn names, channels and links into Slack's sequences, and escape the rest."""
        parts, end = [], 0
        for match in TOKEN.finditer(text):
            parts.append(escaped(text[end : match.start()]))
            parts.append(self._sequence(match))
            end = match.end()
        return "".join([*parts, escaped(text[end:])])

    def _sequence(self, match: re.Match[str]) -> str:
        typed = escaped(match[0])
        if match["url"]:
            return f"<{typed}>"
        if match["mail"]:
            return f"<mailto:{typed}|{typed}>"
        if match["domain"]:
            return f"<http://{typed}|{typed}>"
        sign, name = match[0][0], match["person"] or match["channel"]
        # The longest name that exists; the rest belongs to the sentence.
        for length in range(len(name), 0, -1):
            rest = name[length:]
            if rest and rest[0] not in ".'’-":
                continue
            found = self._person(name[:length]) if sign == "@" else self._channel(name[:length])
            if found:
                return found + escaped(rest)
        return typed

    def _person(self, name: str) -> str | None:
        wanted = _folded(name)
        for user in self.workspace.users.values():
            if _folded(user.name) == wanted:
                return self._labelled(f"@{user.id}", user.name)
        for group in self.workspace.groups.values():
            if _folded(group.handle) == wanted:
                return self._labelled(f"!subteam^{group.id}", f"@{group.handle}")
        return f"<!{wanted}>" if wanted in EVERYBODY else None

    def _channel(self, name: str) -> str | None:
        wanted = _folded(name)
        for channel in self.workspace.channels.values():
            if _folded(channel.name) == wanted and not channel.is_private:
                return self._labelled(f"#{channel.id}", channel.name)
        return None

    def _labelled(self, target: str, label: str) -> str:
        return f"<{target}|{escaped(label)}>" if self.labels else f"<{target}>"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
