# shellcheck shell=sh
# How set-up tells what it does, on stderr, so that stdout belongs to the command that follows. Sourced by setup.sh.

step_number=0
step_count=0

# say TEXT...: one line.
say() {
  printf '%s\n' "$*" >&2
}

# begin_step TEXT: announces the next step.
begin_step() {
  step_number=$((step_number + 1))
  step_text="[$step_number/$step_count] $1"
  step_started=$(date +%s)
  if [ -t 2 ]; then printf '%s …' "$step_text" >&2; else say "$step_text …"; fi
}

# tick TEXT: on a terminal, how far the step is.
tick() {
  [ -t 2 ] || return 0
  printf '\r\033[K%s … %s' "$step_text" "$1" >&2
}

# end_step: closes what begin_step opened.
end_step() {
  step_seconds=$(($(date +%s) - step_started))
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  say "$step_text: done ($step_seconds s)"
}

# fail_step LOG TEXT: closes it as failed, with the end of its log, and ends set-up.
fail_step() {
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  say "$step_text: FAILED"
  [ -s "$1" ] && tail -n 25 "$1" | sed 's/^/    /' >&2
  say "podwright set-up: $2"
  say "The whole log is $1"
  exit 125
}

# run_logged LOG COMMAND...: runs it in the background with its output in LOG, counting seconds on a terminal. Ends as it does.
run_logged() {
  log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  trap 'kill "$job" 2>/dev/null; exit 130' INT TERM
  if [ -t 2 ]; then
    while kill -0 "$job" 2>/dev/null; do
      tick "$(($(date +%s) - step_started)) s"
      sleep 1
    done
  fi
  code=0
  wait "$job" || code=$?
  trap - INT TERM
  return "$code"
}
