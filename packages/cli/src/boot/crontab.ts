import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { CliError } from '../errors.ts'
import { bootArguments, type BootHost } from './host.ts'

/** Ends the line that is ours; `off`: its user wants none. */
const mark = '# podwright-restart'
const offMark = '# podwright-restart: off'

/** The program that edits the user's crontab; undefined when there is none. */
export function findCrontab(host: BootHost): string | undefined {
  return host.path
    .split(delimiter)
    .map((directory) => join(directory, 'crontab'))
    .find((path) => existsSync(path))
}

/** `off`: its user wants none. */
export function lineState(program: string): 'enabled' | 'disabled' | 'off' {
  const lines = readLines(program)
  if (lines.includes(offMark)) return 'off'
  return lines.some((line) => line.endsWith(mark)) ? 'enabled' : 'disabled'
}

/** Has cron start the containers at the next boot. */
export function enableLine(program: string, host: BootHost): void {
  writeLines(program, [...othersLines(program), `@reboot ${[...host.podwright, ...bootArguments].map(quote).join(' ')} ${mark}`])
}

/** Undoes it, and keeps it from being enabled by the way. */
export function turnLineOff(program: string): void {
  writeLines(program, [...othersLines(program), offMark])
}

function othersLines(program: string): readonly string[] {
  return readLines(program).filter((line) => line !== offMark && !line.endsWith(mark))
}

/** A user without a crontab has none: `crontab -l` ends with 1 then, and says so. */
function readLines(program: string): readonly string[] {
  const { status, stdout } = spawnSync(program, ['-l'], { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n').filter((line, at, lines) => line !== '' || at < lines.length - 1) : []
}

function writeLines(program: string, lines: readonly string[]): void {
  const { status, stderr } = spawnSync(program, ['-'], { input: lines.map((line) => `${line}\n`).join(''), encoding: 'utf8' })
  if (status === 0) return
  throw new CliError('ERR_CLI_BOOT', `cannot change the crontab: ${stderr.trim() || `${program} failed`}`, {
    hint: 'crontab(1) must be allowed for this user: see /etc/cron.allow and /etc/cron.deny.',
  })
}

/** For the shell; a % ends the command in a crontab (crontab(5)). */
function quote(word: string): string {
  const plain = word.replaceAll('%', String.raw`\%`)
  return /^[\w@./:=+,-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", String.raw`'\''`)}'`
}
