import type { LogLevel } from '../context.ts'
import type { FlagDefinitions, FlagValue } from './flags.ts'

/** Flags that every command understands, before and after its name. */
export const persistentFlags = {
  root: { kind: 'text', value: 'DIR', description: 'Where images and containers are kept' },
  runroot: { kind: 'text', value: 'DIR', description: 'Where sockets and locks are kept' },
  runtime: {
    kind: 'text',
    value: 'NAME|PATH',
    description: 'OCI runtime to use: crun, runc, youki, or the path of one',
    examples: ['crun', 'runc', 'youki'],
  },
  'cgroup-manager': {
    kind: 'text',
    value: 'NAME',
    description: 'Who has to make control groups: systemd or cgroupfs; refused where it is the other',
    choices: ['systemd', 'cgroupfs'],
  },
  conmon: { kind: 'text', value: 'PATH', description: 'Path of the monitor to use' },
  'storage-driver': { kind: 'text', value: 'NAME', description: 'Storage driver to use: overlay, vfs', examples: ['overlay', 'vfs'] },
  'cdi-spec-dir': {
    kind: 'words',
    value: 'DIR',
    description: "Where vendors' descriptions of devices (CDI) are; may be given more than once",
    defaultText: '/etc/cdi, /var/run/cdi',
  },
  'log-level': {
    kind: 'text',
    value: 'LEVEL',
    description: 'How much to say: debug shows codes, causes and stacks of errors; error hides warnings',
    defaultText: 'warn',
    choices: ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'],
  },
} as const

/** Flags that stand before the command's name. */
export const globalFlags: FlagDefinitions = {
  ...persistentFlags,
  debug: { kind: 'boolean', short: 'D', description: 'The same as --log-level debug' },
  version: { kind: 'boolean', short: 'v', description: 'Print the version' },
  help: { kind: 'boolean', short: 'h', description: 'Print this help' },
}

/** The flags of a command with what every command has; `-h` is free for a command's own use. */
export function withPersistentFlags(flags: FlagDefinitions): FlagDefinitions {
  const takesH = Object.values(flags).some((flag) => flag.short === 'h')
  const help = { kind: 'boolean', description: 'Print this help', ...(!takesH && { short: 'h' }) } as const
  return { ...persistentFlags, ...flags, help }
}

const levels: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  error: 'error',
  fatal: 'error',
  panic: 'error',
}

/** The level that the flags ask for. */
export function logLevelOf(values: Readonly<Record<string, FlagValue>>): LogLevel {
  if (values['debug'] === true) return 'debug'
  return levels[String(values['log-level'])] ?? 'warning'
}
