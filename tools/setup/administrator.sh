# shellcheck shell=sh
# Whether, and how, set-up may act as root. Sourced by setup.sh.

# find_administrator: sets administrator to the words that make a command run as root, or to "none".
find_administrator() {
  if [ "$(id -u)" = 0 ]; then
    administrator=''
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    administrator='sudo -n'
  elif command -v sudo >/dev/null && [ -t 0 ] && [ -t 2 ]; then
    administrator='sudo'
  else
    administrator='none'
  fi
}

# as_administrator COMMAND...: runs it as root.
as_administrator() {
  # Unquoted on purpose: it is no word, one or two.
  # shellcheck disable=SC2086
  $administrator "$@"
}

# ask_for_administrator: prints what an administrator must type (the lines of $administrator_commands), and ends set-up.
ask_for_administrator() {
  say "podwright needs a few things that only an administrator can set up, and neither are you root nor is there a sudo that lets you."
  say "Ask an administrator to run:"
  say ""
  printf '%s' "$administrator_commands" | sed 's/^/    /' >&2
  say ""
  say "Then run the same command again."
  exit 125
}
