import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asOneRole } from '../harness/roles-suite.ts'

/** What of an event's JSON is looked at. */
interface Event {
  readonly Type: string
  readonly Status: string
  readonly Name: string
  readonly ContainerExitCode?: number
  readonly timeNano: number
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

asOneRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const events = async (...flags: readonly string[]): Promise<Event[]> => {
    const text = await ok('events', '--stream=false', '--format', 'json', ...flags)
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Event)
  }
  const actions = async (name: string): Promise<string[]> => (await events('--filter', `container=${name}`)).map(({ Status }) => Status)

  test('events: the life of a container, each step once, with its name, image, labels and exit code', async () => {
    await ok('create', '--name', 'told', '--label', 'tier=front', busybox, 'sh', '-c', 'exit 7')
    await sandbox().podwright(['start', '-a', 'told'])
    await ok('rename', 'told', 'retold')
    await ok('rm', 'retold')
    const found = await events('-f', 'container=told', '-f', 'container=retold')
    expect(found.map(({ Status }) => Status)).toEqual(['create', 'start', 'died', 'rename', 'remove'])
    expect(found[2]).toMatchObject({
      Type: 'container',
      Name: 'told',
      ContainerExitCode: 7,
      Actor: { Attributes: { tier: 'front', exitCode: '7' } },
    })
    expect(found[3]?.Actor.Attributes).toMatchObject({ name: 'retold', oldName: 'told' })
    expect(new Set(found.map(({ Actor }) => Actor.ID)).size).toBe(1)
    expect(await events('-f', 'event=die', '-f', 'label=tier=front')).toEqual([found[2]])
  })

  test('events: of one that removes itself, and of one whose end nobody saw', async () => {
    await sandbox().podwright(['run', '--rm', '--name', 'brief', busybox, 'sh', '-c', 'exit 3'])
    expect(await actions('brief')).toEqual(['create', 'start', 'died', 'remove'])
    await ok('run', '-d', '--name', 'unseen', busybox, 'sleep', '300')
    const [details] = JSON.parse(await ok('container', 'inspect', 'unseen')) as readonly {
      readonly State: { readonly Pid: number; readonly ConmonPid: number }
    }[]
    for (const pid of [details!.State.ConmonPid, details!.State.Pid]) process.kill(pid, 'SIGKILL')
    for (let attempt = 0; attempt < 50 && (await actions('unseen')).length < 3; attempt++) {
      await ok('ps', '-a')
      await sleep(100)
    }
    await ok('rm', 'unseen')
    expect(await actions('unseen')).toEqual(['create', 'start', 'died', 'remove'])
  })

  test('events: what is done to what runs', async () => {
    await ok('run', '-d', '--name', 'busy', busybox, 'sleep', '300')
    await sandbox().podwright(['exec', 'busy', 'sh', '-c', 'exit 5'])
    await ok('restart', '-t', '0', 'busy')
    await ok('kill', '-s', 'KILL', 'busy')
    await ok('wait', 'busy')
    await ok('rm', '-f', 'busy')
    expect((await actions('busy')).filter((action) => action !== 'kill')).toEqual([
      'create',
      'start',
      'exec',
      'exec_died',
      'died',
      'start',
      'restart',
      'died',
      'remove',
    ])
    expect((await events('-f', 'container=busy', '-f', 'event=kill'))[0]?.Actor.Attributes).toMatchObject({ signal: 'KILL' })
    expect((await events('-f', 'container=busy', '-f', 'event=exec_died'))[0]).toMatchObject({ ContainerExitCode: 5 })
  })

  test('events: of images and volumes', async () => {
    await ok('tag', busybox, 'events-tagged')
    await ok('rmi', 'events-tagged')
    await ok('volume', 'create', 'events-volume')
    await ok('volume', 'rm', 'events-volume')
    const ofImage = await events('-f', 'image=events-tagged')
    expect(ofImage.map(({ Type, Status }) => `${Type} ${Status}`)).toEqual(['image tag', 'image untag'])
    expect(ofImage[0]).toMatchObject({ Name: 'localhost/events-tagged:latest' })
    const ofVolume = await events('-f', 'type=volume', '-f', 'volume=events-volume')
    expect(ofVolume.map(({ Status, Name }) => `${Status} ${Name}`)).toEqual(['create events-volume', 'remove events-volume'])
  })

  test('events: also of what comes and goes by the way', async () => {
    await ok('run', '--rm', '-v', 'by-the-way:/data', busybox, 'true')
    await ok('run', '--rm', '-v', 'by-the-way:/data', busybox, 'true')
    await ok('volume', 'prune', '--all', '--force', '--filter', 'name=by-the-way')
    const ofVolume = await events('-f', 'type=volume', '-f', 'volume=by-the-way')
    expect(ofVolume.map(({ Status }) => Status)).toEqual(['create', 'remove'])
    const before = await events('-f', 'type=image', '-f', 'event=remove')
    await ok('create', '--name', 'nameless', busybox, 'true')
    const id = await ok('commit', '-q', 'nameless')
    await ok('rm', 'nameless')
    await ok('system', 'prune', '--force')
    const removed = (await events('-f', 'type=image', '-f', 'event=remove')).slice(before.length)
    expect(removed.map(({ Actor }) => Actor.ID)).toContain(id.replace('sha256:', ''))
  })

  test('events: a follower sees what comes, every event once, and ends with --until', async () => {
    const follower = sandbox().podwright(['events', '--until', '+6s', '-f', 'label=followed', '--format', '{{.Status}} {{.Name}}'])
    await sleep(1500)
    const names = Array.from({ length: 8 }, (_, index) => `followed-${index}`)
    await Promise.all(names.map((name) => ok('create', '--label', 'followed', '--name', name, busybox, 'true')))
    await ok('rm', ...names)
    const { code, stdout } = await follower
    expect(code).toBe(0)
    // It begins with --until at the beginning of all, which no other test has labelled so.
    expect(stdout.trim().split('\n').toSorted()).toEqual(['create', 'remove'].flatMap((action) => names.map((name) => `${action} ${name}`)))
  })

  test('events: the line of text is podman’s, and what cannot be is refused', async () => {
    await ok('run', '--rm', '--name', 'lined', '--label', 'a=b', busybox, 'true')
    const line = await ok('events', '--stream=false', '-f', 'container=lined', '-f', 'event=died')
    expect(line).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC container died [0-9a-f]{64} \(image=\S+, name=lined, origin=test, a=b, exitCode=0\)$/,
    )
    for (const [flags, words] of [
      [['--filter', 'colour=red'], 'colour'],
      [['--since', 'yesterday'], '--since'],
      [['--since', '1m', '--until', '2m'], '--until'],
    ] as const) {
      const { code, stderr } = await sandbox().podwright(['events', ...flags])
      expect(code).toBe(125)
      expect(stderr).toContain(words)
    }
  })
})
