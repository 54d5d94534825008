import type { Command } from '../command-line/command.ts'
import { type Completion, nothing, wordsOf } from './candidates.ts'
import type { NameSource } from './names.ts'

/**
 * What may stand as a command's next argument, read from its usage: of `[options] CONTAINER [IMAGE]`, the first is a container, the second an image. The last
 * word goes on where three dots follow it.
 */
export async function argumentCompletion(command: Command, args: readonly string[], names: NameSource, typed: string): Promise<Completion> {
  const words = command.usage
    .replaceAll(/--\S+ \S+/g, '')
    .split(' ')
    .filter((word) => word !== '' && word !== '[options]')
  const word = words[args.length] ?? (words.at(-1)?.includes('...') === true ? words.at(-1) : undefined)
  if (word === undefined) return nothing
  if (word.includes('[CONTAINER:]')) return pathIn(names, typed)
  const kinds = word.match(/[A-Za-z-]{2,}/g) ?? []
  const found = await Promise.all(kinds.map(async (kind) => completionOf(kind, command.name, names, typed)))
  const candidates = found.flatMap((completion) => completion.candidates).filter(({ value }) => !args.includes(value))
  const paths = found.map((completion) => completion.paths).find((kind) => kind !== undefined)
  return { candidates, paths }
}

/** A path here, or a container that a path in it follows; what it has there is not looked up. */
async function pathIn(names: NameSource, typed: string): Promise<Completion> {
  if (/^[./~]/.test(typed)) return { candidates: [], paths: 'files' }
  if (typed.includes(':')) return nothing
  const { candidates } = await names.find('CONTAINER', typed, 'cp')
  const starts = candidates.map(({ value, description }) => ({ value: `${value}:`, description }))
  const isContainer = typed !== '' && starts.some(({ value }) => value.startsWith(typed))
  return { candidates: starts, paths: 'files', goesOn: isContainer }
}

/** The columns of `top`. */
async function descriptors(): Promise<Completion> {
  const { descriptorColumns } = await import('../containers/process-columns.ts')
  return { candidates: Object.entries(descriptorColumns).map(([value, { title }]) => ({ value, description: title })) }
}

function completionOf(kind: string, command: string, names: NameSource, typed: string): Promise<Completion> | Completion {
  if (/^[a-z]+$/.test(kind)) return wordsOf([kind])
  switch (kind) {
    case 'FILE':
    case 'PATH':
    case 'TARGET':
    case 'ARCHIVE':
    case 'COMMAND':
    case 'ARG':
      return { candidates: [], paths: 'files' }
    case 'DESCRIPTOR':
      return descriptors()
    case 'NAME':
      return command === 'inspect' ? names.find('ANYTHING', typed) : nothing
    default:
      return names.find(kind, typed, command)
  }
}
