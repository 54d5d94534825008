/**
 * Where set-up puts a copy of `unshare` that AppArmor lets make user namespaces, where plain users may not by default (Ubuntu from 23.10 on). A
 * profile is bound to a path, so that it needs one that stays and that only root can write.
 */
export const appArmorHelperPath = '/usr/local/libexec/podwright/unshare'

/** The file of the profile. */
export const appArmorProfilePath = '/etc/apparmor.d/podwright'

/** The profile: it confines nothing, and permits user namespaces to that one program. */
export const appArmorProfile: string = `abi <abi/4.0>,
include <tunables/global>

profile podwright ${appArmorHelperPath} flags=(unconfined) {
  userns,
}
`

/** The commands that an administrator types to allow it. */
export const appArmorCommands: readonly string[] = [
  `sudo install -D -m 0755 "$(command -v unshare)" ${appArmorHelperPath}`,
  `printf '%s\\n' ${appArmorProfile
    .trimEnd()
    .split('\n')
    .map((line) => `'${line}'`)
    .join(' ')} | sudo tee ${appArmorProfilePath}`,
  `sudo apparmor_parser -r ${appArmorProfilePath}`,
]
