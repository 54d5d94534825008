/** What `run` and `create` share. */
const ofRun: Readonly<Record<string, string>> = {
  '--add-host': '`host-gateway` is refused: without bridges there is no gateway to the host yet.',
  '--device':
    'A path, or a name that a vendor has described (CDI), which is looked up at each start. A device that moves a network interface (CDI 1.1) is refused.',
  '--gpus':
    "Docker's syntax, and podman's name of a single one. Of `nvidia`, `amd` and `intel`, the first that has described devices (CDI). `options` are refused.",
  '--health-log-destination': '`local` alone.',
  '--ipc': "`private` unless asked otherwise, as with docker: with podman's default, `shareable`, it has to be said.",
  '--log-driver':
    "`k8s-file`, `json-file` (the same, as with podman: docker's JSON is not written), `journald`, `none` and `passthrough`; docker's others are refused.",
  '--log-opt':
    '`max-size`, `max-file`, `path`, `tag`, `labels` and `env`; others are refused. Rotation loses no line: two files are kept where docker keeps one, and podman cuts its one.',
  '--mount':
    'All types of podman’s, and docker’s but `npipe` and `cluster`. `idmap` is for bind mounts, root and crun. A container keeps the files of an `artifact` when that is removed.',
  '--network':
    '`private`, `host`, `none`, `container:NAME`, `ns:PATH`, `pasta[:OPTIONS]` and `slirp4netns[:OPTIONS]`; networks by name come later. A private network has a way out, and published ports, by pasta or slirp4netns, as root too: the one that serves better, unless one is named. `port_handler=rootlesskit` is refused.',
  '--hosts-file': 'A file of the host, or `none`; `image` is refused.',
  '--passwd':
    'As with podman, a user or group that is given by a number gets a line when the image does not know it. The line of the group makes the user no member of it; with podman, it does from the second start on.',
  '--secret': 'A container keeps what it was made with. One with a null byte is no variable: podman cuts it off there.',
  '--rootfs':
    '`:idmap` is refused. What is written over `DIR:O` stays until the container goes, as with podman 4. `diff` and `commit` need an image; `diff` works with `:O`. A user given by a number gets no line in the /etc/passwd of a directory without `:O`.',
  '--cgroups':
    '`enabled` and `no-conmon`, which are the same here; `disabled` comes later; `split` is refused, since no unit of systemd is taken over.',
  '--restart': 'Without a daemon: by a process that is there only while a container needs it, and by one unit after a reboot.',
  '--security-opt':
    '`no-new-privileges`, `seccomp=`, `mask=`, `unmask=` and `systempaths=unconfined`; `label=disable` and `apparmor=unconfined` ask for what is so anyway; the others are refused.',
  '--userns': '`host`, `keep-id`, `nomap` and maps of ids; `auto`, `container:` and `ns:` come later.',
}

/**
 * How a command, or a flag of it, differs from the peers' of the same name: by command, then by flag, with an empty name for the command itself. What is not here
 * works as theirs.
 */
export const differences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  events: {
    '': 'Kept in the database, 10,000 at least, also while no command runs. `health_status` is told when it changes.',
    '--until': 'A duration is in the past, as with docker; `+10m` is ahead.',
  },
  'image sync': { '--remove-signatures': 'Leaves out the tags `sha256-….sig`, which hold signatures; skopeo copies them as images.' },
  'container checkpoint': { '--tcp-established': 'With `--network host` alone: any other network is made anew at the restore.' },
  'container restore': { '--tcp-established': 'With `--network host` alone: any other network is made anew.' },
  'generate spec': {
    '': 'An OCI runtime config; podman prints what its own service takes to make a container. `describe` prints a command that does.',
  },
  'healthcheck run': { '': "A result has the command's own exit code; podman writes 1." },
  init: { '': 'As podman’s. `stop` kills what is initialized at once: podman waits until its time to stop is over.' },
  inspect: {
    '': "One document with docker's keys and podman's; where they contradict each other, docker's hold, but names have no slash.",
  },
  run: ofRun,
  create: ofRun,
  logs: { '': 'Several containers come in the order of the times. `--details` is docker’s, of the options `labels`, `env` and `tag`.' },
  top: { '': 'Reads /proc and runs no ps, so that no program is needed, neither in the container nor on the host.' },
  wait: { '--condition': '`healthy` of a container without a health check is refused, instead of being waited for.' },
}

/** Why something is refused for good: by command, by noun, or by flag. */
export const reasons: Readonly<Record<string, string>> = {
  config: 'Swarm: a cluster of docker daemons.',
  node: 'Swarm: a cluster of docker daemons.',
  service: 'Swarm: a cluster of docker daemons.',
  stack: 'Swarm: a cluster of docker daemons.',
  swarm: 'Swarm: a cluster of docker daemons.',
  plugin: 'Plugins of a daemon. Volume and storage drivers are npm packages or programs here.',
  context: 'There is no daemon that could be elsewhere.',
  machine: 'podman’s virtual machines for macOS and Windows; podwright runs on Linux.',
  'system connection': 'There is no daemon that could be elsewhere.',
  'system renumber': "podman's lock numbers; podwright has none that could run out.",
  'system migrate': 'The database carries itself over; nothing else holds old state.',
  '--src-daemon-host': 'docker-daemon: is not read: there is a daemon for it alone. `docker save` and docker-archive: do the same.',
  '--dest-daemon-host': 'docker-daemon: is not written: there is a daemon for it alone. docker-archive: and `docker load` do the same.',
  '--isolation': 'A choice of Windows.',
  '--cpu-count': 'A choice of Windows.',
  '--cpu-percent': 'A choice of Windows.',
  '--io-maxbandwidth': 'A choice of Windows.',
  '--io-maxiops': 'A choice of Windows.',
  '--kernel-memory': 'The kernel has done away with it.',
  '--disable-content-trust': "docker's Notary, which registries have given up.",
  '--availability': 'Swarm: a cluster of docker daemons.',
  '--group': 'Swarm: a cluster of docker daemons.',
  '--limit-bytes': 'Swarm: a cluster of docker daemons.',
  '--required-bytes': 'Swarm: a cluster of docker daemons.',
  '--scope': 'Swarm: a cluster of docker daemons.',
  '--sharing': 'Swarm: a cluster of docker daemons.',
  '--topology-preferred': 'Swarm: a cluster of docker daemons.',
  '--topology-required': 'Swarm: a cluster of docker daemons.',
  '--template-driver': 'Swarm: a cluster of docker daemons.',
  '--cluster': 'Swarm: a cluster of docker daemons.',
}
