import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pull, removeImage } from '../actions.ts'
import type { BenchCase, BenchCases } from '../bench-case.ts'
import type { Contender } from '../contender.ts'
import type { ArchiveFormat } from '../images/archives.ts'
import type { Workshop } from '../workshop.ts'

/** Saves and loads. What is loaded is one archive for all, by skopeo. */
export const archiveCases: BenchCases = (workshop) =>
  (['docker-archive', 'oci-archive'] as const).flatMap((format) => [saveCase(workshop, format), loadCase(workshop, format)])

/** Docker has archives of its own format only. */
function common(format: ArchiveFormat): Pick<BenchCase, 'contenders' | 'targets' | 'memory' | 'writes' | 'needs' | 'rounds'> {
  const others = format === 'docker-archive' ? ['podman', 'docker'] : ['podman']
  return {
    rounds: 4,
    needs: ['debian'],
    contenders: ['podwright', ...others],
    targets: others.map((to) => ({ to, ratio: 0.6 })),
    memory: true,
    writes: true,
  }
}

function saveCase({ image }: Workshop, format: ArchiveFormat): BenchCase {
  const file = ({ scratch }: Contender): string => join(scratch, 'saved.tar')
  const words = ({ name }: Contender): string[] => (name === 'docker' ? [] : ['--quiet', '--format', format])
  return {
    ...common(format),
    name: `save-${format}`,
    title: `save of Debian, ${format}`,
    prepare: (contender) => pull(contender, image('debian')),
    reset: (contender) => rmSync(file(contender), { force: true }),
    args: (contender) => ['save', ...words(contender), '--output', file(contender), image('debian')],
    cleanUp: (contender) => {
      rmSync(file(contender), { force: true })
      removeImage(contender, image('debian'))
    },
  }
}

function loadCase({ archive, image }: Workshop, format: ArchiveFormat): BenchCase {
  return {
    ...common(format),
    rounds: 3,
    deletes: true,
    name: `load-${format}`,
    title: `load of Debian, ${format}`,
    // What the archive names it, and what the case before named it.
    prepare: (contender) => removeImage(contender, image('debian')),
    reset: (contender) => removeImage(contender, 'localhost/loaded:1'),
    args: () => ['load', '--quiet', '--input', archive('debian', format)],
    cleanUp: (contender) => removeImage(contender, 'localhost/loaded:1'),
  }
}
