#!/bin/sh
# Installs what the commands of the Makefile need: `core` and `dev` into .venv, `system` from Debian; `lock` writes the locks.
set -eu
cd "$(dirname "$0")/.."
venv=.venv
python=${PYTHON:-python3}

fail() { # what is wrong, then what to do about it
    printf '%s\n%s\n' "$1" "$2" >&2
    exit 1
}

as_root() { # why, then the packages
    why=$1
    shift
    if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
        fail "$why" "Install them and try again: as root on Debian this command does it by itself (apt-get install $*)."
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo "Installing from Debian: $*"
    { apt-get install -qq -y --no-install-recommends "$@" || { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@"; }; } > /dev/null \
        || fail "Debian could not install $*." "See the messages above."
}

unstarted() { # installs with a command, and lets no service begin: the tests start their own nginx
    policy=/usr/sbin/policy-rc.d
    if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
        trap 'rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' > $policy
        chmod +x $policy
    fi
    "$@"
}

environment() {
    command -v "$python" > /dev/null || fail "There is no $python." "Install Python 3.11 or newer, or name it: make ... PYTHON=/path/to/python3.12"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
        || fail "$("$python" --version) is too old." "Install Python 3.11 or newer, or name it: make ... PYTHON=/path/to/python3.12"
    [ -x $venv/bin/pip ] && return
    "$python" -c 'import ensurepip, venv' 2> /dev/null \
        || as_root "This Python cannot make environments." "python3-venv"
    "$python" -m venv $venv
}

from_locks() { # the stamp, then the locks
    stamp=$1
    shift
    environment
    start=$(date +%s)
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
    echo "Installing $* into $venv ..."
    # Every package comes with its hash, as a wheel; nothing is resolved, nothing is built. Byte code is made when it is needed.
    files=""
    for lock in "$@"; do files="$files -r $lock"; done
    # shellcheck disable=SC2086  # a list of arguments
    $venv/bin/pip install -qq --no-compile --no-deps --only-binary :all: --require-hashes $files
    # The project itself is a folder on the path and its commands.
    $venv/bin/pip install -qq --no-compile --no-deps --no-build-isolation --no-index -e .
    mkdir -p $venv/.stamps
    touch "$venv/.stamps/$stamp"
    echo "Installed in $(($(date +%s) - start)) s."
}

case "$1" in
core) from_locks core requirements.lock requirements-build.lock ;;
dev) from_locks dev requirements-dev.lock && touch $venv/.stamps/core ;;
system)
    missing=""
    command -v chromium > /dev/null || missing="chromium fonts-dejavu-core"
    for tool in curl git openssl strace; do command -v $tool > /dev/null || missing="$missing $tool"; done
    [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || /usr/sbin/nginx -V 2>&1 | grep -q -e '--with-stream ' \
        || missing="$missing nginx libnginx-mod-stream"
    # shellcheck disable=SC2086  # a list of packages
    [ -z "$missing" ] || unstarted as_root "The tests need Chromium, curl, git, nginx, openssl and strace; none is skipped for want of them." $missing
    ;;
lock)
    compile="$venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade
        --no-emit-index-url --no-header --no-annotate"
    $compile pyproject.toml -o requirements.lock
    $compile --group build -o requirements-build.lock
    $compile pyproject.toml --constraints requirements.lock --all-extras --group dev -o requirements-dev.lock
    ;;
*) fail "tools/install.sh does not know $1." "Use core, dev, system or lock." ;;
esac
