"""People's files: picked in a form, kept here, shown to the app and on the page."""

import base64
import mimetypes
import time
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from sandbox.ids import new_id
from sandbox.slack.config import WorkspaceConfig
from sandbox.slack.errors import ClientRefusal, SlackError
from sandbox.state_file import StateFile

File = dict[str, Any]
SCOPE = "files:read"
# https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 10
# https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
IMAGE_TYPES = ("png", "jpg", "gif")
SAME_TYPE = {"jpeg": "jpg", "htm": "html", "tif": "tiff"}


class Files:
    """The workspace's files; each belongs to the person who picked it.

    The app sees a file once it was sent in one of the app's forms.
    """

    def __init__(self, config: WorkspaceConfig, state_file: StateFile) -> None:
        self.config = config
        self.state_file = state_file
        self.base_url = ""
        self._files: dict[str, File] = {}
        self._contents: dict[str, bytes] = {}
        self._processed_at: dict[str, float] = {}
        self._of_the_app: set[str] = set()
        self._deleted: set[str] = set()
        for file_id, record in state_file.load("file").items():
            self._files[file_id] = record["file"]
            self._contents[file_id] = base64.b64decode(record["content"])
            self._of_the_app.add(file_id)

    def add(self, user: str, name: str, content: bytes) -> File:
        """Keep a file that a person picked, and return Slack's description of it.

        Raises:
            ClientRefusal: it has no name, is empty, or is too large.
        """
        # A browser sends only the name, but another client may send a whole path.
        name = PurePath(name.replace("\\", "/")).name.strip()
        if not name or not name.isprintable() or len(name) > 255:
            raise ClientRefusal("This file has no name that Slack would take.")
        if not content:
            raise ClientRefusal(f"{name} is empty.")
        if len(content) > MAX_BYTES:
            raise ClientRefusal(f"{name} is larger than {MAX_BYTES // 1024**2} MB.")
        return self.keep(user, name, content, id=new_id("F"))

    def keep(
        self,
        user: str,
        name: str,
        content: bytes,
        *,
        id: str,
        title: str | None = None,
        channel: str | None = None,
    ) -> File:
        """Keep a file, and return Slack's description of it.

        Args:
            channel: where it is shared, if anywhere.
        """
        now, file_id, kind = int(time.time()), id, type_of(name)
        shared = {"C": "channels", "G": "groups", "D": "ims"}
        file: File = {
            "id": file_id,
            "created": now,
            "timestamp": now,
            "name": name,
            "title": title or name,
            "mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "filetype": kind or "binary",
            "pretty_type": kind.upper() or "Binary",
            "user": user,
            "user_team": self.config.team_id,
            "editable": False,
            "size": len(content),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": False,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "file_access": "visible",
        }
        if channel:
            file |= {name: [] for name in shared.values()} | {shared[channel[0]]: [channel]}
        self._files[file_id], self._contents[file_id] = file, content
        self._processed_at[file_id] = time.monotonic() + self.config.file_seconds
        encoded = base64.b64encode(content).decode()
        self.state_file.put("file", file_id, {"file": file, "content": encoded})
        return self.described(file_id)

    def described(self, file_id: str) -> File:
        """Describe a file as Slack's JSON does, with its addresses.

        For a moment Slack has not looked into a file, and says nothing of what is in it.
        """
        file = self._files[file_id]
        if not self._is_processed(file_id):
            file = {**file, "mimetype": "", "filetype": "", "pretty_type": ""}
        name = quote(file["name"])
        private = f"{self.base_url}/files-pri/{self.config.team_id}-{file_id}"
        described = {
            **file,
            # A remote file is wherever its owner says: no place for the app's token.
            "url_private": file.get("external_url") or f"{private}/{name}",
            "url_private_download": file.get("external_url") or f"{private}/download/{name}",
            "permalink": f"{self.base_url}/files/{file['user']}/{file_id}/{name}",
        }
        if file["filetype"] in IMAGE_TYPES:
            described["thumb_360"] = described["url_private"]
        return described

    def _is_processed(self, file_id: str) -> bool:
        # Files from before a restart are long known.
        return time.monotonic() >= self._processed_at.get(file_id, 0)

    def content(self, file_id: str) -> tuple[File, bytes] | None:
        """Find a file, and return its description and its content."""
        if file_id not in self._files:
            return None
        return self.described(file_id), self._contents[file_id]

    def info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answer files.info."""
        if arguments["file"] not in self._files or not self.is_of_the_app(arguments["file"]):
            is_deleted = arguments["file"] in self._deleted
            raise SlackError("file_deleted" if is_deleted else "file_not_found")
        return {"ok": True, "file": self.described(arguments["file"]), "comments": []}

    def delete(self, file_id: str) -> None:
        """Delete a file, as its owner can at any time."""
        del self._files[file_id], self._contents[file_id]
        self._deleted.add(file_id)

    def give_to_the_app(self, *file_ids: str) -> None:
        """Let the app see files."""
        self._of_the_app.update(file_ids)

    def is_of_the_app(self, file_id: str) -> bool:
        """Return whether the app may see a file."""
        return file_id in self._of_the_app

    # What forms hold

    def picked(self, user: str, element: dict[str, Any], given: list[Any]) -> list[File]:
        """Return the state of a file_input.

        Args:
            user: the person, to whom the files must belong.
            element: the file_input.
            given: the picked files, as ids or descriptions.

        Raises:
            ClientRefusal: Slack's client would not take them.
        """
        found = []
        for item in given:
            file_id = item.get("id") if isinstance(item, dict) else item
            file = self._files.get(file_id) if isinstance(file_id, str) else None
            if file is None or file["user"] != user:
                raise ClientRefusal("A file must be uploaded before its form is sent.")
            check_type(element, file["name"])
            found.append(self.described(file["id"]))
        most = element.get("max_files", MAX_FILES)
        if len(found) > most:
            raise ClientRefusal(f"You can add at most {most} {'file' if most == 1 else 'files'}.")
        if len({file["id"] for file in found}) < len(found):
            raise ClientRefusal("The same file is there twice.")
        return found

    # What blocks show

    def check_blocks(self, blocks: list[dict[str, Any]], error: str, root: str = "") -> None:
        """Refuse pictures of files that Slack would not show, and inputs for files without scope.

        Args:
            blocks: the checked blocks of a message or view.
            error: what Slack calls the refusal there.
            root: where the blocks are, as a JSON pointer.

        Raises:
            SlackError: with this error.
        """
        allowed = SCOPE in self.config.manifest.scopes
        problems = []
        for index, block in enumerate(blocks):
            pointer = f"[json-pointer:{root}/blocks/{index}"
            if block.get("element", {}).get("type") == "file_input" and not allowed:
                problems.append(f"file_input needs the scope {SCOPE} {pointer}/element]")
            for place, image in _images(block):
                if "slack_file" in image and not (allowed and self._shows(image["slack_file"])):
                    problems.append(f"invalid slack file {pointer}{place}/slack_file]")
        if problems:
            raise SlackError(error, *problems)

    def _shows(self, reference: dict[str, str]) -> bool:
        for file_id, file in self._files.items():
            urls = self.described(file_id)
            known = {"id": [file_id], "url": [urls["url_private"], urls["permalink"]]}
            [(key, value)] = reference.items()
            if value in known[key]:
                is_known = self.is_of_the_app(file_id) and self._is_processed(file_id)
                return is_known and file["filetype"] in IMAGE_TYPES
        return False


def check_type(element: dict[str, Any], name: str) -> None:
    """Check that a file_input takes a file of this name.

    Raises:
        ClientRefusal: it does not.
    """
    wanted = element.get("filetypes")
    if wanted and type_of(name) not in {type_of(f".{kind.lstrip('.')}") for kind in wanted}:
        raise ClientRefusal(f"{name} cannot be added here: only {', '.join(wanted)} can.")


def type_of(name: str) -> str:
    """Return a file's type by its name, as Slack's client does."""
    extension = name.rpartition(".")[2].casefold() if "." in name else ""
    return SAME_TYPE.get(extension, extension)


def _images(block: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """List the pictures of a block, each with its place in it."""
    if block["type"] == "image":
        return [("", block)]
    found = [
        (f"/elements/{index}", element)
        for index, element in enumerate(block.get("elements", []))
        if block["type"] == "context"
    ]
    found.append(("/accessory", block.get("accessory", {})))
    return [(place, element) for place, element in found if element.get("type") == "image"]
