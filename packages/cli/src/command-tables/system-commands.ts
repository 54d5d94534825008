import type { CommandEntry } from '../command-table.ts'

/** The host, the store and what belongs to no single object. */
export const systemCommands: readonly CommandEntry[] = [
  {
    names: ['__complete'],
    summary: 'Print what may stand at the end of a command line',
    hidden: true,
    load: async () => (await import('../commands/complete.ts')).completeWords,
  },
  {
    names: ['completion'],
    summary: "Print what makes a shell complete podwright's words",
    load: async () => (await import('../commands/completion.ts')).completion,
  },
  {
    names: ['doctor', 'system doctor'],
    summary: 'Tell what this host can and cannot do, and how to fix it',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    names: ['events', 'system events'],
    summary: 'Show what has happened to containers, images and volumes, and what happens',
    load: async () => (await import('../commands/events.ts')).events,
  },
  {
    names: ['info', 'system info'],
    summary: 'Show the host, the store and the tools in use',
    load: async () => (await import('../commands/info.ts')).info,
  },
  {
    names: ['inspect'],
    summary: 'Show everything known of containers or images',
    load: async () => (await import('../commands/inspect.ts')).inspect,
  },
  {
    names: ['mount', 'container mount'],
    summary: "Show a container's or an image's files in a directory",
    load: async () => (await import('../commands/mount.ts')).mount,
  },
  {
    names: ['system boot'],
    summary: 'Show, turn on or off that containers are started after a reboot',
    load: async () => (await import('../commands/system-boot.ts')).systemBoot,
  },
  {
    names: ['system check'],
    summary: 'Look for damage in the store, and mend it',
    load: async () => (await import('../commands/system-check.ts')).systemCheck,
  },
  {
    names: ['system df'],
    summary: 'Show what images, containers and volumes take on disk',
    load: async () => (await import('../commands/system-df.ts')).systemDf,
  },
  {
    names: ['system prune'],
    summary: 'Remove containers that do not run, and what nobody uses',
    load: async () => (await import('../commands/system-prune.ts')).systemPrune,
  },
  {
    names: ['system reset'],
    summary: 'Remove everything: containers, images, volumes, and the store itself',
    load: async () => (await import('../commands/system-reset.ts')).systemReset,
  },
  {
    names: ['unmount', 'umount', 'container unmount', 'container umount'],
    summary: 'Undo mount',
    load: async () => (await import('../commands/mount.ts')).unmount,
  },
  {
    names: ['unshare'],
    summary: "Run a command in the user namespace that containers' files belong to",
    load: async () => (await import('../commands/unshare.ts')).unshare,
  },
  {
    names: ['version'],
    summary: 'Show the version of podwright and of what it runs on',
    load: async () => (await import('../commands/version.ts')).version,
  },
]
