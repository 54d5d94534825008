# shellcheck shell=sh
# What rootless containers need of the system besides packages: id ranges, and AppArmor's leave. Sourced by setup.sh.

app_armor_helper=/usr/local/libexec/podwright/unshare
app_armor_profile=/etc/apparmor.d/podwright

# has_range FILE: whether the user has a range in it, by name or by number.
has_range() {
  [ -r "$1" ] || return 1
  while IFS=: read -r owner _ count; do
    case $owner in "$user_name" | "$user_id") [ "${count:-0}" -gt 0 ] && return 0 ;; esac
  done <"$1"
  return 1
}

# needs_ranges: whether the user lacks ranges that set-up could add. Where another source than the files is configured, that is the administrator's.
needs_ranges() {
  user_id=$(id -u)
  user_name=$(id -un)
  [ "$user_id" != 0 ] || return 1
  if grep -qs '^[[:space:]]*subid:' /etc/nsswitch.conf; then return 1; fi
  ! has_range /etc/subuid || ! has_range /etc/subgid
}

# ranges_command: prints the command that gives the user 65536 ids which nobody has yet.
ranges_command() {
  first=100000
  for file in /etc/subuid /etc/subgid; do
    [ -r "$file" ] || continue
    while IFS=: read -r _ start count; do
      end=$((${start:-0} + ${count:-0}))
      [ "$end" -gt "$first" ] && first=$end
    done <"$file"
  done
  last=$((first + 65535))
  printf 'usermod --add-subuids %s-%s --add-subgids %s-%s %s' "$first" "$last" "$first" "$last" "$user_name"
}

# needs_app_armor_profile: whether plain users may not make user namespaces here (Ubuntu from 23.10 on), and nothing was done about it yet.
needs_app_armor_profile() {
  restriction=/proc/sys/kernel/apparmor_restrict_unprivileged_userns
  [ -r "$restriction" ] || return 1
  read -r restricted <"$restriction"
  [ "$restricted" = 1 ] || return 1
  ! [ -x "$app_armor_helper" ] || ! [ -f "$app_armor_profile" ]
}

# app_armor_commands: prints the commands that permit user namespaces to one program that only root can write.
app_armor_commands() {
  printf 'install -D -m 0755 %s %s\n' "$(command -v unshare)" "$app_armor_helper"
  printf 'install -m 0644 %s %s\n' "$setup/podwright.apparmor" "$app_armor_profile"
  printf 'apparmor_parser -r %s\n' "$app_armor_profile"
}
