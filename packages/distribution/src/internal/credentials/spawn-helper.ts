import { spawn } from 'node:child_process'
import type { RunCredentialHelper } from '../../credential-store.ts'

const answerMaximumCharacters = 1024 * 1024

/** Runs a credential helper out of PATH (docker-credential-helpers, "Development": secrets go over stdin and stdout only). */
export const spawnHelper: RunCredentialHelper = (name, action, input, signal) =>
  new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${name}`, [action], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(signal !== undefined && { signal }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(0, answerMaximumCharacters)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(0, answerMaximumCharacters)))
    // A helper that ends without reading is judged by its exit code.
    child.stdin.on('error', () => {})
    child.on('error', (error) => reject(signal?.aborted ? signal.reason : error))
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      // Helpers say what is wrong on stdout.
      else reject(new Error((stderr.trim() || stdout.trim() || `exit code ${code}`).slice(0, 500)))
    })
    child.stdin.end(input)
  })
