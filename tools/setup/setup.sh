#!/bin/sh
# Sets up what a clone needs and this machine lacks; a second run finds nothing to do and is quick.
#
#   sh tools/setup/setup.sh --profile run       ./podwright: system packages, npm packages, the built command
#   sh tools/setup/setup.sh --profile develop   npm run check: npm packages
#   sh tools/setup/setup.sh --profile test      npm test: all of these, what tests use, and their environment
#   sh tools/setup/setup.sh --profile vm        npm run test:vm: npm packages, and what makes and boots a virtual machine
#   sh tools/setup/setup.sh --profile bench     npm run bench: all of these, and the contenders
#
# It tells what it does on stderr. It ends with 125 where it can't go on, having said why and what to do.
set -eu

setup=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(CDPATH='' cd -- "$setup/../.." && pwd -P)
state=$root/.cache/setup
. "$setup/report.sh"
. "$setup/administrator.sh"
. "$setup/system-packages.sh"
. "$setup/user-namespaces.sh"
. "$setup/clone.sh"

profile=run
[ "${1-}" = --profile ] && profile=$2
case $profile in
  run) packages='npm run' parts='system clone build' ;;
  develop) packages='npm' parts='system clone' ;;
  test) packages='npm run test' parts='system clone build environment' ;;
  vm) packages='npm vm' parts='system clone' ;;
  bench) packages='npm run test bench' parts='system clone build environment' ;;
  *)
    say "podwright set-up: there is no profile $profile; there are run, develop, test, vm and bench"
    exit 125
    ;;
esac

if has_hybrid_control_groups; then
  case " $packages " in *' run '*) packages="$packages hybrid" ;; esac
fi

has_part() {
  case " $parts " in *" $1 "*) return 0 ;; esac
  return 1
}

# look: finds out what is missing; sets the variables below, starts few processes, changes nothing.
look() {
  missing_must='' missing_want='' missing_commands='' needs_ranges=no needs_profile=no
  find_package_manager
  find_missing_packages "$packages"
  if has_part build; then
    if needs_ranges; then needs_ranges=yes; fi
    if needs_app_armor_profile; then needs_profile=yes; fi
  fi
  needs_npm=no needs_build=no needs_environment=no
  if needs_npm_packages; then needs_npm=yes; fi
  if has_part build && { [ "$needs_npm" = yes ] || needs_build; }; then needs_build=yes; fi
  if has_part environment; then needs_environment=yes; fi
}

# drop_wishes: forgets what is only wanted, where nobody may install it.
drop_wishes() {
  [ "$administrator" = none ] || return 0
  missing_want=''
}

# administrator_work: whether anything is left that root must do; sets administrator_commands to what to type for it.
administrator_work() {
  administrator_commands=''
  if [ -n "$missing_must" ]; then
    administrator_commands="sudo $(install_command)$(first_alternatives "$missing_must")
"
  fi
  if [ "$needs_ranges" = yes ]; then
    administrator_commands="${administrator_commands}sudo $(ranges_command)
"
  fi
  if [ "$needs_profile" = yes ]; then
    administrator_commands="$administrator_commands$(app_armor_commands | sed 's/^/sudo /')
"
  fi
  [ -n "$administrator_commands" ]
}

refuse_unknown_system() {
  [ -z "$missing_commands" ] && { [ "$package_manager" != none ] || [ -z "$missing_must" ]; } && return 0
  say "podwright set-up: these commands are missing, and this system has no package of theirs that set-up knows:$missing_commands"
  say "Set-up knows Debian, Ubuntu, Fedora and Arch. Install them by hand, then run the same command again."
  exit 125
}

count_steps() {
  step_count=0
  [ -n "$missing_must$missing_want" ] && step_count=$((step_count + 1))
  [ "$needs_ranges" = yes ] && step_count=$((step_count + 1))
  [ "$needs_profile" = yes ] && step_count=$((step_count + 1))
  [ "$needs_npm" = yes ] && step_count=$((step_count + 1))
  [ "$needs_build" = yes ] && step_count=$((step_count + 1))
  return 0
}

set_up_system() {
  if [ -n "$missing_must$missing_want" ]; then
    names=$(first_alternatives "$missing_must $missing_want")
    begin_step "system packages:$names"
    install_packages "$state/system-packages.log" ||
      fail_step "$state/system-packages.log" "the system packages can't be installed: $(install_command)$names"
    give_up_wishes "$packages"
    end_step
  fi
  if [ "$needs_ranges" = yes ]; then
    begin_step "user and group ids for the containers of $user_name"
    # shellcheck disable=SC2046
    run_logged "$state/ranges.log" as_administrator $(ranges_command) || fail_step "$state/ranges.log" "the ids can't be given: $(ranges_command)"
    end_step
  fi
  if [ "$needs_profile" = yes ]; then
    begin_step "leave to make user namespaces (AppArmor): $app_armor_profile"
    app_armor_commands >"$state/app-armor.sh"
    run_logged "$state/app-armor.log" as_administrator sh -e "$state/app-armor.sh" ||
      fail_step "$state/app-armor.log" "AppArmor refuses the profile $app_armor_profile"
    end_step
  fi
}

find_administrator
look
drop_wishes
refuse_unknown_system
count_steps
if [ "$step_count" -gt 0 ]; then
  if [ "$administrator" = none ] && administrator_work; then ask_for_administrator; fi
  require_own_clone
  take_turn "$profile"
  say "podwright: setting up, once ($step_count step$([ "$step_count" = 1 ] || printf s))"
  set_up_system
  if [ "$needs_npm" = yes ]; then install_npm_packages; fi
  if [ "$needs_build" = yes ]; then build_command; fi
  give_to_owner
fi
if [ "$profile" = run ]; then mark_ready; fi
if [ "$needs_environment" = yes ]; then
  exec "$node" "$setup/test-environment.ts"
fi
