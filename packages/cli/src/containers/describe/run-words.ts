import type { ContainerLogging, ContainerOptions, HealthCheckOptions } from '@podwright/contracts'
import { secretText } from '../../secrets/read-secret.ts'
import { networkWord } from '../network-flag.ts'
import { rootText } from '../rootfs.ts'
import { mappingText, rangeText } from '../ports/port-texts.ts'
import { mountWords } from './mount-words.ts'
import { tuningWriters } from './tuning-words.ts'
import { flag, flags, type Writers } from './words.ts'

/** The words that come after the flags, or that no flag asks for. */
type Apart = 'image' | 'command' | 'pull' | 'createCommand' | 'environmentMerge'

const writers: Writers<Omit<ContainerOptions, Apart>> = {
  ...tuningWriters,
  root: () => ['--rootfs'],
  name: (name) => flag('name', name),
  entrypoint: (words) => flag('entrypoint', words.length === 1 && !words[0]?.startsWith('[') ? (words[0] ?? '') : JSON.stringify(words)),
  environment: (values) =>
    flags(
      'env',
      Object.entries(values).map(([name, value]) => `${name}=${value}`),
    ),
  workingDirectory: (directory) => flag('workdir', directory),
  user: (user) => flag('user', user),
  hostname: (name) => flag('hostname', name),
  labels: (values) =>
    flags(
      'label',
      Object.entries(values).map(([name, value]) => `${name}=${value}`),
    ),
  mounts: (mounts) => flags('mount', mounts.map(mountWords)),
  volumesFrom: (others) =>
    flags(
      'volumes-from',
      others.map(({ container, readOnly }) => `${container}${readOnly === undefined ? '' : readOnly ? ':ro' : ':rw'}`),
    ),
  imageVolumes: (kind) => flag('image-volume', kind === 'volume' ? 'anonymous' : kind),
  volumeDriver: (driver) => flag('volume-driver', driver),
  network: (mode) => flag('network', mode),
  uplink: (choice) => flag('network', networkWord(choice)),
  ports: (mappings) => flags('publish', mappings.map(mappingText)),
  publishAllPorts: (is) => (is ? ['--publish-all'] : []),
  exposedPorts: (ranges) => flags('expose', ranges.map(rangeText)),
  secrets: (all) => flags('secret', all.map(secretText)),
  terminal: (is) => (is ? ['--tty'] : []),
  stdin: (is) => (is ? ['--interactive'] : []),
  autoRemove: (is) => (is ? ['--rm'] : []),
  readOnlyRoot: (is) => (is ? ['--read-only'] : []),
  privileged: (is) => (is ? ['--privileged'] : []),
  capabilitiesAdd: (names) => flags('cap-add', names),
  capabilitiesDrop: (names) => flags('cap-drop', names),
  noNewPrivileges: (is) => (is ? ['--security-opt', 'no-new-privileges'] : []),
  seccompPolicy: (policy) => flag('seccomp-policy', policy),
  seccompProfile: (profile) => flag('security-opt', `seccomp=${profile}`),
  resourceLimits: (limits) =>
    flags(
      'ulimit',
      limits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`),
    ),
  stopSignal: (signal) => flag('stop-signal', signal),
  stopTimeoutSeconds: (seconds) => flag('stop-timeout', seconds),
  platform: ({ os, architecture, variant }) => flag('platform', [os, architecture, variant].filter((part) => part !== undefined).join('/')),
  restart: ({ name, maximumRetries }) => flag('restart', maximumRetries === undefined ? name : `${name}:${maximumRetries}`),
  health: (check) => (check === 'none' ? ['--no-healthcheck'] : healthWords(check)),
  logging: loggingWords,
}

/** The words after `podwright run` that make a container with these options. */
export function runWords(options: ContainerOptions): readonly string[] {
  const asked = Object.entries(writers).flatMap(([name, write]) => {
    const value = options[name as keyof typeof writers]
    return value === undefined ? [] : (write as (given: unknown) => readonly string[])(value)
  })
  return [...asked, options.root === undefined ? options.image : rootText(options.root), ...(options.command ?? [])]
}

function healthWords(check: HealthCheckOptions): readonly string[] {
  const time = (name: string, milliseconds: number | undefined): readonly string[] =>
    milliseconds === undefined ? [] : flag(name, `${milliseconds}ms`)
  const number = (name: string, value: number | string | undefined): readonly string[] => (value === undefined ? [] : flag(name, value))
  const { startup } = check
  return [
    ...(check.test === undefined ? [] : flag('health-cmd', testText(check.test))),
    ...(check.intervalMs === 0 ? flag('health-interval', 'disable') : time('health-interval', check.intervalMs)),
    ...time('health-timeout', check.timeoutMs),
    ...number('health-retries', check.retries),
    ...time('health-start-period', check.startPeriodMs),
    ...time('health-start-interval', check.startIntervalMs),
    ...number('health-on-failure', check.onFailure),
    ...number('health-max-log-count', check.logCount),
    ...number('health-max-log-size', check.logSize),
    ...(startup === undefined ? [] : flag('health-startup-cmd', testText(startup.test))),
    ...time('health-startup-interval', startup?.intervalMs),
    ...time('health-startup-timeout', startup?.timeoutMs),
    ...number('health-startup-retries', startup?.retries),
    ...number('health-startup-success', startup?.successes),
  ]
}

function testText(test: readonly string[]): string {
  const [kind, text = ''] = test
  return kind === 'CMD-SHELL' && text !== 'none' && !text.startsWith('[') ? text : JSON.stringify(test)
}

function loggingWords({ driver, path, maximumBytes, maximumFiles, tag, labels, environment }: ContainerLogging): readonly string[] {
  const option = (name: string, value: string | number | undefined): readonly string[] =>
    value === undefined ? [] : flag('log-opt', `${name}=${value}`)
  return [
    ...(driver === undefined ? [] : flag('log-driver', driver)),
    ...option('path', path),
    ...option('max-size', maximumBytes === undefined ? undefined : `${maximumBytes}b`),
    ...option('max-file', maximumFiles),
    ...option('tag', tag),
    ...option('labels', labels?.join(',')),
    ...option('env', environment?.join(',')),
  ]
}
