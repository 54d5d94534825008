import type { CommandEntry } from '../command-table.ts'

/** What is done with registries. */
export const registryCommands: readonly CommandEntry[] = [
  {
    names: ['login'],
    summary: 'Log in at a registry',
    load: async () => (await import('../commands/login.ts')).login,
  },
  {
    names: ['logout'],
    summary: 'Log out from a registry',
    load: async () => (await import('../commands/logout.ts')).logout,
  },
  {
    names: ['search', 'image search'],
    summary: 'Find images at registries',
    load: async () => (await import('../commands/search.ts')).search,
  },
]
