import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, expect, inject, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { makeImage } from '../harness/image.ts'
import { pushImage } from '../harness/registry.ts'
import { asRole } from '../harness/role.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'

/** What the tests look at of `system check --format json`. */
interface CheckOutput {
  readonly healthy: boolean
  readonly findings: readonly {
    readonly kind: string
    readonly subject: string
    readonly state: string
    readonly pull: readonly string[]
  }[]
}

asEachRole(({ role, sandbox }) => {
  const image = `${inject('registry')}/system:1`
  const other = `${inject('registry')}/system-other:1`
  const ok = (line: string | readonly string[]): Promise<string> => sandbox().ok(typeof line === 'string' ? line.split(' ') : line)
  const run = (line: string | readonly string[], input?: string): Promise<RunResult> =>
    sandbox().podwright(typeof line === 'string' ? line.split(' ') : line, input === undefined ? {} : { input })
  const inContainer = (flags: string, script: string): Promise<string> =>
    ok(['run', ...flags.split(' ').filter(Boolean), image, 'sh', '-c', script])
  const store = (...parts: readonly string[]): string => join(sandbox().home, 'store', ...parts)
  const clear = async (): Promise<void> => {
    await ok('rm -f -a -t 0')
    await ok('volume rm -a -f')
  }
  const check = async (flags = ''): Promise<CheckOutput & { readonly code: number }> => {
    const { code, stdout, stderr } = await run(`system check --format json ${flags}`.trim())
    expect(stderr).toBe('')
    return { code, ...(JSON.parse(stdout) as CheckOutput) }
  }
  const kinds = ({ findings }: CheckOutput): readonly string[] => findings.map(({ kind }) => kind).toSorted()
  /** The rows of `system df`, by kind: total, active, size and what could be reclaimed. */
  const usage = async (): Promise<Readonly<Record<string, readonly number[]>>> => {
    const format = '{{.Type}}|{{.Total}}|{{.Active}}|{{.RawSize}}|{{.RawReclaimable}}'
    const lines = (await ok(['system', 'df', '--format', format])).split('\n').map((line) => line.split('|'))
    return Object.fromEntries(lines.map(([type = '', ...numbers]) => [type, numbers.map(Number)]))
  }

  beforeAll(async () => {
    const big = [{ path: 'big', content: 'x'.repeat(3_000_000), mode: 0o644 }] as const
    const push = (name: string, content: string): Promise<void> =>
      pushImage(inject('registry'), name, '1', makeImage({ layers: [busyboxEntries(), big, [{ path: 'name', content }]] }))
    await push('system', 'one')
    await push('system-other', 'other')
    await ok(`pull -q ${image}`)
  })
  afterEach(clear)

  test('df counts images, containers and volumes, those in use, and what could go', async () => {
    await inContainer(
      '--name done -v data:/data -v /nameless',
      'head -c 1000000 /dev/urandom > /mine; head -c 500000 /dev/urandom > /data/file',
    )
    await inContainer('-d --name up', 'head -c 200000 /dev/urandom > /mine; sleep 100')
    const full = await usage()
    expect(full['Images']?.slice(0, 2)).toEqual([1, 1])
    expect(full['Images']?.[2]).toBeGreaterThan(3_000_000)
    expect(full['Images']?.[3]).toBe(0)
    expect(full['Containers']?.slice(0, 2)).toEqual([2, 1])
    expect(full['Containers']?.[2]).toBeGreaterThan(1_200_000)
    expect(full['Containers']?.[3]).toBeGreaterThan(1_000_000)
    expect(full['Containers']?.[3]).toBeLessThan(1_200_000)
    expect(full['Local Volumes']?.slice(0, 2)).toEqual([2, 2])
    expect(full['Local Volumes']?.[2]).toBeGreaterThan(500_000)
    const details = await ok('system df -v')
    expect(details).toMatch(new RegExp(`^${image.replace(':1', '')} +1 +[0-9a-f]{12} .* 0B +[\\d.]+MB +2$`, 'm'))
    expect(details).toMatch(/^[0-9a-f]{12} .* 2 +1\.\d+MB .* Exited \(0\).* done$/m)
    expect(details).toMatch(/^data +1 +5\d\d(\.\d)?kB$/m)
    await clear()
    const empty = await usage()
    expect(empty['Containers']).toEqual([0, 0, 0, 0])
    expect(empty['Images']?.[3]).toBe(empty['Images']?.[2])
  })

  test('container prune takes what does not run, and asks first', async () => {
    await inContainer('--name done --label keep=no', 'true')
    await ok(`create --name kept --label keep=yes ${image} true`)
    await inContainer('-d --name up', 'sleep 100')
    const no = await run('container prune', 'n\n')
    expect(no).toMatchObject({ code: 0, stdout: '' })
    expect(no.stderr).toContain('all containers that do not run')
    expect(await ok('container prune --dry-run --filter label!=keep=yes')).toMatch(/^Would remove [0-9a-f]{64}\nTotal reclaimable space: /)
    expect(await ok('container prune -f --filter label!=keep=yes')).toMatch(/^[0-9a-f]{64}\nTotal reclaimed space: /)
    expect(await ok('container prune -f --filter until=1h')).toBe('Total reclaimed space: 0B')
    expect(await ok(['ps', '-a', '--format', '{{.Names}}'])).toBe('up\nkept')
    await ok('container prune -f')
    expect(await ok(['ps', '-a', '--format', '{{.Names}}'])).toBe('up')
  })

  test('a prune leaves a container that is being exported', async () => {
    await inContainer('--name read', 'head -c 3000000 /dev/urandom > /mine')
    const [command = '', ...args] = sandbox().words(['export', 'read'])
    // Nobody takes the tar from the pipe at first.
    const reader = spawn(command, args, { env: { ...sandbox().env }, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(reader, 'close')
    await once(reader.stdout, 'readable')
    for (const line of ['container prune -f', 'container prune --dry-run', 'system prune -f']) {
      expect(await ok(line)).toMatch(/^Total reclaim(ed|able) space: 0B$/)
    }
    const size = (await buffer(reader.stdout)).length
    expect(await ended).toEqual([0, null])
    expect(size).toBeGreaterThan(3_000_000)
    expect(await ok('container prune -f')).toMatch(/^[0-9a-f]{64}\n/)
    expect(readdirSync(join(sandbox().directory, 'run/podwright/locks')).filter((name) => name.endsWith('.read'))).toEqual([])
  })

  test('system prune takes what nobody uses, as its dry run said', async () => {
    await ok(`pull -q ${other}`)
    await inContainer('--name done -v named:/named -v /nameless', 'true')
    await inContainer('-d --name up', 'sleep 100')
    expect(await ok('system prune -f')).toMatch(/^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: \S+$/)
    expect(await ok('volume ls -q')).toMatch(/^[0-9a-f]{64}\nnamed$/)
    expect((await ok('images -q')).split('\n')).toHaveLength(2)
    const dry = await ok('system prune -a --volumes --dry-run')
    expect(dry).toMatch(/^Would delete volumes:\n[0-9a-f]{64}\n\nWould delete images:\n(Would untag: .*\n)+Would delete: [0-9a-f]{64}\n/)
    expect((await ok('images -q')).split('\n')).toHaveLength(2)
    const yes = await run('system prune -a --volumes', 'y\n')
    expect(
      yes.stdout
        .trim()
        .split('\n')
        .filter((line) => /^[0-9a-f]{64}$|^Deleted: /.test(line))
        .map((line) => line.replace('Deleted: ', '')),
    ).toEqual(
      dry
        .split('\n')
        .filter((line) => /^[0-9a-f]{64}$|^Would delete: /.test(line))
        .map((line) => line.replace('Would delete: ', '')),
    )
    expect(yes.stderr).toContain('all anonymous volumes that no container has')
    expect(await ok('volume ls -q')).toBe('named')
    expect(await ok(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toBe(image)
    await ok('rm -f -t 0 up')
    expect(await ok('system prune -a -f --filter until=2030-01-01 --filter label=nobody')).toBe('Total reclaimed space: 0B')
  })

  test('a dry run reckons with the containers that would go before their image', async () => {
    await inContainer('--name done -v /nameless', 'true')
    const dry = await ok('system prune -a --volumes --dry-run')
    expect(dry).toMatch(
      /^Would delete containers:\n[0-9a-f]{64}\n\nWould delete volumes:\n[0-9a-f]{64}\n\nWould delete images:\nWould untag: /,
    )
    expect((await ok('ps -aq')).split('\n')).toHaveLength(1)
    expect(await ok(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toBe(image)
  })

  test('a prune takes nothing that others are just pulling, making or starting', async () => {
    const enough = new AbortController()
    const pruned: RunResult[] = []
    const pruning = (async (): Promise<void> => {
      while (!enough.signal.aborted) pruned.push(await run('system prune -f --volumes'))
    })()
    const results: RunResult[] = []
    for (let round = 0; round < 2; round++) {
      await run(`rmi -f ${other}`)
      const both = await Promise.all([
        run(`pull -q ${other}`),
        run(['run', '--rm', '-v', '/nameless', image, 'cat', '/name']),
        run(['run', '--name', `racer${round}`, image, 'cat', '/name']),
      ])
      results.push(...both, await run(['run', '--rm', other, 'cat', '/name']))
    }
    enough.abort()
    await pruning
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })))
    expect(results.at(-1)?.stdout).toBe('other')
    expect(pruned.map(({ code, stderr }) => ({ code, stderr }))).toEqual(pruned.map(() => ({ code: 0, stderr: '' })))
    expect(pruned.length).toBeGreaterThan(2)
    // With --all, an image may go between two commands, and never within one.
    const all = await Promise.all([run('system prune -a -f'), run(['run', '--rm', '-q', image, 'cat', '/name']), run('system prune -a -f')])
    expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(all.map(() => ({ code: 0, stderr: '' })))
    expect((await check()).healthy).toBe(true)
    await ok(`pull -q ${image}`)
  })

  test('check finds nothing wrong, then every damage, and mends what can be mended', async () => {
    await inContainer('--name web -v data:/data', 'echo x > /mine')
    expect(await check()).toMatchObject({ code: 0, healthy: true, findings: [] })
    const id = await ok(['inspect', '-f', '{{.Id}}', 'web'])

    await ok(['unshare', 'rm', '-r', store('snapshots', id), store('containers', id), store('volumes', 'data')])
    mkdirSync(store('containers', `${'0'.repeat(64)}.gone`))
    const blobs = store('blobs', 'sha256')
    const [largest = ''] = readdirSync(blobs).toSorted()
    appendFileSync(join(blobs, largest), 'x')
    const found = await check()
    expect(found).toMatchObject({ code: 1, healthy: false })
    expect(kinds(found)).toEqual(['blob-corrupt', 'container-directory-missing', 'snapshot-missing'])
    expect((await run('system check --quick')).stdout).toMatch(
      /^damage {3}container-directory-missing: web \([0-9a-f]{64}\): its directory .* is not there$/m,
    )

    const repaired = await check('--repair --max 0s')
    const states = repaired.findings.map(({ kind, state }) => `${kind} ${state}`).toSorted()
    expect(states).toEqual(['blob-corrupt pull', 'container-directory-missing repaired', 'garbage repaired', 'snapshot-missing lost'])
    expect(repaired.code).toBe(1)
    expect(existsSync(store('containers', `${'0'.repeat(64)}.gone`))).toBe(false)
    await ok(`pull -q ${image}`)
    await ok('rm web')
    expect(await check('--repair')).toMatchObject({ code: 0, healthy: true })
    expect(await inContainer('--rm', 'cat /name')).toBe('one')
  })

  test('check tells damage from what interrupted commands left', async () => {
    for (const delay of [40, 120, 200, 280]) {
      const victim = sandbox().start(['run', '--rm', '-v', '/nameless', image, 'sleep', '0.1'])
      await sleep(delay)
      victim.child.kill('SIGKILL')
      await victim.result.catch(() => undefined)
    }
    await sleep(500)
    const found = await check('--quick --max 0s')
    expect(found.findings.filter(({ kind }) => kind !== 'garbage')).toEqual([])
    expect(found.code).toBe(0)
    await ok('rm -f -a -t 0')
    expect((await check('--quick --repair --max 0s')).code).toBe(0)
    expect(await check('--quick --max 0s')).toMatchObject({ code: 0, findings: [] })
  })

  /** A command inside the namespaces of the role: for root, where everybody is. */
  const inside = async (line: string): Promise<string> => {
    const words = sandbox().words(line.split(' ')).slice(asRole(role).length)
    return role.rootless ? ok(['unshare', ...words]) : ok(line)
  }

  test('mount shows a container’s files, which can be written to, until unmount', async () => {
    await inContainer('--name still', 'echo before > /mine')
    if (role.rootless) {
      const outside = await run('mount still')
      expect(outside).toMatchObject({ code: 125, stdout: '' })
      expect(outside.stderr).toContain('podwright unshare')
    }
    const path = await inside('mount still')
    const cat = role.rootless ? await ok(['unshare', 'cat', join(path, 'mine')]) : await ok(['unshare', 'sh', '-c', `cat ${path}/mine`])
    expect(cat).toBe('before')
    await ok(['unshare', 'sh', '-c', `echo after > ${path}/mine`])
    const id = await ok(['inspect', '-f', '{{.Id}}', 'still'])
    expect(await ok('mount')).toBe(`${id.slice(0, 12)}   ${path}`)
    expect(JSON.parse(await ok('mount --format json'))).toEqual([{ id, Names: ['still'], kind: 'container', mountpoint: path }])
    const imagePath = await inside(`mount ${image}`)
    expect(await ok(['unshare', 'cat', join(imagePath, 'name')])).toBe('one')
    expect((await ok('mount')).split('\n')).toHaveLength(2)
    expect((await inside('unmount --all')).split('\n')).toHaveLength(2)
    expect(await ok('mount')).toBe('')
    expect((await run('unmount still')).code).toBe(1)
    expect((await run('unmount nobody')).code).toBe(1)
    const copy = await ok('commit -q still copy')
    expect(copy).toMatch(/^[0-9a-f]{64}$/)
    expect(await ok('run --rm copy cat /mine')).toBe('after')
  })

  test('a container that is mounted can be started and removed', async () => {
    await inContainer('--name still', 'cat /mine 2>/dev/null; true')
    const path = await inside('mount still')
    await ok(['unshare', 'sh', '-c', `echo mounted > ${path}/mine`])
    expect(await ok('start -a still')).toBe('mounted')
    await ok('rm still')
    expect(await ok('mount')).toBe('')
    await inContainer('-d --name up', 'sleep 100')
    const running = await inside('mount up').catch((error: unknown) => String(error))
    expect(running).toContain('up')
    expect(running).toMatch(/running/)
  })

  test('reset removes everything that is podwright’s, and nothing else', async () => {
    await sandbox().podwright(['secret', 'create', 'closed', '-'], { input: 'x' })
    expect(existsSync(store('secrets.key'))).toBe(true)
    await inContainer('-d --name up --secret closed -v data:/data', 'mkdir -m 700 /data/closed; chown 33:33 /data/closed; sleep 100')
    const outside = join(sandbox().home, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'precious'), '')
    writeFileSync(store('mine.txt'), 'mine')
    symlinkSync(outside, store('volumes', 'link'))
    for (const path of [outside, join(outside, 'precious'), store('mine.txt')]) chownSync(path, role.uid, role.gid)
    const asked = await run('system reset', 'n\n')
    expect(asked.stderr).toMatch(/1 container, \d images?, 1 volume/)
    expect(await ok('ps -q')).toMatch(/^[0-9a-f]{12}$/)
    expect(await ok('system reset --dry-run')).toContain(`Would leave ${store('mine.txt')}`)
    expect(await ok('ps -q')).toMatch(/^[0-9a-f]{12}$/)
    const done = await ok('system reset -f')
    expect(done).toMatch(/^Removed 1 container, \d images?, 1 volume\n/)
    expect(readdirSync(store())).toEqual(['mine.txt'])
    expect(readdirSync(outside)).toEqual(['precious'])
    expect(existsSync(join(sandbox().directory, 'run/podwright'))).toBe(false)
    rmSync(store('mine.txt'))
    expect(await ok('images -q')).toBe('')
    expect(await ok('system reset -f')).toMatch(/^Removed 0 containers, 0 images, 0 volumes\n/)
    expect(existsSync(store())).toBe(false)
  })

  test('reset refuses a directory that is not podwright’s', async () => {
    const foreign = join(sandbox().home, 'foreign')
    mkdirSync(foreign)
    for (const name of ['engine.db', 'storage.db']) writeFileSync(join(foreign, name), 'not a database')
    for (const path of [foreign, join(foreign, 'engine.db'), join(foreign, 'storage.db')]) chownSync(path, role.uid, role.gid)
    const refused = await run(['--root', foreign, 'system', 'reset', '-f'])
    expect(refused).toMatchObject({ code: 125, stdout: '' })
    expect(readdirSync(foreign)).toEqual(expect.arrayContaining(['engine.db', 'storage.db']))
  })
})
