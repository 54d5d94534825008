import type { TestOutcome } from './results.ts'

/** A reason for which a test may be skipped, with what must be true of the machine for it to count. */
export interface AllowedSkip {
  /** Matched against the note that the test gives to `skip(note)`. */
  readonly note: RegExp
  /** Whether this machine really can't run it. */
  applies(): boolean
}

/** The facts of a machine that decide what can't be run on it. */
export interface MachineFacts {
  readonly isRoot: boolean
  readonly hasSystemd: boolean
  readonly hasCgroup2: boolean
  readonly hasAppArmor: boolean
  readonly hasSelinux: boolean
}

/** Every reason for which a test may be skipped in CI; a skip for any other reason, or without one, fails the run there. */
export function allowedSkips(facts: MachineFacts): readonly AllowedSkip[] {
  return [
    { note: /\bneeds root\b/i, applies: () => !facts.isRoot },
    { note: /\bneeds systemd\b/i, applies: () => !facts.hasSystemd },
    { note: /\bneeds cgroups? v2\b/i, applies: () => !facts.hasCgroup2 },
    { note: /\bneeds apparmor\b/i, applies: () => !facts.hasAppArmor },
    { note: /\bneeds selinux\b/i, applies: () => !facts.hasSelinux },
    { note: /\bneeds x86-64\b/, applies: () => process.arch !== 'x64' },
    // Set-up installs them where it may.
    { note: /\bneeds (zsh|fish|podman|dockerd)\b/, applies: () => true },
    // Asked of the machine by the test itself.
    { note: /\bneeds a (block device|file system with immutable files)\b/, applies: () => true },
    // Asked of the driver, not of the machine.
    { note: /\bthe driver does not map ids\b/, applies: () => true },
  ]
}

/** The skipped tests that none of the reasons covers. */
export function unexcusedSkips(tests: readonly TestOutcome[], allowed: readonly AllowedSkip[]): readonly TestOutcome[] {
  const excused = ({ note }: TestOutcome): boolean =>
    note !== undefined && allowed.some((reason) => reason.note.test(note) && reason.applies())
  return tests.filter((test) => test.state === 'skipped' && !excused(test))
}
