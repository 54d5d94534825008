import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What another engine's program has: names alone, as its `--help` tells them. */
export interface Peer {
  readonly tool: string
  readonly version: string
  /** Flags before any command: `--log-level -l`. */
  readonly global: readonly string[]
  /** The flags of each command. */
  readonly commands: Readonly<Record<string, readonly string[]>>
}

/** The peers that there is a list of. */
export const peerNames = ['docker', 'podman'] as const

/** A list as it is kept. */
export function readPeer(tool: (typeof peerNames)[number]): Peer {
  return JSON.parse(readFileSync(pathOf(tool), 'utf8')) as Peer
}

/** Asks the installed program, command by command, and keeps the list. */
export function askPeer(tool: (typeof peerNames)[number]): Peer {
  const commands: Record<string, readonly string[]> = {}
  const visit = (words: readonly string[]): void => {
    const help = helpOf(tool, words)
    const verbs = verbsIn(help)
    if (verbs.length === 0) commands[words.join(' ')] = flagsIn(help)
    else for (const verb of verbs) visit([...words, verb])
  }
  visit([])
  const version = /\d+\.\d+\.\d+/.exec(execFileSync(tool, ['--version'], { encoding: 'utf8' }))?.[0] ?? ''
  const peer = { tool, version, global: flagsIn(helpOf(tool, [])), commands }
  writeFileSync(pathOf(tool), `${JSON.stringify(peer, undefined, 1)}\n`)
  return peer
}

function pathOf(tool: string): string {
  return join(import.meta.dirname, 'peers', `${tool}.json`)
}

function helpOf(tool: string, words: readonly string[]): string {
  return execFileSync(tool, [...words, '--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

function verbsIn(help: string): readonly string[] {
  const sections = [...help.matchAll(/^(?:[A-Z]\w* )?Commands:\n((?: {2}.*\n?)+)/gm)].map(([, rows = '']) => rows)
  const names = sections.flatMap((rows) => [...rows.matchAll(/^ {2}(\S+?)\*? /gm)].map(([, name = '']) => name))
  return [...new Set(names)].filter((name) => name !== 'help')
}

function flagsIn(help: string): readonly string[] {
  const found = [...help.matchAll(/^ {2,6}(?:-(\w), )?--([a-z0-9][a-z0-9-]*)/gm)]
  const names = found.map(([, short, long]) => (short === undefined ? `--${long}` : `--${long} -${short}`))
  return [...new Set(names)].filter((name) => !name.startsWith('--help')).toSorted()
}
