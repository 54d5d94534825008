import type { Credentials } from '../../credentials.ts'

/** RFC 7617, with UTF-8. */
export function basicAuthorization({ username, password }: Extract<Credentials, { type: 'basic' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}
