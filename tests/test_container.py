"""The container's files, as far as they can be tested without Docker."""

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from compose_spec import PyCompose

from tests.test_docs import missing_command, text_of

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
_VARIABLE = re.compile(r"\$\{(\w+):([-?])([^}]*)\}")


def composed(text: str) -> dict:
    """What Compose makes of a file; a variable has its default, or `secret` where there is none.

    Raises:
        ValueError: the file is not one of the Compose specification.
    """
    put = _VARIABLE.sub(lambda match: match[3] if match[2] == "-" else "secret", text)
    return PyCompose.from_yaml(put).to_dict()


def instructions(name: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [
        line.split(maxsplit=1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")
    ]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps it out: the last line about it, or a folder above it, counts."""
    out = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!").replace("**/", "*/")
        if any(fnmatch(each, pattern) for each in [path, *map(str, Path(path).parents)]):
            out = not line.startswith("!")
    return out


def test_the_compose_file_is_one():
    services = composed(COMPOSE)["services"]
    assert services["explorer"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in services["database"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("image: maagn", "imagee: maagn"), ("service_healthy", "service_healty")],
)
def test_a_mistake_in_the_compose_file_would_be_found(right, wrong):
    assert right in COMPOSE
    with pytest.raises(ValueError, match=wrong.split(":")[0]):
        composed(COMPOSE.replace(right, wrong))


def test_only_this_machine_reaches_it_and_nothing_is_written_but_in_volumes():
    services = composed(COMPOSE)["services"]
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in services["database"]
    assert services["database"]["user"] == "postgres"
    assert instructions("USER") == ["10001:10001"]


def test_no_password_is_written_down():
    assert re.findall(r"PASSWORD.*", COMPOSE)
    for line in re.findall(r".*PASSWORD.*", COMPOSE):
        assert "${POSTGRES_PASSWORD:?" in line


def test_what_the_package_is_built_from_reaches_the_container():
    for name in ("maagn/cli/serve.py", "app/.streamlit/config.toml", "pages/teach.py",
                 "checkpoints/tsm-demo.safetensors", "docs/paper.md", "pyproject.toml",
                 "README.md", "LICENSE", "constraints.txt", ".gitignore"):  # fmt: skip
        assert (ROOT / name).exists(), name
        assert not ignored(name), name
    for name in ("tests/conftest.py", "runs/x", ".git/config", "docs/data.md", ".venv/bin/maagn",
                 "app/__pycache__/main.pyc", "app/.streamlit/secrets.toml"):  # fmt: skip
        assert ignored(name), name


def test_it_starts_a_command_that_there_is():
    (entry,), (command,) = instructions("ENTRYPOINT"), instructions("CMD")
    assert missing_command(" ".join([*json.loads(entry), *json.loads(command)])) is None


def test_the_document_names_what_can_be_given_and_nothing_else():
    document = text_of("docs/install.md")
    arguments = {line.partition("=")[0] for line in instructions("ARG")}
    assert arguments == set(composed(COMPOSE)["services"]["explorer"]["build"]["args"])
    for name in arguments | {match[1] for match in _VARIABLE.finditer(COMPOSE)}:
        assert name in document
    assert set(re.findall(r"--build-arg (\w+)=", document)) <= arguments
