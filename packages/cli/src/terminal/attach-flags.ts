/** What every command that joins a container's streams has. */
export const attachFlags = {
  'detach-keys': {
    kind: 'text',
    value: 'KEYS',
    description: 'Keys that, typed in this order, leave the container; empty: none do',
    defaultText: 'ctrl-p,ctrl-q',
  },
  'sig-proxy': { kind: 'boolean', description: 'Send the signals that reach podwright on to the container', defaultText: 'true' },
} as const
