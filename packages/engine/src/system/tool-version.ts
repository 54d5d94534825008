import { runTool } from '@podwright/linux'

/** The version that a tool names when asked with `--version`: the first word that starts like one; `unknown` when it won't say. */
export async function toolVersion(path: string): Promise<string> {
  try {
    const { stdout, stderr } = await runTool(path, ['--version'], { allowFailure: true })
    return /\b\d+(\.\d+)+[^\s,]*/.exec(stdout + stderr)?.[0] ?? /\b\d{4}_\d\d_\d\d\S*/.exec(stdout + stderr)?.[0] ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
