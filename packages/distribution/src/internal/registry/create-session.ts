import { systemClock } from '@podwright/conventions'
import type { Fetch } from '../../fetch.ts'
import type { RegistryClientComponents, RegistryClientOptions } from '../../registry-client.ts'
import { createAuthorizer } from '../auth/authorizer.ts'
import { createAgents } from '../http/agents.ts'
import type { Connections } from '../http/exchange.ts'
import type { RetryPolicy } from '../http/retry.ts'
import { createSlots } from '../http/slots.ts'
import { createBaseUrls } from './base-urls.ts'
import { createTransmit, type Session } from './session.ts'

/** Puts a client's parts together, and fills its defaults in. */
export function createSession(components: RegistryClientComponents, options: RegistryClientOptions): Session {
  const { clock = systemClock, credentials = { find: async () => undefined }, random = Math.random } = components
  const connections: Connections = {
    fetch: fetchLoader(components.fetch),
    agents: createAgents({
      connectTimeoutMs: options.connectTimeoutMs ?? 30_000,
      certificateDirectories: options.certificateDirectories ?? [],
      certificateDirectory: options.certificateDirectory,
      environment: options.environment ?? process.env,
    }),
    slots: createSlots(options.connectionsPerHost ?? 6),
    stallTimeoutMs: options.stallTimeoutMs ?? 60_000,
    userAgent: options.userAgent ?? 'podwright',
  }
  const policy: RetryPolicy = {
    retries: options.retries ?? 4,
    backoffMs: options.backoffMs ?? 500,
    retryAfterMaximumMs: options.retryAfterMaximumMs ?? 120_000,
    clock,
    random,
  }
  return {
    connections,
    policy,
    baseUrls: createBaseUrls(connections),
    authorizer: createAuthorizer({ credentials, clock, transmit: createTransmit(connections, policy) }),
    tlsVerify: options.tlsVerify ?? true,
    uploadPartBytes: options.uploadPartBytes ?? Infinity,
  }
}

/** node-fetch takes tens of milliseconds to load, and is needed when something is fetched. */
function fetchLoader(given: Fetch | undefined): () => Promise<Fetch> {
  return async () => given ?? ((await import('node-fetch')).default as Fetch)
}
