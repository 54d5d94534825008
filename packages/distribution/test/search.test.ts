import { isPodwrightError } from '@podwright/conventions'
import { describe, expect, test } from 'vitest'
import { createRegistryClient } from '../src/index.ts'
import { refuse, send, startScriptedRegistry } from './fixtures/scripted-registry.ts'

const options = { tlsVerify: false, retries: 0 }

describe('search', () => {
  test("by docker's v1 API", async () => {
    await using registry = await startScriptedRegistry()
    const results = [
      { name: 'debian', description: 'Debian is…', star_count: 5000, is_official: true, is_automated: false },
      { name: 'me/debian', description: null },
    ]
    registry.intercept('GET', /^\/v1\/search/, (_, response) => send(response, 200, {}, JSON.stringify({ num_results: 2, results })))
    await using client = createRegistryClient({}, options)
    expect(await client.search({ registry: registry.host }, 'deb ian', { limit: 7 })).toEqual([
      { name: 'debian', description: 'Debian is…', stars: 5000, official: true, automated: false },
      { name: 'me/debian', description: '', stars: 0, official: false, automated: false },
    ])
    expect(registry.requests.at(-1)?.path).toBe('/v1/search?q=deb+ian&n=7')
  })

  test('in the list of all, where there is no search', async () => {
    await using registry = await startScriptedRegistry()
    const repositories = ['apps/web', 'debian', 'my/debian-slim', 'not-debian']
    registry.intercept('GET', /^\/v2\/_catalog/, (_, response) => send(response, 200, {}, JSON.stringify({ repositories })), 9)
    await using client = createRegistryClient({}, options)
    const found = await client.search({ registry: registry.host }, 'debian', { limit: 2 })
    expect(found.map(({ name }) => name)).toEqual(['debian', 'my/debian-slim'])
    expect(await client.search({ registry: registry.host }, '')).toHaveLength(4)
  })

  test('a registry that offers neither', async () => {
    await using registry = await startScriptedRegistry()
    registry.intercept('GET', /^\/v2\/_catalog/, (_, response) => refuse(response, 404, 'UNSUPPORTED'))
    await using client = createRegistryClient({}, options)
    await expect(client.search({ registry: registry.host }, 'debian')).rejects.toSatisfy((error) =>
      isPodwrightError(error, 'ERR_REGISTRY_SEARCH'),
    )
  })

  test('one that wants to know who asks says so', async () => {
    await using registry = await startScriptedRegistry()
    registry.intercept(
      'GET',
      /^\/v[12]\/(search|_catalog)/,
      (_, response) => refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="r"' }),
      9,
    )
    await using client = createRegistryClient({}, options)
    await expect(client.search({ registry: registry.host }, 'debian')).rejects.toSatisfy((error) =>
      isPodwrightError(error, 'ERR_REGISTRY_UNAUTHORIZED'),
    )
  })

  test.each(['{}', 'no JSON', '{"results":[{}]}'])('what is no list of results: %s', async (body) => {
    await using registry = await startScriptedRegistry()
    registry.intercept('GET', /^\/v1\/search/, (_, response) => send(response, 200, {}, body))
    registry.intercept('GET', /^\/v2\/_catalog/, (_, response) => send(response, 200, {}, body))
    await using client = createRegistryClient({}, options)
    await expect(client.search({ registry: registry.host }, 'debian')).rejects.toSatisfy((error) =>
      isPodwrightError(error, 'ERR_REGISTRY_SEARCH'),
    )
  })
})
