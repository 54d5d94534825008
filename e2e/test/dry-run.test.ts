import { describe, expect, test } from 'vitest'
import { asOneRole } from '../harness/roles-suite.ts'

asOneRole(({ sandbox, busybox }) => {
  const ok = (...words: string[]): Promise<string> => sandbox().ok(words)
  /** All that there is, but for times. */
  const everything = async (): Promise<unknown> => ({
    containers: await ok('ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.State}}'),
    images: await ok('images', '-a', '--no-trunc', '--digests', '--format', '{{.ID}} {{.Repository}}:{{.Tag}} {{.Digest}}'),
    volumes: await ok('volume', 'ls', '-q'),
    list: await ok('manifest', 'inspect', 'list:1'),
  })

  describe('--dry-run says what would go, and leaves it', () => {
    test('rm', async () => {
      await ok('create', '--name', 'made', '-v', '/kept', '-v', 'named:/named', busybox, 'true')
      await ok('run', '-d', '--name', 'up', busybox, 'sleep', '100')
      await ok('manifest', 'create', 'list:1', busybox)
      const before = await everything()
      expect(await ok('rm', '--dry-run', 'made')).toBe('Would remove made')
      expect(await ok('container', 'rm', '--dry-run', '-v', 'made')).toMatch(/^Would remove made\nWould remove the volume [0-9a-f]{64}$/)
      const refused = await sandbox().podwright(['rm', '--dry-run', 'up', 'made'])
      expect(refused).toMatchObject({ code: 125, stdout: 'Would remove made\n', stderr: expect.stringContaining('cannot remove up') })
      expect(await ok('rm', '--dry-run', '-f', 'up')).toBe('Would remove up')
      expect(await sandbox().podwright(['rm', '--dry-run', 'nobody'])).toMatchObject({ code: 1, stdout: '' })
      expect(await sandbox().podwright(['rm', '--dry-run', '-i', 'nobody'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
      expect((await ok('rm', '--dry-run', '-fa')).split('\n')).toHaveLength(2)
      expect(await everything()).toEqual(before)
      // What was said is what goes.
      const volume = (await ok('rm', '--dry-run', '-v', 'made')).split(' ').at(-1)
      await ok('rm', '-v', 'made')
      expect((await ok('volume', 'ls', '-q')).split('\n')).toEqual(['named'])
      expect(volume).toMatch(/^[0-9a-f]{64}$/)
      await ok('rm', '-f', '-t', '0', 'up')
    })

    test('untag, manifest remove', async () => {
      await ok('tag', busybox, 'more:1', 'more:2')
      const before = await everything()
      expect(await ok('untag', '--dry-run', 'more:1', 'more:2')).toBe('Would untag: localhost/more:2')
      expect((await ok('untag', '--dry-run', 'more:1')).split('\n')).toHaveLength(3)
      expect(await sandbox().podwright(['untag', '--dry-run', 'more:1', 'stranger'])).toMatchObject({ code: 125, stdout: '' })
      const [{ digest = '' } = {}] = (JSON.parse(await ok('manifest', 'inspect', 'list:1')) as { manifests: { digest: string }[] })
        .manifests
      expect(await ok('manifest', 'remove', '--dry-run', 'list:1', digest)).toBe(`Would remove ${digest} from localhost/list:1`)
      const stranger = `sha256:${'0'.repeat(64)}`
      expect(await sandbox().podwright(['manifest', 'remove', '--dry-run', 'list:1', stranger])).toMatchObject({ code: 125, stdout: '' })
      expect(await everything()).toEqual(before)
      await ok('manifest', 'remove', 'list:1', digest)
      await ok('untag', 'more:1', 'more:1', 'more:2')
    })
  })
})
