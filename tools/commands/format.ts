/** `npm run format`: writes every file as the formatter wants it. */
import { runStep } from '../steps/run-step.ts'
import { workspaceRoot } from '../workspace/workspace.ts'

const result = await runStep({ title: 'format', command: ['oxfmt', '.'] }, workspaceRoot)
console.log(result.output.trim())
process.exitCode = result.ok ? 0 : 1
