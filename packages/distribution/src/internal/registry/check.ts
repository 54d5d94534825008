import type { AbortOptions } from '@podwright/conventions'
import type { RegistryCheck, Repository } from '../../registry-client.ts'
import { performAuthorized, type Session } from './session.ts'

/** distribution-spec v1.1, "Determining Support"; docker and podman check a login by it. */
export async function checkRegistry(
  session: Session,
  { registry, tlsVerify }: Omit<Repository, 'repository'>,
  { signal }: AbortOptions,
): Promise<RegistryCheck> {
  const { answer, identified } = await performAuthorized(session, {
    operation: `use the registry ${registry}`,
    method: 'GET',
    path: '/v2/',
    target: { registry, tlsVerify },
    expected: [200],
    signal,
  })
  await answer.discard()
  return { challenged: identified }
}
