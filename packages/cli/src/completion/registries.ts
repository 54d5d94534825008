/** The registries that credentials are kept for; only their names are looked at. */
export function knownRegistries(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const home = env['HOME'] ?? ''
  const files = [
    env['REGISTRY_AUTH_FILE'],
    `${env['XDG_RUNTIME_DIR'] ?? ''}/containers/auth.json`,
    `${env['DOCKER_CONFIG'] ?? `${home}/.docker`}/config.json`,
  ]
  const names = files.flatMap((file) => {
    try {
      const { auths } = JSON.parse(readFileSync(file ?? '', 'utf8')) as { readonly auths?: object }
      return Object.keys(auths ?? {})
    } catch {
      // What can't be read has no names for us.
      return []
    }
  })
  return [...new Set(names)]
}
