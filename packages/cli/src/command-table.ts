import type { Command } from './command-line/command.ts'

/** A command by its names; its definition and code are loaded when it is chosen. */
export interface CommandEntry {
  /** The first is its own; all stand in the place of `NAME` in `podwright NAME`. */
  readonly names: readonly string[]
  /** As the definition's. Repeated here so that `--help` loads nothing. */
  readonly summary: string
  /** Not in `--help`. */
  readonly hidden?: boolean
  load(): Promise<Command>
}

/** First words that are followed by a verb. */
export const nouns: Readonly<Record<string, string>> = {
  container: 'Manage containers',
  image: 'Manage images',
  system: 'Manage podwright',
}

/** Every command, in the order of `--help`. */
export const commandTable: readonly CommandEntry[] = [
  {
    names: ['attach', 'container attach'],
    summary: 'Join the terminal or streams of a running container',
    load: async () => (await import('./commands/attach.ts')).attach,
  },
  {
    names: ['container cleanup'],
    summary: 'Record the end of containers and give back what they held',
    hidden: true,
    load: async () => (await import('./commands/container-cleanup.ts')).containerCleanup,
  },
  {
    names: ['container inspect'],
    summary: 'Show everything known of containers',
    load: async () => (await import('./commands/inspect.ts')).containerInspect,
  },
  {
    names: ['create', 'container create'],
    summary: 'Make a container without starting it',
    load: async () => (await import('./commands/create.ts')).create,
  },
  {
    names: ['doctor', 'system doctor'],
    summary: 'Tell what this host can and cannot do, and how to fix it',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    names: ['exec', 'container exec'],
    summary: 'Run a command in a running container',
    load: async () => (await import('./commands/exec.ts')).exec,
  },
  {
    names: ['image inspect'],
    summary: 'Show everything known of images',
    load: async () => (await import('./commands/inspect.ts')).imageInspect,
  },
  {
    names: ['images', 'image ls', 'image list'],
    summary: 'List images',
    load: async () => (await import('./commands/images.ts')).images,
  },
  {
    names: ['info', 'system info'],
    summary: 'Show the host, the store and the tools in use',
    load: async () => (await import('./commands/info.ts')).info,
  },
  {
    names: ['inspect'],
    summary: 'Show everything known of containers or images',
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  {
    names: ['kill', 'container kill'],
    summary: 'Send a signal to running containers',
    load: async () => (await import('./commands/kill.ts')).kill,
  },
  {
    names: ['logs', 'container logs'],
    summary: 'Show what containers wrote',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  {
    names: ['ps', 'container ls', 'container list', 'container ps'],
    summary: 'List containers',
    load: async () => (await import('./commands/ps.ts')).ps,
  },
  {
    names: ['pull', 'image pull'],
    summary: 'Fetch images from a registry',
    load: async () => (await import('./commands/pull.ts')).pull,
  },
  {
    names: ['rm', 'container rm', 'container remove'],
    summary: 'Remove containers',
    load: async () => (await import('./commands/rm.ts')).rm,
  },
  {
    names: ['rmi', 'image rm', 'image remove'],
    summary: 'Remove images',
    load: async () => (await import('./commands/rmi.ts')).rmi,
  },
  {
    names: ['run', 'container run'],
    summary: 'Run a command in a new container',
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    names: ['start', 'container start'],
    summary: 'Start containers',
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    names: ['stop', 'container stop'],
    summary: 'Stop running containers',
    load: async () => (await import('./commands/stop.ts')).stop,
  },
  {
    names: ['unshare'],
    summary: "Run a command in the user namespace that containers' files belong to",
    load: async () => (await import('./commands/unshare.ts')).unshare,
  },
  {
    names: ['version'],
    summary: 'Show the version of podwright and of what it runs on',
    load: async () => (await import('./commands/version.ts')).version,
  },
  {
    names: ['wait', 'container wait'],
    summary: 'Wait until containers end and print their exit codes',
    load: async () => (await import('./commands/wait.ts')).wait,
  },
]

/** Whether a first word is followed by a verb. */
export function isNoun(word: string): boolean {
  return Object.hasOwn(nouns, word)
}

/** The command of a name: `run`, `image ls`. */
export function findCommand(name: string): CommandEntry | undefined {
  return commandTable.find((entry) => entry.names.includes(name))
}
