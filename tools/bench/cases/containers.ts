import { join } from 'node:path'
import { pull } from '../actions.ts'
import type { BenchCase, BenchCases, BenchTarget } from '../bench-case.ts'
import { type Contender, run, scripted, time } from '../contender.ts'
import type { Workshop } from '../workshop.ts'

/** Bytes that are logged. */
const loggedBytes = 100 * 1000 * 1000
/** Bytes that are copied in and out. */
const copiedBytes = 2 ** 30
/** Containers that are started, eight at a time, and removed. */
const started = 100

/** What people do with containers. */
export const containerCases: BenchCases = (workshop) => [
  execCase(workshop),
  ...[1, 100].map((count) => psCase(workshop, count)),
  manyCase(workshop),
  logsCase(workshop),
  ...copyCases(workshop),
]

/** A thousand containers take everybody minutes to make, so they come last. */
export const lastContainerCases: BenchCases = (workshop) => [psCase(workshop, 1000)]

/** What is measured as root, too. */
export const rootCases: BenchCases = ({ image }) => [
  {
    name: 'run-root',
    title: 'as root: run --rm --network none busybox true',
    rounds: 25,
    needs: ['busybox'],
    prepare: (contender) => pull(contender, image('busybox')),
    // Podman's own limits can be above what the host allows.
    args: ({ name }) => ['run', '--rm', '--network', 'none', ...(name === 'podman' ? lowLimits : []), image('busybox'), 'true'],
    targets: targets(0.55, 0.35),
  },
]

const lowLimits = ['nofile', 'nproc'].flatMap((name) => ['--ulimit', `${name}=1024:1024`])

function execCase({ image }: Workshop): BenchCase {
  return {
    name: 'exec',
    title: 'exec true',
    rounds: 25,
    needs: ['busybox'],
    prepare: (contender) => {
      pull(contender, image('busybox'))
      run(contender, 'run', '-d', '--network', 'none', '--name', 'bench-exec', image('busybox'), 'sleep', '10000')
    },
    args: () => ['exec', 'bench-exec', 'true'],
    cleanUp: (contender) => void run(contender, 'rm', '-f', 'bench-exec'),
    targets: targets(0.6, 1),
  }
}

function psCase({ image }: Workshop, count: number): BenchCase {
  const limits = new Map([
    [1, 1],
    [100, 0.5],
    [1000, 0.15],
  ])
  return {
    name: `ps-${count}`,
    title: `ps -a with ${count.toLocaleString('en')} container${count === 1 ? '' : 's'}`,
    rounds: count === 1000 ? 7 : 15,
    needs: ['busybox'],
    prepare: (contender) => {
      pull(contender, image('busybox'))
      script(contender, `seq ${count} | xargs -P 4 -I{} "$@" create --network none --name listed-{} ${image('busybox')} true >/dev/null`)
      const found = run(contender, 'ps', '-a', '-q').split('\n').length
      if (found !== count) throw new Error(`there are ${found} containers in place of ${count}`)
    },
    args: () => ['ps', '-a'],
    cleanUp: (contender) => script(contender, removeAll(contender)),
    targets: [{ to: 'podman', ratio: limits.get(count)! }],
  }
}

function manyCase({ image }: Workshop): BenchCase {
  return {
    name: 'many',
    title: `${started} × run -d, eight at a time, and rm -f of all`,
    rounds: 3,
    needs: ['busybox'],
    prepare: (contender) => pull(contender, image('busybox')),
    script: (contender) =>
      `seq ${started} | xargs -P 8 -I{} "$@" run -d --network none ${image('busybox')} sleep 10000 >/dev/null && ${removeAll(contender)}`,
    args: () => [],
    targets: targets(0.5, 0.5),
  }
}

function logsCase({ image }: Workshop): BenchCase {
  return {
    name: 'logs',
    title: `logs of ${loggedBytes / 1e6} MB`,
    rounds: 5,
    needs: ['busybox'],
    prepare: (contender) => {
      pull(contender, image('busybox'))
      const line = 'a line of a program that has much to say of what it does, as many have\n'
      const print = `yes "${line.trim()}" | head -n ${Math.ceil(loggedBytes / line.length)}`
      run(contender, 'run', '-d', '--network', 'none', '--name', 'bench-logs', image('busybox'), 'sh', '-c', print)
      run(contender, 'wait', 'bench-logs')
    },
    script: () => '"$@" logs bench-logs | cat >/dev/null',
    args: () => [],
    cleanUp: (contender) => void run(contender, 'rm', '-f', 'bench-logs'),
    targets: targets(0.7, 0.7),
  }
}

function copyCases({ image }: Workshop): BenchCase[] {
  const file = ({ scratch }: Contender): string => join(scratch, 'bench-copied')
  const common: Pick<BenchCase, 'rounds' | 'needs' | 'writes' | 'memory' | 'prepare' | 'cleanUp' | 'targets'> = {
    rounds: 3,
    needs: ['busybox'],
    writes: true,
    memory: true,
    prepare: (contender) => {
      pull(contender, image('busybox'))
      // Bytes that no file system can leave out.
      script(contender, `head -c ${copiedBytes} /dev/urandom > ${file(contender)}`)
      run(contender, 'create', '--network', 'none', '--name', 'bench-cp', image('busybox'), 'true')
      run(contender, 'cp', file(contender), 'bench-cp:/copied')
    },
    cleanUp: (contender) => {
      run(contender, 'rm', '-f', 'bench-cp')
      script(contender, `rm -f ${file(contender)}`)
    },
    targets: targets(0.7, 0.7),
  }
  return [
    {
      ...common,
      name: 'cp-in',
      title: 'cp of 1 GB in',
      // A new container has the name free for the file.
      reset: (contender) => {
        run(contender, 'rm', '-f', 'bench-cp')
        run(contender, 'create', '--network', 'none', '--name', 'bench-cp', image('busybox'), 'true')
      },
      args: (contender) => ['cp', file(contender), 'bench-cp:/copied'],
    },
    {
      ...common,
      name: 'cp-out',
      title: 'cp of 1 GB out',
      reset: (contender) => script(contender, `rm -f ${file(contender)}.out`),
      args: (contender) => ['cp', 'bench-cp:/copied', `${file(contender)}.out`],
      cleanUp: (contender) => {
        common.cleanUp?.(contender)
        script(contender, `rm -f ${file(contender)}.out`)
      },
    },
  ]
}

/** The words that remove all containers. Podman would wait for ten seconds until it kills; docker has no `--all`. */
function removeAll({ name }: Contender): string {
  if (name === 'docker') return '"$@" rm -f $("$@" ps -aq) >/dev/null'
  return `"$@" rm -f -a ${name === 'podman' ? '-t 0 ' : ''}>/dev/null`
}

function targets(podman: number, docker: number): BenchTarget[] {
  return [
    { to: 'podman', ratio: podman },
    { to: 'docker', ratio: docker },
  ]
}

/** Runs a shell script as the contender; `"$@"` in it is the contender's command. */
function script(contender: Contender, text: string): void {
  const { code, stderr } = time(scripted(contender, text), [])
  if (code !== 0) throw new Error(`${contender.name}: ${text}: exit ${code}\n${stderr}`)
}
