import type { CommandEntry } from '../command-table.ts'

/** What is done with images. */
export const imageCommands: readonly CommandEntry[] = [
  {
    names: ['commit', 'container commit'],
    summary: 'Make an image of what a container has changed',
    load: async () => (await import('../commands/commit.ts')).commit,
  },
  {
    names: ['container diff'],
    summary: 'Show what a container changes',
    load: async () => (await import('../commands/diff.ts')).containerDiff,
  },
  {
    names: ['diff'],
    summary: 'Show what a container or image changes',
    load: async () => (await import('../commands/diff.ts')).diff,
  },
  {
    names: ['export', 'container export'],
    summary: "Write a container's file system as a tar",
    load: async () => (await import('../commands/export.ts')).exportCommand,
  },
  {
    names: ['history', 'image history'],
    summary: 'Show how an image was made',
    load: async () => (await import('../commands/history.ts')).history,
  },
  {
    names: ['image copy'],
    summary: 'Copy an image from one place to another',
    load: async () => (await import('../commands/image-copy.ts')).imageCopy,
  },
  {
    names: ['image delete'],
    summary: 'Delete images at a registry or another place',
    load: async () => (await import('../commands/image-delete.ts')).imageDelete,
  },
  {
    names: ['image diff'],
    summary: 'Show what an image changes',
    load: async () => (await import('../commands/diff.ts')).imageDiff,
  },
  {
    names: ['image exists'],
    summary: 'Tell by the exit status whether an image is here',
    load: async () => (await import('../commands/image-exists.ts')).imageExists,
  },
  {
    names: ['image inspect'],
    summary: 'Show everything known of images',
    load: async () => (await import('../commands/image-inspect.ts')).imageInspect,
  },
  {
    names: ['image list-tags'],
    summary: 'List what the images at a place are called',
    load: async () => (await import('../commands/image-list-tags.ts')).imageListTags,
  },
  {
    names: ['image mount'],
    summary: "Show an image's files in a directory, read-only",
    load: async () => (await import('../commands/image-mount.ts')).imageMount,
  },
  {
    names: ['image prune'],
    summary: 'Remove images that nobody uses',
    load: async () => (await import('../commands/image-prune.ts')).imagePrune,
  },
  {
    names: ['image scp'],
    summary: 'Send an image to, or fetch one from, another host by ssh',
    load: async () => (await import('../commands/image-scp.ts')).imageScp,
  },
  {
    names: ['image sync'],
    summary: 'Copy every tag of a repository, or every image of a directory',
    load: async () => (await import('../commands/image-sync.ts')).imageSync,
  },
  {
    names: ['image tree'],
    summary: "Show an image's layers, and whose they are",
    load: async () => (await import('../commands/image-tree.ts')).imageTree,
  },
  {
    names: ['image unmount', 'image umount'],
    summary: 'Take down what image mount has put up',
    load: async () => (await import('../commands/image-mount.ts')).imageUnmount,
  },
  {
    names: ['images', 'image ls', 'image list'],
    summary: 'List images',
    load: async () => (await import('../commands/images.ts')).images,
  },
  {
    names: ['import', 'image import'],
    summary: 'Make an image out of a tar of a file system',
    load: async () => (await import('../commands/import.ts')).importCommand,
  },
  {
    names: ['load', 'image load'],
    summary: 'Take the images of an archive in',
    load: async () => (await import('../commands/load.ts')).load,
  },
  {
    names: ['pull', 'image pull'],
    summary: 'Fetch images from a registry',
    load: async () => (await import('../commands/pull.ts')).pull,
  },
  {
    names: ['push', 'image push'],
    summary: 'Send an image to a registry or another place',
    load: async () => (await import('../commands/push.ts')).push,
  },
  {
    names: ['rmi', 'image rm', 'image remove'],
    summary: 'Remove images',
    load: async () => (await import('../commands/rmi.ts')).rmi,
  },
  {
    names: ['save', 'image save'],
    summary: 'Write images into an archive',
    load: async () => (await import('../commands/save.ts')).save,
  },
  {
    names: ['tag', 'image tag'],
    summary: 'Give an image more names',
    load: async () => (await import('../commands/tag.ts')).tag,
  },
  {
    names: ['untag', 'image untag'],
    summary: 'Take names from an image, and keep the image',
    load: async () => (await import('../commands/tag.ts')).untag,
  },
]
