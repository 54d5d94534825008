import { readFileSync } from 'node:fs'

/** The addresses, but for those of loopback and link-local ones, in the network namespace of a process. Starts nothing. Never throws. */
export function namespaceAddresses(pid: number): string[] {
  return [...parseFibTrie(read(`/proc/${pid}/net/fib_trie`)), ...parseIfInet6(read(`/proc/${pid}/net/if_inet6`))]
}

/** Own addresses are the leaves with a line `/32 host LOCAL`. */
export function parseFibTrie(text: string): string[] {
  const addresses = [...text.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)].map((match) => match[1] ?? '')
  return [...new Set(addresses)].filter((address) => !address.startsWith('127.'))
}

/** Columns: address, interface's index, prefix, scope, flags, interface; all but the last in hexadecimal. Scope 0 is global. */
export function parseIfInet6(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', , , scope] = line.trim().split(/\s+/)
    return address.length === 32 && scope === '00' ? [compress(address)] : []
  })
}

/** As RFC 5952 writes it. */
function compress(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).join(':')
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
