import { expect, test } from 'vitest'
import { groupId, withGroup, withoutOwnGroup, withUser } from '../../src/accounts/account-lines.ts'
import { wantsAccounts } from '../../src/accounts/wants-accounts.ts'

const texts = { passwd: 'root:x:0:0:root:/root:/bin/sh', group: 'root:x:0:\nteam:x:77:' }
const account = { name: '1234', uid: 1234, gid: 77, comment: 'container user', home: '/srv' }

test('a line is added for an id that is not known, and to a last line without its end', () => {
  expect(withUser(texts, account)).toEqual({ ...texts, passwd: `${texts.passwd}\n1234:*:1234:77:container user:/srv:/bin/sh\n` })
  expect(withUser(texts, { ...account, uid: 0 })).toBe(texts)
  expect(withGroup(texts, { name: '78', gid: 78, member: '1234' })).toEqual({ ...texts, group: `${texts.group}\n78:x:78:1234\n` })
  expect(withGroup(texts, { name: '77', gid: 77, member: '1234' })).toBe(texts)
})

test('a number that is the name of a group, too, is no member of it', () => {
  const named = withGroup(texts, { name: '1234', gid: 1234, member: '1234' }).group
  expect(withoutOwnGroup(named, '1234')).toBe(`${texts.group}\n`)
  expect([withoutOwnGroup(named, '123'), withoutOwnGroup(named, '')]).toEqual([named, named])
})

test('a group is found by name or number', () => {
  expect(['team', '5', 'nobody'].map((group) => groupId(texts.group, group))).toEqual([77, 5, 0])
})

test('only users and groups that are given by numbers can be unknown', () => {
  const wants = (user: string, accounts?: false): boolean =>
    wantsAccounts({ user, tuning: accounts === undefined ? undefined : { accounts } })
  expect(['', 'web', 'web:team'].filter((user) => wants(user))).toEqual([])
  expect(['1234', '1234:team', 'web:78', '0:78', '0', '0:0'].filter((user) => !wants(user))).toEqual([])
  expect(wants('1234', false)).toBe(false)
})
