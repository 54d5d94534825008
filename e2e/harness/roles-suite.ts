import { afterAll, beforeAll, describe, inject, test } from 'vitest'
import { type Role, roles } from './role.ts'
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
  // oxlint-disable-next-line vitest/expect-expect -- it says what can't be run here
  test.for(roles.filter((role) => role.missing !== undefined))('as $name', (role, context) => context.skip(role.missing))
  describe.each(roles.filter((role) => role.missing === undefined))('as $name', (role) => {
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
