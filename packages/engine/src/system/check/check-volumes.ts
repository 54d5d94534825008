import type { VolumeFinding } from '@podwright/contracts'
import { acts, type Check, type Problem } from './problem.ts'

/** What is wrong with volumes themselves, and what killed commands left of them. */
export async function* checkVolumes({ parts, options }: Check): AsyncGenerator<Problem> {
  const volumes = await parts.volumes()
  for (const finding of await volumes.check({ repair: acts(options), signal: options.signal })) yield problemOf(finding)
}

function problemOf({ kind, name, reason }: VolumeFinding): Problem {
  if (kind === 'record') {
    const action = 'What is in the volume is untouched: mend the file, or copy what is beside it and delete the directory.'
    return { kind: 'volume-record', subject: name, reason, action }
  }
  const action = kind === 'holder' ? 'It holds it no more.' : 'It is deleted.'
  // It is gone already: the volumes' own check takes it away.
  return { kind: 'garbage', subject: `volumes/${name}`, reason, action, mend: () => Promise.resolve() }
}
