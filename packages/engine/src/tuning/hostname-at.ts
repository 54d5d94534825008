import { messageOf } from '@podwright/conventions'
import { requireTool, runTool } from '@podwright/linux'
import type { EngineParts } from '../parts.ts'
import { invalid } from './invalid.ts'

/** The host name in a uts namespace, by its file. @throws `ERR_CONTAINER_OPTION_INVALID` when it can't be entered */
export async function hostnameAt(parts: EngineParts, path: string): Promise<string> {
  const prefix = await (await parts.namespace()).prefix()
  const [tool = '', ...args] = [...prefix, requireTool('nsenter'), `--uts=${path}`, '--', 'uname', '-n']
  try {
    return (await runTool(tool, args, { cwd: '/' })).stdout.trim()
  } catch (error) {
    throw invalid(
      `cannot join the uts namespace ${path}: ${messageOf(error)}`,
      'A plain user can join what belongs to the namespaces of their own containers.',
    )
  }
}
