import type { BenchCases } from '../bench-case.ts'
import type { Contender } from '../contender.ts'

/** Copies from registry to registry: the destination is started anew each time. */
export const copyCases: BenchCases = ({ image, freshRegistry, registryOf }) => [
  {
    name: 'copy',
    title: 'copy of Debian, registry to empty registry',
    rounds: 6,
    needs: ['debian'],
    contenders: ['podwright', 'skopeo'],
    memory: true,
    writes: true,
    reset: freshRegistry,
    args: (contender) => [
      ...copyWords(contender),
      '--quiet',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      `docker://${image('debian')}`,
      `docker://${registryOf(contender)}/debian:1`,
    ],
    targets: [{ to: 'skopeo', ratio: 0.9 }],
  },
]

function copyWords({ name }: Contender): string[] {
  return name === 'skopeo' ? ['copy'] : ['image', 'copy']
}
