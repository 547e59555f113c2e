"""The manifest decides what the app may do, and where its requests go."""

from pathlib import Path

from sandbox import Manifest


def test_the_projects_own_manifest() -> None:
    manifest = Manifest.load()
    assert manifest.commands["/expense"].path == "/slack/events"
    assert manifest.interactivity_path == "/slack/events"
    assert manifest.events_path == "/slack/events"
    assert "chat:write" in manifest.scopes
    assert manifest.home_tab


def test_only_the_paths_of_placeholder_urls_count(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(
        """
        display_information: {name: App}
        features:
          slash_commands:
            - {command: /a, url: "https://example.com/commands/a", description: A}
            - {command: /b, description: B}
        settings:
          interactivity: {is_enabled: true, request_url: "https://example.com/click"}
        """
    )
    manifest = Manifest.load(path)
    assert manifest.bot_name == "App"
    assert manifest.commands["/a"].path == "/commands/a"
    assert manifest.commands["/b"].path == "/slack/events"
    assert manifest.interactivity_path == "/click"
    assert manifest.events_path is None
    assert manifest.scopes == frozenset()


def test_a_manifest_without_interactivity(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text("display_information: {name: App}\n")
    assert Manifest.load(path).interactivity_path is None
