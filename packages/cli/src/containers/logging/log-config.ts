import type { ContainerLogging } from '@podwright/contracts'
import { humanSize } from '../../render/size.ts'

/** HostConfig.LogConfig of `inspect`: podman's keys, and under Config docker's options, which podman leaves out. */
export function logConfig(logging: ContainerLogging = {}, path: string): object {
  const { driver = 'k8s-file', maximumBytes, maximumFiles, tag = '', labels, environment } = logging
  const config = {
    ...(maximumBytes !== undefined && { 'max-size': sizeText(maximumBytes) }),
    ...(maximumFiles !== undefined && { 'max-file': String(maximumFiles) }),
    ...(logging.path !== undefined && { path: logging.path }),
    ...(tag !== '' && { tag }),
    ...(labels !== undefined && { labels: labels.join(',') }),
    ...(environment !== undefined && { env: environment.join(',') }),
  }
  return {
    Type: driver,
    Config: Object.keys(config).length > 0 ? config : null,
    Path: path,
    Tag: tag,
    Size: maximumBytes === undefined ? '0B' : humanSize(maximumBytes),
  }
}

/** As it may be given again: `10m`. */
function sizeText(bytes: number): string {
  const power = ['g', 'm', 'k'].findIndex((_, index) => bytes % 1024 ** (3 - index) === 0)
  return power < 0 ? String(bytes) : `${bytes / 1024 ** (3 - power)}${['g', 'm', 'k'][power]}`
}
