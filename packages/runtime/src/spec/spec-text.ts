import type { RuntimeProcess, RuntimeSpec } from '@podwright/oci'

/** RLIM_INFINITY: JavaScript's numbers can't hold it. */
const infinity = '18446744073709551615'

/** The text of a config.json. */
export function specText(spec: RuntimeSpec): string {
  return JSON.stringify({ ...spec, process: exactLimits(spec.process) })
}

/** The text of an exec session's process document. */
export function processText(process: RuntimeProcess): string {
  return JSON.stringify(exactLimits(process))
}

function exactLimits(process: RuntimeProcess): object {
  const { rlimits } = process
  return rlimits === undefined
    ? process
    : { ...process, rlimits: rlimits.map(({ type, soft, hard }) => ({ type, soft: exact(soft), hard: exact(hard) })) }
}

function exact(value: number): unknown {
  return value === Number.POSITIVE_INFINITY ? rawJson(infinity) : value
}

/** V8 has it since Node 21; TypeScript's library does not know it yet. */
function rawJson(text: string): unknown {
  return (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON(text)
}
