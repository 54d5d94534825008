import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { RootDisk } from './root-disk.ts'

/** A machine to run. */
export interface MachineOptions {
  readonly root: RootDisk
  /** Absolute path of the disk with the command and the tests. */
  readonly commandDisk: string
  /** Where what it says on its console goes; absolute. */
  readonly console: string
  readonly longestMinutes: number
  /** A line that it wrote on its second serial port. */
  readonly onLine: (line: string) => void
}

/**
 * Boots a machine without KVM, which is not to be had inside of most others, and waits until it powers itself off; what it writes on its disk is forgotten then.
 *
 * @returns what went wrong with the machine itself; undefined: nothing did
 */
export function runMachine({ root, commandDisk, console, longestMinutes, onLine }: MachineOptions): Promise<string | undefined> {
  const drive = (file: string, more: string): string => `file=${file},format=raw,if=virtio,${more}`
  const args = [
    ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2048', '-display', 'none', '-monitor', 'none'],
    ['-kernel', root.kernel, '-initrd', root.initrd, '-append', 'root=/dev/vda rw console=ttyS0 quiet'],
    ['-drive', drive(root.disk, 'snapshot=on'), '-drive', drive(commandDisk, 'readonly=on')],
    ['-serial', `file:${console}`, '-serial', 'stdio', '-nic', 'none'],
  ].flat()
  return new Promise((resolve) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, longestMinutes * 60_000)
    const stop = (): void => void child.kill('SIGTERM')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
    createInterface({ input: child.stdout }).on('line', onLine)
    child.on('error', (error) => resolve(`cannot start qemu-system-x86_64: ${error.message}`))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (late) resolve(`the machine was ended after ${longestMinutes} minutes; its console is in ${console}`)
      else resolve(code === 0 ? undefined : `qemu-system-x86_64 ended with ${code ?? signal}`)
    })
  })
}
