# shellcheck shell=sh
# The system's packages: which are missing, and how they are installed. Sourced by setup.sh; reads system-packages.table.

control_groups=${PODWRIGHT_CONTROL_GROUPS:-/sys/fs/cgroup}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/libexec/podman

# find_package_manager: sets package_manager to apt, dnf, pacman or none.
find_package_manager() {
  if command -v apt-get >/dev/null; then
    package_manager=apt
  elif command -v dnf >/dev/null; then
    package_manager=dnf
  elif command -v pacman >/dev/null; then
    package_manager=pacman
  else
    package_manager=none
  fi
}

# has_any COMMANDS: whether one of the commands, separated by "|", is there.
has_any() {
  saved_ifs=$IFS
  IFS='|'
  # shellcheck disable=SC2086
  set -- $1
  IFS=$saved_ifs
  for candidate in "$@"; do
    command -v "$candidate" >/dev/null && return 0
  done
  return 1
}

# has_hybrid_control_groups: whether a v2 hierarchy with controllers stands beside those of v1.
has_hybrid_control_groups() {
  controllers=''
  [ ! -r "$control_groups/unified/cgroup.controllers" ] || read -r controllers <"$control_groups/unified/cgroup.controllers" || :
  [ -n "$controllers" ]
}

# find_missing_packages PROFILES: sets missing_must and missing_want to the packages of what is missing, and missing_commands to the commands
# for which this distribution has no package. No process is started, so that looking costs nothing.
find_missing_packages() {
  missing_must='' missing_want='' missing_commands=''
  while read -r wanted_by need commands apt dnf pacman; do
    case " $1 " in *" $wanted_by "*) ;; *) continue ;; esac
    has_any "$commands" && continue
    case $package_manager in
      apt) package=$apt ;;
      dnf) package=$dnf ;;
      pacman) package=$pacman ;;
      *) package=- ;;
    esac
    if [ "$package" = - ]; then
      [ "$need" = must ] && missing_commands="$missing_commands $commands"
      continue
    fi
    case " $missing_must $missing_want " in *" $package "*) continue ;; esac
    [ "$need" = want ] && is_given_up "$package" && continue
    if [ "$need" = must ]; then missing_must="$missing_must $package"; else missing_want="$missing_want $package"; fi
  done <"$setup/system-packages.table"
}

# is_given_up PACKAGE: whether an earlier set-up wanted it and couldn't get it. Each line of the file is a package.
is_given_up() {
  [ -r "$state/given-up" ] || return 1
  while read -r given_up; do
    [ "$given_up" = "$1" ] && return 0
  done <"$state/given-up"
  return 1
}

# give_up_wishes PROFILES: remembers what is still wanted after an installation, so that the next set-up doesn't try again.
give_up_wishes() {
  find_missing_packages "$1"
  for package in $missing_want; do printf '%s\n' "$package" >>"$state/given-up"; done
}

# first_alternatives PACKAGES: prints them with the first name of each; what an administrator is asked for.
first_alternatives() {
  for package in $1; do printf ' %s' "${package%%|*}"; done
}

# install_command: prints the command that installs packages here, but for their names.
install_command() {
  case $package_manager in
    apt) printf 'apt-get install -y --no-install-recommends' ;;
    dnf) printf 'dnf install -y' ;;
    pacman) printf 'pacman -S --needed --noconfirm' ;;
  esac
}

# install_packages LOG: installs what find_missing_packages found; what is only wanted is left out where it can't be had.
install_packages() {
  case $package_manager in
    apt) install_with_apt "$1" ;;
    *) install_plainly "$1" "$(first_alternatives "$missing_must")" "$(first_alternatives "$missing_want")" ;;
  esac
}

# install_plainly LOG MUST WANT: for dnf and pacman.
install_plainly() {
  # shellcheck disable=SC2046,SC2086
  run_logged "$1" as_administrator $(install_command) $2 $3 && return 0
  # shellcheck disable=SC2046,SC2086
  run_logged "$1" as_administrator $(install_command) $2
}

install_with_apt() {
  choose_for_apt
  # Fresh images have no lists, old ones have lists of packages that are gone.
  if [ -n "$unknown" ] || ! run_apt "$1"; then
    tick 'apt-get update'
    as_administrator apt-get update >"$1" 2>&1 </dev/null || return 1
    choose_for_apt
    run_apt "$1" || return 1
  fi
}

# choose_for_apt: sets chosen to the packages that apt knows, and unknown to those it must know and doesn't.
choose_for_apt() {
  chosen='' unknown=''
  for alternatives in $missing_must $missing_want; do
    found=''
    for package in $(printf '%s' "$alternatives" | tr '|' ' '); do
      if apt-cache show "$package" >/dev/null 2>&1; then
        found=$package
        break
      fi
    done
    if [ -n "$found" ]; then
      chosen="$chosen $found"
    else
      case " $missing_must " in *" $alternatives "*) unknown="$unknown $alternatives" ;; esac
    fi
  done
}

# run_apt LOG: apt tells its progress among its output (sudo lets no other descriptor through).
run_apt() {
  [ -z "$unknown" ] || {
    printf 'apt knows no package named%s\n' "$unknown" >"$1"
    return 1
  }
  : >"$1"
  {
    # shellcheck disable=SC2086
    as_administrator env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o APT::Status-Fd=1 -o DPkg::Lock::Timeout=120 \
      $chosen 2>&1 </dev/null || printf 'podwright-apt-failed\n'
  } | follow_apt "$1"
}

# follow_apt LOG: shows the lines that tell progress, logs the others.
follow_apt() {
  followed=0
  while IFS= read -r line; do
    case $line in
      podwright-apt-failed) followed=1 ;;
      dlstatus:* | pmstatus:*)
        line=${line#*:}
        line=${line#*:}
        tick "${line%%[.:]*} %, ${line#*:}"
        ;;
      *) printf '%s\n' "$line" >>"$1" ;;
    esac
  done
  return "$followed"
}
