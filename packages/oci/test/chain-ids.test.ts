import { chainIds, type Digest } from '@podwright/oci'
import { expect, test } from 'vitest'

const diffIds: Digest[] = ['a', 'b', 'c'].map((digit): Digest => `sha256:${digit.repeat(64)}`)

test('the first chainID is the diffID, the others hash what is below', () => {
  // printf 'sha256:aa… sha256:bb…' | sha256sum, and so on.
  expect(chainIds(diffIds)).toEqual([
    diffIds[0],
    'sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c',
    'sha256:c1377126441fb2f5ec2c21ae2a60255331d639e830f0ee1b40a36e52d4c40588',
  ])
})

test('no layers have no chain', () => expect(chainIds([])).toEqual([]))
