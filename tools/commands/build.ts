/** `npm run build [PACKAGE...]`: builds the packages, or those named, with what they depend on. */
import { spawnSync } from 'node:child_process'
import { workspaceRoot } from '../workspace/workspace.ts'

const names = process.argv.slice(2)
const projects = names.length === 0 ? [] : ['-p', names.join(',')]
const { status } = spawnSync('nx', ['run-many', '-t', 'build', ...projects], { cwd: workspaceRoot, stdio: 'inherit' })
process.exitCode = status ?? 1
