import type { CommandEntry } from '../command-table.ts'

/** What is done with volumes. */
export const volumeCommands: readonly CommandEntry[] = [
  {
    names: ['volume clone'],
    summary: 'Make a volume with what is in another',
    load: async () => (await import('../commands/volume-clone.ts')).volumeClone,
  },
  {
    names: ['volume create'],
    summary: 'Make a volume',
    load: async () => (await import('../commands/volume-create.ts')).volumeCreate,
  },
  {
    names: ['volume exists'],
    summary: 'Tell by the exit status whether a volume is there',
    load: async () => (await import('../commands/volume-exists.ts')).volumeExists,
  },
  {
    names: ['volume export'],
    summary: 'Write what is in a volume as a tar',
    load: async () => (await import('../commands/volume-export.ts')).volumeExport,
  },
  {
    names: ['volume import'],
    summary: 'Put what is in a tar into a volume',
    load: async () => (await import('../commands/volume-import.ts')).volumeImport,
  },
  {
    names: ['volume inspect'],
    summary: 'Show everything known of volumes',
    load: async () => (await import('../commands/volume-inspect.ts')).volumeInspect,
  },
  {
    names: ['volume ls', 'volume list'],
    summary: 'List volumes',
    load: async () => (await import('../commands/volume-ls.ts')).volumeLs,
  },
  {
    names: ['volume mount'],
    summary: 'Have what is in volumes where it can be looked at',
    load: async () => (await import('../commands/volume-mount.ts')).volumeMount,
  },
  {
    names: ['volume prune'],
    summary: 'Remove volumes that no container uses',
    load: async () => (await import('../commands/volume-prune.ts')).volumePrune,
  },
  {
    names: ['volume rename'],
    summary: 'Give a volume another name',
    load: async () => (await import('../commands/volume-rename.ts')).volumeRename,
  },
  {
    names: ['volume rm', 'volume remove'],
    summary: 'Remove volumes',
    load: async () => (await import('../commands/volume-rm.ts')).volumeRm,
  },
  {
    names: ['volume unmount', 'volume umount'],
    summary: 'Undo volume mount',
    load: async () => (await import('../commands/volume-mount.ts')).volumeUnmount,
  },
]
