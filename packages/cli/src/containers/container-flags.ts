import { registryFlags, retryFlags } from '../images/registry-flags.ts'
import { healthFlags } from './keeping/health-flags.ts'
import { tuningFlags } from './tuning/flags.ts'

const ownFlags = {
  attach: { kind: 'list', short: 'a', description: 'Attach to stdin, stdout or stderr' },
  'cap-add': { kind: 'list', description: 'Add Linux capabilities' },
  'cap-drop': { kind: 'list', description: 'Take Linux capabilities away; ALL takes every one' },
  cidfile: { kind: 'text', value: 'FILE', description: "Write the container's id to this file" },
  entrypoint: { kind: 'text', value: 'COMMAND', description: "Replace the image's entrypoint: one word, or a JSON list of words" },
  env: { kind: 'words', short: 'e', value: 'NAME[=VALUE]', description: 'Set an environment variable; without a value, as it is here' },
  'env-host': { kind: 'boolean', description: 'Set all variables that are set here' },
  'env-merge': { kind: 'words', value: 'NAME=VALUE', description: "Set a variable out of the image's: 'PATH=${PATH}:/opt/bin'" },
  'env-file': { kind: 'words', value: 'FILE', description: 'Read environment variables from a file' },
  expose: {
    kind: 'words',
    value: 'PORT[/PROTOCOL]',
    description: 'Say that it listens on a port, or on a range of them: for --publish-all',
  },
  hostname: { kind: 'text', short: 'h', description: "The container's host name" },
  'http-proxy': {
    kind: 'boolean',
    description: 'Hand on http_proxy, https_proxy, ftp_proxy and no_proxy, as they are here',
    defaultText: 'true',
  },
  'image-volume': {
    kind: 'text',
    value: 'KIND',
    description: "What the image's volumes become: anonymous volumes (bind, anonymous), memory (tmpfs), or nothing (ignore)",
    defaultText: 'anonymous',
    choices: ['anonymous', 'bind', 'tmpfs', 'ignore'],
  },
  interactive: { kind: 'boolean', short: 'i', description: 'Keep stdin open, and attach it' },
  label: { kind: 'words', short: 'l', value: 'NAME[=VALUE]', description: 'Set a label' },
  'label-file': { kind: 'words', value: 'FILE', description: 'Read labels from a file' },
  'log-driver': {
    kind: 'text',
    value: 'DRIVER',
    description: 'Where what it writes goes: k8s-file, json-file (the same), journald, passthrough or none',
    defaultText: 'k8s-file',
    examples: ['k8s-file', 'json-file', 'journald', 'passthrough', 'none'],
  },
  'log-opt': {
    kind: 'words',
    value: 'NAME=VALUE',
    description: 'Option of the log driver: max-size=10m, max-file=3, path=FILE, tag=TEXT, labels=NAMES, env=NAMES',
    examples: ['max-size=', 'max-file=', 'path=', 'tag=', 'labels=', 'env='],
  },
  mount: {
    kind: 'words',
    value: 'SPEC',
    description:
      'Mount something: type=bind,src=DIR,dst=DIR[,ro], type=volume,src=NAME,dst=DIR, type=image,src=IMAGE,dst=DIR[,rw], type=artifact,src=NAME,dst=DIR, type=glob, or type=tmpfs,dst=DIR',
    examples: ['type=bind,', 'type=volume,', 'type=image,', 'type=artifact,', 'type=glob,', 'type=tmpfs,', 'type=ramfs,', 'type=devpts,'],
  },
  name: { kind: 'text', description: "The container's name", defaultText: 'two random words' },
  network: {
    kind: 'text',
    aliases: ['net'],
    value: 'MODE',
    description:
      'private, host, none, that of another container (container:NAME), a namespace that is there (ns:PATH), or private with a way out by name: pasta[:OPTIONS], slirp4netns[:OPTIONS]',
    defaultText: 'private',
    examples: ['none', 'host', 'private', 'container:', 'ns:/', 'pasta', 'slirp4netns'],
  },
  privileged: { kind: 'boolean', description: 'Give all capabilities and devices, and take all confinement away' },
  publish: {
    kind: 'words',
    short: 'p',
    value: '[[ADDRESS:][HOST-PORT]:]PORT[/PROTOCOL]',
    description: 'Lead a port of this host, or a range of them, into the container; without a number of its own, a free one',
  },
  'publish-all': {
    kind: 'boolean',
    short: 'P',
    description: 'Lead a free port of this host to each port that the image or --expose names',
  },
  pull: {
    kind: 'text',
    value: 'POLICY',
    description: 'When to fetch the image: always, missing, newer or never',
    defaultText: 'missing',
    choices: ['always', 'missing', 'newer', 'never'],
  },
  quiet: { kind: 'boolean', short: 'q', description: 'Do not show how a pull goes' },
  'read-only': { kind: 'boolean', description: "Mount the container's root read-only" },
  replace: { kind: 'boolean', description: 'Remove the container that has the name, running or not' },
  restart: {
    kind: 'text',
    value: 'POLICY',
    description: 'Start it again after its end: no, on-failure[:RETRIES], always or unless-stopped',
    defaultText: 'no',
    examples: ['no', 'on-failure', 'on-failure:', 'always', 'unless-stopped'],
  },
  rm: { kind: 'boolean', description: 'Remove the container when it ends' },
  rootfs: {
    kind: 'boolean',
    description: "What stands in the image's place is a directory of this host, DIR or DIR:O: with :O, its own files never change",
  },
  secret: {
    kind: 'words',
    value: 'NAME[,OPTION=VALUE]',
    description: 'Give it a secret: as a file in /run/secrets, or with type=env as a variable; target, uid, gid and mode as options',
  },
  'seccomp-policy': {
    kind: 'text',
    value: 'POLICY',
    description: "Where its seccomp profile is from: default, or image for the image's label io.containers.seccomp.profile",
    defaultText: 'default',
    choices: ['default', 'image'],
  },
  'security-opt': { kind: 'words', value: 'OPTION', description: 'no-new-privileges, seccomp=unconfined, or seccomp=FILE' },
  'stop-signal': { kind: 'text', value: 'SIGNAL', description: 'What stop sends', defaultText: "the image's, else SIGTERM" },
  'stop-timeout': { kind: 'integer', value: 'SECONDS', description: 'How long stop waits before it kills', defaultText: '10' },
  tmpfs: { kind: 'words', value: 'DIR[:OPTIONS]', description: 'Mount an empty file system in memory' },
  tty: { kind: 'boolean', short: 't', description: 'Give the container a terminal' },
  ulimit: { kind: 'words', value: 'NAME=SOFT[:HARD]', description: 'Set a resource limit: nofile=1024:2048' },
  user: { kind: 'text', short: 'u', value: 'USER[:GROUP]', description: 'Run as this user, by name or id' },
  volume: {
    kind: 'words',
    short: 'v',
    value: '[SOURCE:]DIR[:OPTIONS]',
    description: 'Mount a directory or file of this host (/src:/dst:ro), a volume (name:/dst), or a new anonymous volume (/dst)',
  },
  'volume-driver': { kind: 'text', value: 'DRIVER', description: 'What makes volumes that are not there', defaultText: 'local' },
  'volumes-from': { kind: 'words', value: 'CONTAINER[:ro]', description: 'Mount what another container has mounted' },
  workdir: { kind: 'text', short: 'w', value: 'DIR', description: 'Where the command starts' },
} as const

/** What `run` and `create` have in common. */
export type ContainerFlags = typeof registryFlags & typeof retryFlags & typeof ownFlags & typeof tuningFlags & typeof healthFlags

/** What `run` and `create` have in common. */
export const containerFlags: ContainerFlags = { ...registryFlags, ...retryFlags, ...ownFlags, ...tuningFlags, ...healthFlags }
