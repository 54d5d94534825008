import { RuntimeError, type RuntimeErrorCode } from '../errors.ts'

/** What is known of the call that failed. */
export interface FailureContext {
  /** Name or id of the container. */
  readonly container?: string | undefined
  /** `create the container`, `run the command in`; the message begins with it. @default 'start' */
  readonly operation?: string | undefined
  /** What was to be run. crun does not name it in every message. */
  readonly command?: string | undefined
}

interface Pattern {
  readonly code: RuntimeErrorCode
  readonly exitStatus: number
  readonly hint?: string
  /** In the words of crun, runc or youki. */
  readonly wording: RegExp
}

/** The first that fits counts. Exit statuses are docker's and podman's: 127 not found, 126 found but not to be run, 125 all else. */
const patterns: readonly Pattern[] = [
  {
    code: 'ERR_RUNTIME_WORKING_DIRECTORY',
    exitStatus: 127,
    hint: 'Make the directory in the image, or choose another with -w.',
    wording: /(?:chdir|cwd|mkdir)\b.*(?:no such file or directory|not a directory)/i,
  },
  {
    code: 'ERR_RUNTIME_WORKING_DIRECTORY',
    exitStatus: 126,
    hint: 'The user of the command must be allowed to enter the directory.',
    wording: /(?:chdir|cwd)\b.*(?:permission denied|operation not permitted)/i,
  },
  {
    code: 'ERR_RUNTIME_COMMAND_NOT_FOUND',
    exitStatus: 127,
    hint: 'Look at what is in the image, and at its PATH.',
    wording:
      /executable (?:file )?.*not found|exec: "[^"]*": stat .*: (?:no such file or directory|not a directory)|open executable: (?:no such file or directory|not a directory)|exec container process .*no such file/i,
  },
  {
    code: 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE',
    exitStatus: 126,
    hint: 'The command must be a file that its user may execute.',
    wording:
      /open executable: (?:permission denied|operation not permitted|is a directory)|exec: "[^"]*": (?:permission denied|is a directory)|exec format error|exec container process .*permission denied/i,
  },
  {
    code: 'ERR_RUNTIME_CONTAINER_NOT_FOUND',
    exitStatus: 125,
    wording:
      /container (?:`[^`]*` )?does not exist|error opening file [`"'].*\/status[`"']|cannot open directory .*no such file|container \S+ (?:not found|could not be found)/i,
  },
  {
    code: 'ERR_RUNTIME_CONTAINER_NOT_RUNNING',
    exitStatus: 125,
    wording:
      /container (?:`[^`]*` )?(?:is )?not running|in a (?:stopped|created) container|process already finished|: no such process\b|not in the .*running.* state/i,
  },
  {
    code: 'ERR_RUNTIME_CONTAINER_EXISTS',
    exitStatus: 125,
    wording: /container (?:`[^`]*` |with (?:given )?id )?(?:.*)?already exists|container with given ID already exists/i,
  },
  { code: 'ERR_RUNTIME_CGROUP', exitStatus: 125, wording: /cgroup/i },
  { code: 'ERR_RUNTIME_MOUNT', exitStatus: 125, wording: /\bmount(?:ing)?\b/i },
  { code: 'ERR_RUNTIME_PERMISSION', exitStatus: 126, wording: /permission denied|operation not permitted/i },
]

/** An error with a code for what a runtime wrote on its stderr. */
export function runtimeFailure(runtime: string, stderr: string, context: FailureContext = {}): RuntimeError {
  const reason = plainMessage(stderr)
  const pattern = patterns.find(({ wording }) => wording.test(reason))
  const subject = context.container === undefined ? '' : ` container ${context.container}`
  const isUnnamed = context.command !== undefined && pattern?.code.includes('COMMAND') === true && !reason.includes(context.command)
  const named = isUnnamed ? `${context.command}: ` : ''
  const message = `cannot ${context.operation ?? 'start'}${subject}: ${named}${runtime}: ${reason || 'it failed without a word'}`
  return new RuntimeError(pattern?.code ?? 'ERR_RUNTIME_FAILED', message, {
    ...(pattern?.hint === undefined ? {} : { hint: pattern.hint }),
    details: { runtime, message: reason, exitStatus: pattern?.exitStatus ?? 125, ...context },
  })
}

/** The last error line, without runc's log dressing, `time="…" level=error msg="…"`, and without crun's time and `error:`. */
function plainMessage(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const errors = lines.filter((line) => /level=(?:error|fatal)/.test(line))
  const line = (errors.length > 0 ? errors : lines).at(-1) ?? ''
  const message = /\bmsg=("(?:[^"\\]|\\.)*"|\S+)/.exec(line)?.[1]
  if (message === undefined) return line.trim().replace(/^\d{4}-\d\d-\d\dT[^:]+:\d\d:\d\d\S*:?\s+(?:\w+:\s+)?/, '')
  return (message.startsWith('"') ? unquote(message) : message).replace(
    /^(?:runc (?:create|run|exec|start) failed|exec failed): (?:unable to start container process: )?/,
    '',
  )
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}
