import type { CommandEntry } from '../command-table.ts'

/** What is done with images. */
export const imageCommands: readonly CommandEntry[] = [
  {
    names: ['image inspect'],
    summary: 'Show everything known of images',
    load: async () => (await import('../commands/inspect.ts')).imageInspect,
  },
  {
    names: ['images', 'image ls', 'image list'],
    summary: 'List images',
    load: async () => (await import('../commands/images.ts')).images,
  },
  {
    names: ['pull', 'image pull'],
    summary: 'Fetch images from a registry',
    load: async () => (await import('../commands/pull.ts')).pull,
  },
  {
    names: ['rmi', 'image rm', 'image remove'],
    summary: 'Remove images',
    load: async () => (await import('../commands/rmi.ts')).rmi,
  },
]
