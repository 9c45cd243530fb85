"""Images that nobody has built yet: pulled, or made anew from `images/` where nothing can be pulled."""

import re
from pathlib import Path

from support.commands import machine_environment, run

STAND_INS = Path(__file__).with_name("images")


def need_images(project: Path) -> None:
    """Have the images that the project names and that have a stand-in here."""
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in [*project.glob("compose*.yml"), project / "Dockerfile"]
    )
    for stand_in in STAND_INS.glob("*.Dockerfile"):
        name = stand_in.name.partition(".")[0]
        for image, version in set(re.findall(rf"\b(\w+/{name}:(\S+))", text)):
            docker(stand_in, image, version)


def docker(stand_in: Path, image: str, version: str) -> None:
    env = machine_environment()
    for command in (["inspect", "--type", "image", image], ["pull", "--quiet", image]):
        if run(["docker", *command], cwd=STAND_INS, env=env, timeout=600).code == 0:
            return
    command = [
        "docker",
        "build",
        "--quiet",
        "--build-arg",
        f"VERSION={version}",
        "--tag",
        image,
        "--file",
        stand_in,
        ".",
    ]
    run(command, cwd=STAND_INS, env=env, timeout=600).succeeded()
