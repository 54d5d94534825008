import type { CommandEntry } from '../command-table.ts'

/** What is done with manifest lists. */
export const manifestCommands: readonly CommandEntry[] = [
  {
    names: ['manifest add'],
    summary: 'Add images to a manifest list',
    load: async () => (await import('../commands/manifest-add.ts')).manifestAdd,
  },
  {
    names: ['manifest annotate'],
    summary: 'Change what a manifest list says of an image',
    load: async () => (await import('../commands/manifest-add.ts')).manifestAnnotate,
  },
  {
    names: ['manifest create'],
    summary: 'Make a manifest list: one name for the images of several platforms',
    load: async () => (await import('../commands/manifest-create.ts')).manifestCreate,
  },
  {
    names: ['manifest exists'],
    summary: 'Tell by the exit status whether a manifest list is here',
    load: async () => (await import('../commands/manifest-lists.ts')).manifestExists,
  },
  {
    names: ['manifest inspect'],
    summary: 'Show a manifest list, or the manifest that a registry has',
    load: async () => (await import('../commands/manifest-lists.ts')).manifestInspect,
  },
  {
    names: ['manifest push'],
    summary: 'Send a manifest list and its images to a registry',
    load: async () => (await import('../commands/manifest-push.ts')).manifestPush,
  },
  {
    names: ['manifest remove'],
    summary: 'Take an image out of a manifest list',
    load: async () => (await import('../commands/manifest-lists.ts')).manifestRemove,
  },
  {
    names: ['manifest rm'],
    summary: 'Remove manifest lists, and keep their images',
    load: async () => (await import('../commands/manifest-lists.ts')).manifestRm,
  },
]
