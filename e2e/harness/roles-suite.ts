import { afterAll, beforeAll, describe, inject, test } from 'vitest'
import { isRoot, type Role, roles } from './role.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'

/** What the tests of a role are given. */
export interface RoleContext {
  readonly role: Role
  /** One for all tests of the file and role. */
  readonly sandbox: () => Sandbox
  /** Full name of the image that most tests run. */
  readonly busybox: string
}

/** Defines the same tests for root and for a plain user. */
export function asEachRole(define: (context: RoleContext) => void): void {
  test.for(roles.filter((role) => role.missing !== undefined))('as $name', (role, context) => context.skip(role.missing))
  defineFor(able, define)
}

/**
 * Defines tests of what the role has no part in, such as how words are read, what is printed, and what a registry answers. The plain user has the longer way to
 * go, so that is the one; root where there is none.
 */
export function asOneRole(define: (context: RoleContext) => void): void {
  defineFor([able.find(({ rootless }) => rootless) ?? able[0]!], define)
}

const able = roles.filter((role) => role.missing === undefined)

function defineFor(those: readonly Role[], define: (context: RoleContext) => void): void {
  describe.each(those)('as $name', (role) => {
    let sandbox: Sandbox
    beforeAll(() => {
      sandbox = createSandbox(role)
    })
    afterAll(async () => {
      await sandbox[Symbol.asyncDispose]()
    })
    define({ role, sandbox: () => sandbox, busybox: `${inject('registry')}/busybox:1` })
  })
}

/** Options of `defineTest`. */
export interface DefineTestOptions {
  /** Whether it concerns this role. Where it doesn't, there is no test, not even a skipped one. @default true */
  readonly concerns?: boolean
  /** It mounts, hides files or makes users, whatever the role is. @default false */
  readonly needsRoot?: boolean
  /** Why it can't run here; undefined: it can. */
  readonly missing?: string | undefined
  /** @default that of the configuration */
  readonly timeoutMs?: number
}

/** A test that not every role, or not everybody, runs. */
export function defineTest(title: string, options: DefineTestOptions, body: () => Promise<void>): void {
  const { concerns = true, needsRoot = false, missing, timeoutMs } = options
  for (const wanted of concerns ? [title] : []) {
    test(wanted, timeoutMs === undefined ? {} : { timeout: timeoutMs }, async (context) => {
      context.skip(needsRoot && !isRoot, 'needs root')
      context.skip(missing !== undefined, missing)
      await body()
    })
  }
}
