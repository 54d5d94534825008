import type { ContainerResources } from '@podwright/contracts'
import { invalid } from './invalid.ts'

/** @throws `ERR_CONTAINER_OPTION_INVALID` for what makes no sense on any host */
export function checkRanges(asked: ContainerResources): void {
  checkMemory(asked)
  checkProcessors(asked)
  const { pidsLimit, blockWeight } = asked
  if (pidsLimit !== undefined && !Number.isSafeInteger(pidsLimit)) throw invalid(`the limit ${pidsLimit} of processes is no whole number`)
  if (blockWeight !== undefined && !isBetween(blockWeight, 10, 1000))
    throw invalid(`the range of block I/O weights is from 10 to 1000, not ${blockWeight}`)
  for (const weight of Object.values(asked.blockDeviceWeights ?? {})) {
    if (!isBetween(weight, 10, 1000)) throw invalid(`the range of block I/O weights is from 10 to 1000, not ${weight}`)
  }
  for (const { device, rate } of asked.deviceThrottles ?? []) {
    if (!isBetween(rate, 1)) throw invalid(`the rate ${rate} for ${device} is no whole number above 0`)
  }
}

function checkMemory({ memoryBytes, memorySwapBytes, memoryReservationBytes, memorySwappiness }: ContainerResources): void {
  if (memoryBytes !== undefined && !isBetween(memoryBytes, 1)) throw invalid(`the memory limit ${memoryBytes} is no number of bytes`)
  if (memoryReservationBytes !== undefined && !isBetween(memoryReservationBytes, 1)) {
    throw invalid(`the memory reservation ${memoryReservationBytes} is no number of bytes`)
  }
  if (memorySwappiness !== undefined && !isBetween(memorySwappiness, 0, 100)) {
    throw invalid(`the range of memory swappiness is from 0 to 100, not ${memorySwappiness}`)
  }
  if (memorySwapBytes !== undefined && memorySwapBytes !== -1) {
    if (memoryBytes === undefined) throw invalid('a limit of memory and swap (--memory-swap) needs one of memory (--memory)')
    if (!isBetween(memorySwapBytes, memoryBytes))
      throw invalid('the limit of memory and swap (--memory-swap) is below that of memory (--memory)')
  }
  if (memoryBytes !== undefined && memoryReservationBytes !== undefined && memoryBytes < memoryReservationBytes) {
    throw invalid('the memory limit (--memory) is below the reservation (--memory-reservation)')
  }
}

function checkProcessors({ cpus, cpuShares, cpuQuotaMicros, cpuPeriodMicros }: ContainerResources): void {
  if (cpus !== undefined) {
    if (!(cpus >= 0.01 && Number.isFinite(cpus))) throw invalid(`the number ${cpus} of CPUs is below 0.01`)
    if (cpuQuotaMicros !== undefined) throw invalid('--cpu-quota and --cpus cannot be set together')
    if (cpuPeriodMicros !== undefined) throw invalid('--cpu-period and --cpus cannot be set together')
  }
  if (cpuShares !== undefined && !isBetween(cpuShares, 2, 262_144))
    throw invalid(`the range of CPU shares is from 2 to 262144, not ${cpuShares}`)
  if (cpuPeriodMicros !== undefined && !isBetween(cpuPeriodMicros, 1000, 1_000_000)) {
    throw invalid(`the CPU period can be from 1000 to 1000000 microseconds, not ${cpuPeriodMicros}`)
  }
  if (cpuQuotaMicros !== undefined && cpuQuotaMicros !== -1 && !isBetween(cpuQuotaMicros, 1000)) {
    throw invalid(`the CPU quota cannot be below 1000 microseconds: ${cpuQuotaMicros}`)
  }
}

function isBetween(value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

/** More than any machine has. */
const highestNumber = 8191

/** The numbers of a list as `0-2,5`; undefined for what is none. */
export function numbersOf(list: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>()
  for (const part of list.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? []
    if (first === undefined || Number(last) > highestNumber || Number(first) > Number(last)) return undefined
    for (let number = Number(first); number <= Number(last); number++) numbers.add(number)
  }
  return numbers
}
