import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const sleeper = (name: string, ...flags: readonly string[]): Promise<string> =>
    ok('create', '--name', name, '--network', 'none', '--stop-timeout', '0', ...flags, busybox, 'sleep', '300')
  const states = async (): Promise<string> => (await ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).split('\n').toSorted().join(', ')

  test('what a container requires is started before it, and is not removed while it is there', async () => {
    const db = await sleeper('db')
    const cache = await sleeper('cache', '--requires', 'db')
    await sleeper('web', '--requires', `cache,${db.slice(0, 12)}`)
    await ok('start', 'web')
    expect(await states()).toBe('cache running, db running, web running')
    expect(JSON.parse(await ok('inspect', 'web', '--format', '{{json .Dependencies}}'))).toEqual([cache, db])
    expect(await ok('describe', 'cache')).toContain(`--requires ${db}`)

    const refused = await sandbox().podwright(['rm', '-f', 'db'])
    expect(refused).toMatchObject({ code: 125, stderr: expect.stringContaining('cannot remove db: it is required by cache, web') })
    await ok('stop', 'db')
    await ok('container', 'prune', '-f')
    expect(await states()).toBe('cache running, db exited, web running')
    await ok('rename', 'db', 'store')
    await ok('restart', 'cache')
    await ok('stop', 'cache', 'web')
    await ok('start', 'cache')
    expect(await states()).toBe('cache running, store running, web exited')

    expect((await sandbox().podwright(['create', '--requires', 'nobody', busybox])).stderr).toContain('nobody')
    await ok('rm', '-f', 'store', 'cache', 'web')
    expect(await ok('ps', '-aq')).toBe('')
  })

  test('one that can not start keeps who requires it from starting, and says why', async () => {
    await ok('create', '--name', 'broken', '--network', 'none', busybox, '/not/there')
    await sleeper('needs', '--requires', 'broken')
    const { code, stderr } = await sandbox().podwright(['start', 'needs'])
    expect(code).not.toBe(0)
    expect(stderr).toContain('cannot start needs: it requires broken, which does not start: ')
    expect(await states()).toBe('broken created, needs created')
    await ok('container', 'prune', '-f')
    expect(await ok('ps', '-aq')).toBe('')
  })

  test('rm --depend takes those along that need it', async () => {
    await sleeper('base')
    await sleeper('requires', '--requires', 'base')
    await ok('start', 'requires')
    await ok('run', '-d', '--name', 'joins', '--network', 'container:base', '--stop-timeout', '0', busybox, 'sleep', '300')
    await sleeper('other')
    await ok('rm', '-f', '--depend', 'base', 'joins')
    expect(await states()).toBe('other created')
    await ok('rm', 'other')
  })
})
