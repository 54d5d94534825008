import { expect, test } from 'vitest'
import { parseChallenges } from '../../src/internal/auth/challenge.ts'

test.each([
  ['Basic', [{ scheme: 'basic', parameters: {} }]],
  ['Basic realm="a, b"', [{ scheme: 'basic', parameters: { realm: 'a, b' } }]],
  [
    'Bearer realm="https://auth.example/token",service="x",scope="repository:a/b:pull,push repository:c:pull"',
    [
      {
        scheme: 'bearer',
        parameters: { realm: 'https://auth.example/token', service: 'x', scope: 'repository:a/b:pull,push repository:c:pull' },
      },
    ],
  ],
  [
    'Basic realm="x", Bearer realm=y , Service = "z\\"q"',
    [
      { scheme: 'basic', parameters: { realm: 'x' } },
      { scheme: 'bearer', parameters: { realm: 'y', service: 'z"q' } },
    ],
  ],
  [
    'Negotiate, Basic realm=""',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: '' } },
    ],
  ],
  ['', []],
  ['"quoted" nonsense', []],
  ['Basic realm="never closed', [{ scheme: 'basic', parameters: { realm: '' } }]],
])('%s', (header, expected) => {
  expect(parseChallenges(header)).toEqual(expected)
})
