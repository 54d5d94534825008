import assert from 'node:assert/strict'
import { test } from 'node:test'
import { root, user, withImage } from '../harness/shell.ts'

const counting = `sh -c 'i=0; while :; do echo $i; i=$((i+1)); sleep 1; done'`
const state = (format: string): string => root.sh(`podwright inspect counting --format '${format}'`)
const lastLine = (): number => Number(root.sh('podwright logs --tail 1 counting'))

void test('a container goes on where it was at its checkpoint', async () => {
  withImage(root)
  root.sh(`podwright --runtime runc run -d --name counting --restart always busybox ${counting}`)
  // One that goes on is not ended, and what it had done since is not undone.
  root.sh('podwright container checkpoint --leave-running counting')
  assert.equal(state('{{.State.Status}} {{.State.Checkpointed}}'), 'running false')

  assert.equal(root.sh('podwright container checkpoint counting'), 'counting')
  // Its restart policy does not bring it back.
  assert.equal(state('{{.State.Status}} {{.State.Checkpointed}} {{.State.ExitCode}}'), 'exited true 137')
  const before = lastLine()
  assert.match(root.attempt('podwright container checkpoint counting').stderr, /cannot checkpoint counting: it is exited/)

  assert.equal(root.sh('podwright container restore --all'), root.sh(`podwright inspect counting --format '{{.Id}}'`))
  assert.equal(state('{{.State.Status}} {{.State.Restored}}'), 'running true')
  root.sh('sleep 2')
  const lines = root.sh('podwright logs counting').split('\n').map(Number)
  assert.deepEqual(
    lines,
    lines.map((_, at) => at),
  )
  assert.ok(lines.length > before + 2, `${lines.length} lines, ${before + 1} before`)
  assert.match(root.sh('podwright exec counting ps'), /sh -c/)
  root.sh('podwright rm -f -t 0 counting')
})

void test('a checkpoint that is not finished does not count, and one that was is kept when it can not be restored', () => {
  withImage(root)
  root.sh(`podwright --runtime runc run -d --name counting busybox ${counting}`)
  root.sh('timeout -s KILL 4 podwright container checkpoint counting || true')
  if (state('{{.State.Status}}') === 'running') root.sh('podwright container checkpoint --keep counting')
  assert.equal(root.sh('podwright container restore --keep counting'), 'counting')
  root.sh('podwright kill counting')
  root.sh('podwright wait counting')
  assert.equal(root.sh('podwright container restore counting'), 'counting')
  root.sh('podwright rm -f -t 0 counting')
})

void test('who can not be helped is told why', () => {
  withImage(root)
  withImage(user)
  root.sh('podwright run -d --name by-crun busybox sleep 1000')
  assert.match(root.attempt('podwright container checkpoint by-crun').stderr, /crun is built without CRIU/)
  assert.match(root.attempt('podwright container restore by-crun').stderr, /cannot restore by-crun: it is running/)
  root.sh('podwright rm -f -t 0 by-crun')
  user.sh('podwright run -d --name users busybox sleep 1000')
  assert.match(user.attempt('podwright container checkpoint users').stderr, /CRIU needs root/)
  user.sh('podwright rm -f -t 0 users')
})
