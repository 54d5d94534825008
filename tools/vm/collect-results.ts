import type { SuiteResults, TestOutcome } from '../suites/results.ts'

/** A line of the machine's second serial port. */
type Message =
  | {
      readonly kind: 'test'
      readonly file: string
      readonly name: string
      readonly state: TestOutcome['state']
      readonly seconds: number
      readonly note?: string
    }
  | { readonly kind: 'fault'; readonly text: string }
  | { readonly kind: 'boot'; readonly text: string }
  | { readonly kind: 'end' }

/** Gathers what a machine tells of its tests. */
export interface ResultCollector {
  readonly onLine: (line: string) => void
  /** @param fault what went wrong with the machine itself */
  end(fault: string | undefined): SuiteResults
}

/** @param say is given a line for each that is over */
export function collectResults(say: (line: string) => void): ResultCollector {
  const tests: TestOutcome[] = []
  const faults: string[] = []
  let isComplete = false
  const take = (message: Message): void => {
    if (message.kind === 'end') isComplete = true
    else if (message.kind === 'boot') say(message.text)
    else if (message.kind === 'fault') faults.push(message.text)
    else {
      const { file, name, state, seconds, note } = message
      tests.push({ file, name, state, ...(note !== undefined && state === 'skipped' && { note }) })
      say(`${state === 'passed' ? '✓' : state === 'failed' ? '✗' : '-'} ${name} (${seconds} s)`)
      if (state === 'failed' && note !== undefined) say(note.replaceAll(/^/gm, '    '))
    }
  }
  return {
    onLine: (line) => {
      const message = parse(line)
      if (message === undefined) faults.push(`the machine said what is no message: ${line}`)
      else take(message)
    },
    end: (fault) => {
      if (fault !== undefined) faults.push(fault)
      else if (!isComplete) faults.push('the machine ended before its tests did')
      return { tests, faults }
    },
  }
}

/** Undefined when it is none. */
function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}
