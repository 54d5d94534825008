import { createTarWriter, readTar } from '@podwright/archive'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { code } from '../fixtures/assertions.ts'
import { collect } from '../fixtures/image.ts'
import { bytes, volumeHouse } from '../fixtures/volumes.ts'

const fill =
  'mkdir -p d/e && echo one > d/e/f && ln d/e/f hard && ln -s d/e soft && chown 33:34 d && chmod 2750 d && echo w > .wh.x && mkfifo p'
const listing = `find . -mindepth 1 -printf '%p %y %m %U:%G %n %l\\n' | sort`

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(512)
  throw new Error('the source broke')
}

describe('export and import', () => {
  test('carry everything over', async () => {
    await using house = volumeHouse()
    const [from, to] = [await house.volumes.create({ name: 'from' }), await house.volumes.create({ name: 'to' })]
    await house.shell(`cd ${from.path} && ${fill}`)
    await house.volumes.import('to', house.volumes.export('from'))
    const wanted = await house.shell(`cd ${from.path} && ${listing}`)
    expect(wanted).toContain('./d d 2750 33:34')
    expect(await house.shell(`cd ${to.path} && ${listing}`)).toBe(wanted)
    expect(house.volumes.find('to')?.needsCopyUp).toBe(false)
    expect(readdirSync(join(house.path, 'run'))).toEqual([])
  })

  test('an export is a tar, and can be left before its end', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data' })
    writeFileSync(join(path, 'big'), Buffer.alloc(20 << 20, 1))
    writeFileSync(join(path, 'z'), 'last')
    const names: string[] = []
    for await (const entry of readTar(house.volumes.export('data'))) names.push(Buffer.from(entry.name).toString())
    expect(names).toEqual(['./', 'big', 'z'])
    for await (const chunk of house.volumes.export('data')) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
    await house.volumes.remove('data')
  })

  test('an import takes compressed tars, and adds to what is there', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data' })
    writeFileSync(join(path, 'there'), 'stays')
    writeFileSync(join(path, 'file'), 'old')
    const writer = createTarWriter()
    writer.add({ name: 'file', type: 'file' }, 'new')
    await house.volumes.import('data', bytes(gzipSync(writer.finish())))
    expect(readFileSync(join(path, 'file'), 'utf8')).toBe('new')
    expect(readFileSync(join(path, 'there'), 'utf8')).toBe('stays')
  })

  test('what is no tar, or leads out, is an error', async () => {
    await using house = volumeHouse()
    await house.volumes.create({ name: 'data' })
    await expect(house.volumes.import('data', bytes(Buffer.alloc(4096, 'x')))).rejects.toThrow(/ERR_ARCHIVE|tar|header/i)
    const writer = createTarWriter()
    writer.add({ name: 'out', type: 'symlink', linkName: house.path })
    writer.add({ name: 'out/escaped', type: 'file' }, 'x')
    await expect(house.volumes.import('data', bytes(writer.finish()))).rejects.toSatisfy(code('ERR_ARCHIVE_UNSAFE_PATH'))
    expect(readdirSync(house.path)).not.toContain('escaped')
    await expect(house.volumes.import('data', failing())).rejects.toThrow('the source broke')
    await expect(house.volumes.import('gone', bytes())).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
    await expect(collect(house.volumes.export('gone'))).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
  })

  test('nothing is unpacked below the hands of a container that runs', async () => {
    await using house = volumeHouse()
    house.holders.known.add('c1')
    house.holders.active.add('c1')
    await house.volumes.create({ name: 'data', holder: 'c1' })
    await expect(house.volumes.import('data', bytes())).rejects.toSatisfy(code('ERR_VOLUME_IN_USE'))
  })
})

describe('a clone', () => {
  test('has what the other has, and is another', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'from', labels: { a: '1' } })
    await house.shell(`cd ${path} && ${fill} && chown 5:6 . && chmod 0700 .`)
    const clone = await house.volumes.clone('from', 'to')
    const list = `${listing}; stat -c '%a %u:%g' .`
    expect(await house.shell(`cd ${clone.path} && ${list}`)).toBe(await house.shell(`cd ${path} && ${list}`))
    expect(await house.shell(`cd ${path} && echo more > more && ls ${clone.path}`)).not.toContain('more')
    expect(clone).toMatchObject({ labels: { a: '1' }, needsCopyUp: false })
    await expect(house.volumes.clone('from', 'to')).rejects.toSatisfy(code('ERR_VOLUME_EXISTS'))
    await expect(house.volumes.clone('gone', 'x')).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
    expect(house.volumes.list().map(({ name }) => name)).toEqual(['from', 'to'])
  })
})

describe('usage', () => {
  test('counts what is closed to us as well', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data' })
    await house.shell(`cd ${path} && mkdir c && head -c 100000 /dev/zero > c/f && chown -R 33 c && chmod 700 c`)
    const { sizeBytes, inodes } = await house.volumes.usage('data')
    expect(inodes).toBe(3)
    expect(sizeBytes).toBeGreaterThanOrEqual(100_000)
  })
})

describe('a change of the owner', () => {
  test('reaches everything, and follows no link', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data' })
    writeFileSync(join(house.path, 'outside'), '')
    await house.shell(`cd ${path} && ${fill} && ln -s ${house.path}/outside out && ln -s ${house.path} away`)
    await house.volumes.changeOwner('data', { uid: 1000, gid: 1001 })
    expect(await house.shell(`cd ${path} && find . -printf '%U:%G\\n' | sort -u`)).toBe('1000:1001')
    expect(await house.shell(`stat -c %u ${house.path}/outside`)).toBe('0')
  })

  test('reaches a single file', async () => {
    await using house = volumeHouse()
    writeFileSync(join(house.path, 'one'), '')
    await house.volumes.changeOwner(join(house.path, 'one'), { uid: 1000, gid: 1001 })
    expect(await house.shell(`stat -c %u:%g ${house.path}/one`)).toBe('1000:1001')
  })
})
