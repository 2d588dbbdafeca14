#!/bin/sh
# Make .venv from requirements.txt. Does nothing when it is already there and up to date.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/.requirements
say() { printf 'fathom: %s\n' "$*" >&2; }

wanted=$( (sha256sum requirements.txt 2>/dev/null || shasum -a 256 requirements.txt) | cut -d' ' -f1)
if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

# The lock covers these. Where a package has no wheel it is built, with the tool that is named.
case "$(uname -s) $(uname -m)" in
    "Linux x86_64") tool= ;;
    "Linux aarch64") tool=c++ ;;  # thinc, pycld2
    "Darwin arm64") tool=cargo ;; # text2num
    *) tool=none ;;
esac
if [ "$tool" = none ]; then
    say "$(uname -sm) is not covered, only Linux (x86_64, aarch64) and macOS (arm64); the container image runs here: docs/deployment.md"
    exit 1
fi
if [ -n "$tool" ] && ! command -v "$tool" >/dev/null 2>&1; then
    say "on $(uname -sm) a package must be built with $tool, which is missing; install it, or run the container image: docs/deployment.md"
    exit 1
fi

is_310() {
    [ -n "$1" ] && [ "$("$1" -c 'import sys, venv, ensurepip; print(*sys.version_info[:2])' 2>/dev/null)" = "3 10" ]
}

find_python() {
    for candidate in "${PYTHON:-}" python3.10 python3 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python /usr/local/bin/python3.10 \
        /opt/homebrew/bin/python3.10; do
        if is_310 "$candidate"; then
            # The real file: the name may be a link inside the very .venv that is about to go.
            "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
            return
        fi
    done
    if command -v uv >/dev/null 2>&1; then
        candidate=$(uv python find --no-project 3.10 2>/dev/null || true)
        if ! is_310 "$candidate"; then
            say "Python 3.10 is not on this machine; asking uv for it"
            uv python install 3.10 >&2 || true
            candidate=$(uv python find --no-project 3.10 2>/dev/null || true)
        fi
        if is_310 "$candidate"; then
            echo "$candidate"
        fi
    fi
}

python=$(find_python)
if [ -z "$python" ]; then
    say "Python 3.10 is needed (Rasa runs on no newer one) and was not found. Any of these helps:"
    say "  pyenv install 3.10                      (pyenv)"
    say "  uv python install 3.10                  (uv)"
    say "  sudo apt install python3.10 python3.10-venv   (Debian, Ubuntu where offered)"
    say "  brew install python@3.10                (Homebrew)"
    say "  make chat PYTHON=/path/to/python3.10   (one that is elsewhere)"
    exit 1
fi

log=.venv/setup.log
say "making the environment in .venv with $("$python" --version); the first time takes some minutes"
rm -rf .venv
"$python" -m venv .venv
say "installing the pinned packages"
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    # uv installs several times faster than pip; the lock pins it too.
    awk '/^uv==/ {wanted = 1; print; next} wanted && /^ / {print; next} {wanted = 0}' \
        requirements.txt >.venv/uv.txt
    if .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps \
        --require-hashes -r .venv/uv.txt >"$log" 2>&1; then
        uv=.venv/bin/uv
    fi
fi
if [ -n "$uv" ]; then
    "$uv" pip install --quiet --no-deps --python .venv/bin/python \
        --require-hashes -r requirements.txt >"$log" 2>&1 || uv=
fi
if [ -z "$uv" ]; then
    say "uv could not do it; installing with pip, which takes longer"
    .venv/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes \
        --progress-bar off -r requirements.txt >"$log" 2>&1 || failed=1
fi
if [ -n "${failed:-}" ]; then
    [ ! -f "$log" ] || tail -n 5 "$log" >&2
    say "the packages could not be installed; the lines above say why. Run the command again to retry."
    exit 1
fi
printf '%s\n' "$wanted" >"$stamp"
say "the environment is ready"
