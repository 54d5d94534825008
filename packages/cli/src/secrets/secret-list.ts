import type { Secret } from '@podwright/contracts'
import { type FilterTests, parseFilters } from '../command-line/filters.ts'
import { humanAge } from '../render/duration.ts'
import { LabelSet } from '../render/label-set.ts'
import type { ListDefinition } from '../render/list-definition.ts'
import { jsonDate } from '../render/moment.ts'

/** How `secret ls` shows secrets. */
export function secretList(now: number): ListDefinition<Secret> {
  return {
    typeName: 'Secret',
    columns: ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt'],
    titles: { CreatedAt: 'CREATED', UpdatedAt: 'UPDATED' },
    quiet: ({ id }) => id,
    records: (secrets) => secrets.map((secret) => secretDocument(secret)),
    line: (secret) => ({
      CreatedAt: humanAge(secret.createdAt, now),
      Driver: secret.driver,
      ID: secret.id,
      Labels: new LabelSet(secret.labels).String(),
      Name: secret.name,
      UpdatedAt: humanAge(secret.updatedAt, now),
    }),
    fields: {
      ID: ({ id }) => id,
      Name: ({ name }) => name,
      Driver: ({ driver }) => driver,
      CreatedAt: ({ createdAt }) => humanAge(createdAt, now),
      UpdatedAt: ({ updatedAt }) => humanAge(updatedAt, now),
      Labels: ({ labels }) => new LabelSet(labels),
      Label:
        ({ labels }) =>
        (name: string) =>
          Object.hasOwn(labels, name) ? labels[name] : '',
    },
  }
}

/** A secret in docker's and podman's `inspect`; its content only when that was asked for. */
export function secretDocument({ id, name, driver, labels, createdAt, updatedAt }: Secret, content?: string): object {
  return {
    ID: id,
    CreatedAt: jsonDate(createdAt),
    UpdatedAt: jsonDate(updatedAt),
    Spec: { Name: name, Driver: { Name: driver, Options: {} }, Labels: labels },
    ...(content !== undefined && { SecretData: content }),
  }
}

/** The test that `secret ls --filter` asks for. @throws CliError `ERR_CLI_FLAG_VALUE` */
export function secretFilter(texts: readonly string[]): (secret: Secret) => boolean {
  return parseFilters(texts, tests)
}

const tests: FilterTests<Secret> = {
  name: (values) => (secret) => values.some((value) => secret.name.includes(value)),
  id: (values) => (secret) => values.some((value) => secret.id.startsWith(value)),
}
