import type { Volume } from '@podwright/contracts'
import { jsonDate } from '../render/moment.ts'

/** A volume as `volume inspect` prints it: docker's keys and podman's, and who uses it. */
export function volumeDocument({ name, driver, path, createdAt, labels, scope, options, anonymous, needsCopyUp, holders }: Volume): object {
  return {
    Name: name,
    Driver: driver,
    Mountpoint: path,
    CreatedAt: jsonDate(createdAt),
    Labels: labels,
    Scope: scope,
    Options: options,
    Anonymous: anonymous,
    NeedsCopyUp: needsCopyUp,
    UsedBy: holders,
  }
}

/** Keys of it below which names are somebody's own. */
export const volumeMaps: readonly string[] = ['Labels', 'Options']
