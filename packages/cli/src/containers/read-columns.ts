import { CliError } from '../errors.ts'
import { defaultDescriptors, descriptorCodes, descriptorColumns, type ProcessColumn } from './process-columns.ts'
import { psColumn, psSets } from './ps-columns.ts'

/**
 * The columns that the words after a container ask `top` for: podman's format descriptors, or options of ps(1).
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`; `ERR_CLI_NOT_SUPPORTED` for options of ps that are none here
 */
export function readColumns(words: readonly string[]): readonly ProcessColumn[] {
  if (words.length === 0) return defaultDescriptors.map(descriptor)
  const isPs = words[0]?.startsWith('-') === true || (words.length === 1 && /^[aux]*u[aux]*w*$/.test(words[0] ?? ''))
  return isPs
    ? psColumns(words)
    : words
        .flatMap((word) => word.split(','))
        .filter(Boolean)
        .map(descriptor)
}

function descriptor(word: string): ProcessColumn {
  const name = descriptorCodes[word] ?? word.toLowerCase()
  const column = Object.hasOwn(descriptorColumns, name) ? descriptorColumns[name] : undefined
  if (column !== undefined) return column
  throw new CliError('ERR_CLI_FLAG_VALUE', `there is no format descriptor "${word}"`, {
    hint: `They are ${Object.keys(descriptorColumns).join(', ')}; or give options of ps: -ef, aux, -o pid,comm.`,
    details: { descriptor: word },
  })
}

/** Which processes are shown is always the same: those of the container. */
const selection = new Set(['e', 'A', 'a', 'x', 'w'])

function psColumns(words: readonly string[]): readonly ProcessColumn[] {
  const asked: ProcessColumn[] = []
  let set: keyof typeof psSets = 'short'
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const letters = word.replace(/^-/, '')
    for (const [index, letter] of Array.from(letters).entries()) {
      if (letter === 'o') {
        const inline = letters.slice(index + 1)
        asked.push(...outputColumns(inline === '' ? words[++at] : inline))
        break
      }
      if (letter === 'f' && word.startsWith('-')) set = 'full'
      else if (letter === 'u') set = 'user'
      else if (!selection.has(letter)) throw unknownOption(word)
    }
  }
  return asked.length > 0 ? asked : psSets[set]
}

/** `pid,comm`, `pid=ID`: what stands behind the sign is the title, with all that follows. */
function outputColumns(list: string | undefined): readonly ProcessColumn[] {
  if (list === undefined) throw new CliError('ERR_CLI_FLAG_VALUE', "ps's -o needs a list of columns: -o pid,comm")
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => {
      const [, keyword = '', title] = /^([^=]+)(?:=(.*))?$/.exec(word) ?? []
      const column = psColumn(keyword)
      if (column === undefined)
        throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot show ps's column "${keyword}": podwright top does not have it`)
      return title === undefined ? column : { ...column, title }
    })
}

function unknownOption(word: string): CliError {
  return new CliError('ERR_CLI_NOT_SUPPORTED', `podwright top does not have the option "${word}" of ps`, {
    hint: 'It has -e, -f, -ef, aux and -o LIST, and knows the processes from /proc: ps is not run.',
    details: { option: word },
  })
}
