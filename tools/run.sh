#!/bin/sh
# Runs one of tools/commands with the workspace's own Node, once that and the npm packages are there:
#   sh tools/run.sh COMMAND [ARGUMENT...]
# It is plain sh, because it runs before any of them is.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
command=$1
shift
case $command in
  test | bench) profile=$command ;;
  test-long) profile=test ;;
  test-vm) profile=vm ;;
  *) profile=develop ;;
esac
sh "$root/tools/setup/setup.sh" --profile "$profile"
PATH=$root/node_modules/.bin:$PATH
NX_DAEMON=false
NX_NO_CLOUD=true
export PATH NX_DAEMON NX_NO_CLOUD
exec node -C @podwright/source "$root/tools/commands/$command.ts" "$@"
