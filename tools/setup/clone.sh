# shellcheck shell=sh
# What is set up inside the clone: npm packages and the built command. Sourced by setup.sh.

node=$root/node_modules/node/bin/node
entry=$root/packages/cli/dist/podwright.js

# needs_npm_packages: whether node_modules is not what the lock file says; a copy of the lock file remembers what was installed.
needs_npm_packages() {
  ! [ -x "$node" ] || ! cmp -s "$root/package-lock.json" "$root/node_modules/.podwright-lock.json"
}

# needs_build: whether the command was never built, or a source is newer than what was built.
needs_build() {
  [ -f "$state/built" ] && [ -f "$entry" ] || return 0
  [ -n "$(newer_sources "$state/built")" ]
}

# newer_sources STAMP: prints a source that is newer than STAMP, if there is one. (./podwright asks the same.)
newer_sources() {
  find "$root"/packages/*/src "$root"/packages/*/package.json "$root"/packages/cli/*.ts "$root"/*.shared.ts "$root/package-lock.json" \
    -newer "$1" -print -quit 2>/dev/null
}

# require_own_clone: ends set-up where the clone can't be written to.
require_own_clone() {
  if mkdir -p "$state" 2>/dev/null && [ -w "$state" ] && [ -w "$root" ]; then return 0; fi
  say "podwright: this clone is not set up yet, and $(id -un) may not write to it: $root"
  say "Let its owner run ./podwright version in it once, or make a clone of your own."
  exit 125
}

# take_turn PROFILE: runs set-up again as the only one of this clone, and ends as that does. flock holds the lock itself, so that nothing which
# set-up starts can keep it; the kernel gives it back when flock ends.
take_turn() {
  [ -z "${PODWRIGHT_SETUP_TURN-}" ] && command -v flock >/dev/null || return 0
  export PODWRIGHT_SETUP_TURN=1
  code=0
  flock --nonblock --conflict-exit-code 75 --close "$state/lock" sh "$setup/setup.sh" --profile "$1" || code=$?
  [ "$code" = 75 ] || exit "$code"
  say "podwright: waiting for another set-up of this clone …"
  exec flock --close "$state/lock" sh "$setup/setup.sh" --profile "$1"
}

install_npm_packages() {
  begin_step "Node and npm packages"
  # A tree that is in use is brought up to date in place; npm ci would remove it first.
  if [ -d "$root/node_modules" ]; then subcommand='install --no-save'; else subcommand='ci'; fi
  # shellcheck disable=SC2086
  run_logged "$state/npm.log" npm --prefix "$root" $subcommand --no-audit --no-fund --no-update-notifier --loglevel=error ||
    fail_step "$state/npm.log" "npm can't install the packages (is the registry within reach?)"
  [ -x "$node" ] || fail_step "$state/npm.log" "npm did not install Node; its package is named node, and its install script must be allowed"
  cp "$root/package-lock.json" "$root/node_modules/.podwright-lock.json"
  end_step
}

build_command() {
  begin_step "building the command"
  rm -f "$state/built"
  : >"$state/building"
  (
    cd "$root/packages/cli" || exit
    PATH=$root/node_modules/.bin:$PATH run_logged "$state/build.log" "$node" "$root/node_modules/tsdown/dist/run.mjs"
  ) || fail_step "$state/build.log" "the command can't be built"
  [ -f "$entry" ] || fail_step "$state/build.log" "the build left no $entry"
  # What was changed while it was built is newer than this.
  mv "$state/building" "$state/built"
  end_step
}

# give_to_owner: what root made in somebody's clone is theirs.
give_to_owner() {
  [ "$(id -u)" = 0 ] || return 0
  owner=$(stat -c %u:%g "$root")
  [ "${owner%%:*}" != 0 ] || return 0
  chown -R "$owner" "$root/node_modules" "$root/.cache" "$root"/packages/*/dist 2>/dev/null || true
}

# mark_ready: tells ./podwright that there is nothing left to do for this build.
mark_ready() {
  if [ -w "$state" ] && [ -f "$state/built" ]; then touch -r "$state/built" "$state/ready" 2>/dev/null || true; fi
}
