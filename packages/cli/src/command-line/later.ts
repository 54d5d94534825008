/*
 * What docker and podman have and podwright does not have yet. Who types one of these is told so by name, instead of being told that there is no
 * such thing.
 */

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Commands, with their noun where they have one. */
export const laterCommands: readonly string[] = [
  ...words(`auto-update build builder buildx checkpoint compose config context farm
    kube machine network node plugin pod service stack
    swarm trust quadlet `),
  'container runlabel',
  'generate kube',
  'generate systemd',
  ...words('build sign trust').map((verb) => `image ${verb}`),
  'volume reload',
  'volume update',
  ...words('connection migrate renumber service').map((verb) => `system ${verb}`),
]

const runFlags = words(`--cpu-count --cpu-percent
  --decryption-key 
  --disable-content-trust
   --init-ctr --io-maxbandwidth --io-maxiops --ip --ip6 --isolation --kernel-memory --link --link-local-ip --mac-address --network-alias --pod --pod-id-file
  --storage-opt --use-api-socket`)

const flagsOfCommand: Readonly<Record<string, readonly string[]>> = {
  run: runFlags,
  create: [...runFlags, '--rmi'],
  exec: words('--no-session'),
  images: words('--history --tree'),
  'container clone': words('--pod'),
  'container checkpoint': words(
    '--compress -c --create-image --export -e --ignore-rootfs --ignore-volumes --pre-checkpoint -P --print-stats --with-previous',
  ),
  'container restore':
    words(`--ignore-rootfs --ignore-static-ip --ignore-static-mac --ignore-volumes --import -i --import-previous --name -n --pod
    --print-stats --publish -p`),
  'generate spec': words('--name -n'),
  commit: words('--include-volumes'),
  'container cleanup': words('--exec --rm --rmi'),
  history: words('--platform'),
  'image copy': words(`--decryption-key --dest-daemon-host --dest-shared-blob-dir --encrypt-layer --encryption-key --sign-by
    --sign-by-sigstore-private-key --sign-identity --sign-passphrase-file --src-daemon-host --src-shared-blob-dir`),
  'image sync': words('--sign-by --sign-by-sigstore-private-key --sign-passphrase-file'),
  login: words('--compat-auth-file'),
  logout: words('--compat-auth-file'),
  'manifest add': words(
    '--artifact --artifact-config --artifact-config-type --artifact-exclude-titles --artifact-layer-type --artifact-subject',
  ),
  'manifest annotate': words('--subject'),
  'manifest inspect': words('--verbose -v'),
  'manifest push': words('--add-compression --sign-by --sign-by-sigstore --sign-by-sigstore-private-key --sign-passphrase-file'),
  push: words(`--encrypt-layer --encryption-key --sign-by
    --sign-by-sigstore --sign-by-sigstore-private-key --sign-passphrase-file`),
  'artifact pull': words('--decryption-key'),
  'artifact push': words('--sign-by --sign-by-sigstore --sign-by-sigstore-private-key --sign-passphrase-file'),
  pull: words('--disable-content-trust --decryption-key'),
  rm: words('--link'),
  start: words('--checkpoint --checkpoint-dir'),
  'system check': words('--force -f'),
  'system prune': words('--build --external'),
  unshare: words('--rootless-netns'),
  'secret create': words('--driver-opts --template-driver'),
  'volume create': words(
    '--availability --group --limit-bytes --required-bytes --scope --secret --sharing --topology-preferred --topology-required --type',
  ),
  'volume ls': words('--cluster'),
}

const globalLaterFlags = words(`--config --connection -c --context -H --host --events-backend --hooks-dir --identity --imagestore
  --module --network-cmd-path --network-config-dir --out --remote -r --ssh --storage-opt --syslog --tls --tlscacert --tlscert --tlskey --tlsverify
  --tmpdir --transient-store --url --volumepath`)

/** The flags of a command, with their dashes; without a name, those before any command. */
export function laterFlags(name: string | undefined): readonly string[] {
  return name === undefined ? globalLaterFlags : (flagsOfCommand[name] ?? [])
}
