import type { CommandEntry } from '../command-table.ts'

/** What is done with artifacts. */
export const artifactCommands: readonly CommandEntry[] = [
  {
    names: ['artifact add'],
    summary: 'Make an artifact of files',
    load: async () => (await import('../commands/artifact-add.ts')).artifactAdd,
  },
  {
    names: ['artifact extract'],
    summary: "Write an artifact's files into a directory, or one of them into a file",
    load: async () => (await import('../commands/artifact-files.ts')).artifactExtract,
  },
  {
    names: ['artifact inspect'],
    summary: 'Show everything known of an artifact',
    load: async () => (await import('../commands/artifact-ls.ts')).artifactInspect,
  },
  {
    names: ['artifact ls', 'artifact list'],
    summary: 'List artifacts',
    load: async () => (await import('../commands/artifact-ls.ts')).artifactLs,
  },
  {
    names: ['artifact pull'],
    summary: 'Fetch an artifact from a registry',
    load: async () => (await import('../commands/artifact-transfers.ts')).artifactPull,
  },
  {
    names: ['artifact push'],
    summary: 'Send an artifact to a registry',
    load: async () => (await import('../commands/artifact-transfers.ts')).artifactPush,
  },
  {
    names: ['artifact rm'],
    summary: 'Remove artifacts',
    load: async () => (await import('../commands/artifact-files.ts')).artifactRm,
  },
]
