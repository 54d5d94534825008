import type { CommandEntry } from '../command-table.ts'

/** What is done with secrets. */
export const secretCommands: readonly CommandEntry[] = [
  {
    names: ['secret create'],
    summary: 'Keep a secret for containers',
    load: async () => (await import('../commands/secret-create.ts')).secretCreate,
  },
  {
    names: ['secret exists'],
    summary: 'Tell by the exit status whether a secret is there',
    load: async () => (await import('../commands/secret-exists.ts')).secretExists,
  },
  {
    names: ['secret inspect'],
    summary: 'Show what is known of secrets',
    load: async () => (await import('../commands/secret-inspect.ts')).secretInspect,
  },
  {
    names: ['secret ls', 'secret list'],
    summary: 'List secrets',
    load: async () => (await import('../commands/secret-ls.ts')).secretLs,
  },
  {
    names: ['secret rm', 'secret remove'],
    summary: 'Forget secrets',
    load: async () => (await import('../commands/secret-rm.ts')).secretRm,
  },
]
