"""A virtual environment of the project's own, made once and again only when what goes into it has changed.

Runs on the machine's Python with the standard library alone.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
#: What tests and checks need, in one environment.
DEVELOPMENT = ["--editable", ".[postgres]", "--group", "test", "--group", "check"]
#: The commands for power cuts, and the Debian packages that they come from.
POWER_CUTS = {"mkfs.xfs": "xfsprogs", "mkfs.ext4": "e2fsprogs", "eatmydata": "eatmydata"} if os.geteuid() == 0 else {}


def ensure(name: str, what: list[str], *, watch: list[str]) -> Path:
    """Return the Python of .venv/NAME, into which pip has installed ``what``; it is made anew where a watched file changed."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs on whatever Python the machine has
        sys.exit(f"Error: podcast needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    folder = ROOT / ".venv" / name
    python, stamp, wanted = folder / "bin" / "python", folder / "installed", _stamp(what, watch)
    if not stamp.exists() or stamp.read_text() != wanted or not _runs(python):
        print(f"Preparing {folder.relative_to(ROOT)} (once; about a minute)", file=sys.stderr, flush=True)
        _need_venv()
        stamp.unlink(missing_ok=True)
        if not _runs(python):
            venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True, cwd=ROOT)
        subprocess.run([*pip, *what], check=True, cwd=ROOT)
        stamp.write_text(wanted)
    return python


def become(words: Sequence[str | Path]) -> NoReturn:
    """Go on as another program in the project's folder, so that signals and the exit code are its own."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(words[0], [str(word) for word in words])


def system_packages(commands: dict[str, str]) -> None:
    """Install the Debian packages whose commands are missing, when root; elsewhere say what is missing, and leave with 1."""
    missing = {command: package for command, package in commands.items() if not shutil.which(command)}
    if not missing:
        return
    packages = sorted(set(missing.values()))
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"Error: these commands are missing: {', '.join(missing)}.", file=sys.stderr)
        sys.exit(
            f"Hint: on Debian, as root: apt-get install {' '.join(packages)}. Or run `scripts/test --quick`, which needs none of them."
        )
    print(f"Installing {', '.join(packages)}", file=sys.stderr, flush=True)
    _apt("update")
    _apt("install", "--yes", "--no-install-recommends", *packages)


def _apt(*words: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *words], check=True, stdout=subprocess.DEVNULL, env=environment)


def _need_venv() -> None:
    """Debian keeps the making of virtual environments in a package of its own."""
    if importlib.util.find_spec("ensurepip") is None:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            sys.exit("Error: this Python cannot make virtual environments.\nHint: on Debian, as root: apt-get install python3-venv")
        _apt("update")
        _apt("install", "--yes", "--no-install-recommends", "python3-venv")


def _runs(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", "import pip"], check=False, capture_output=True).returncode == 0


def _stamp(what: list[str], watch: list[str]) -> str:
    digest = hashlib.sha256(repr((sys.version, what)).encode())
    for name in watch:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()
