import type { EngineContainerUsage, EngineImageUsage, EngineUsage, EngineVolumeUsage } from '@podwright/contracts'
import { containerList } from '../containers/summary-view.ts'
import { imageList, imageRows } from '../images/image-rows.ts'
import { humanSize } from '../render/size.ts'
import { renderTable } from '../render/table.ts'

/** The columns of each of the tables of `system df --verbose`, by what they are called in JSON. */
const titles = {
  Images: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size', 'SharedSize', 'UniqueSize', 'Containers'],
  Containers: ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'],
  Volumes: ['Name', 'Links', 'Size'],
} as const

/** What stands above a column, where it isn't its name. */
const headings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Images: { ID: 'IMAGE ID', CreatedSince: 'CREATED', SharedSize: 'SHARED SIZE', UniqueSize: 'UNIQUE SIZE' },
  Containers: { ID: 'CONTAINER ID', LocalVolumes: 'LOCAL VOLUMES', RunningFor: 'CREATED' },
  Volumes: { Name: 'VOLUME NAME' },
}

type Section = keyof typeof titles
type Cells = Readonly<Record<string, unknown>>

/** Every image, container and volume with its size, by docker's names. */
export type UsageDetails = Readonly<Record<Section, readonly Cells[]>>

/** What `system df --verbose` tells. */
export function usageDetails({ images, containers, volumes }: EngineUsage, now: number): UsageDetails {
  return {
    Images: images.items.flatMap((usage) => imageCells(usage, now)),
    Containers: containers.items.map((usage) => containerCells(usage, now)),
    Volumes: volumes.items.map(volumeCells),
  }
}

/** Three tables. */
export async function renderUsageDetails(details: UsageDetails): Promise<string> {
  const tables = {
    Images: await table('Images', details.Images),
    Containers: await table('Containers', details.Containers),
    'Local Volumes': await table('Volumes', details.Volumes),
  }
  return Object.entries(tables)
    .map(([name, text]) => `${name} space usage:\n\n${text}`)
    .join('\n')
}

function table(section: Section, rows: readonly Cells[]): Promise<string> {
  const columns = titles[section]
  const heading = (name: string): string => headings[section]?.[name] ?? name.toUpperCase()
  return renderTable(
    columns.map(heading),
    rows.map((row) => columns.map((name) => String(row[name]))),
  )
}

/** A row for each of its names. */
function imageCells(usage: EngineImageUsage, now: number): readonly Cells[] {
  const { fields } = imageList({ now, whole: false, digests: false })
  return imageRows([usage.image]).map((row) => ({
    ...pick(fields, row, ['Repository', 'Tag', 'ID', 'CreatedSince']),
    Size: humanSize(usage.sizeBytes),
    SharedSize: humanSize(usage.sharedBytes),
    UniqueSize: humanSize(usage.uniqueBytes),
    BlobSize: humanSize(usage.blobBytes),
    Containers: String(usage.containers.length),
  }))
}

function containerCells({ container, sizeBytes }: EngineContainerUsage, now: number): Cells {
  const { fields } = containerList({ now, whole: false })
  const known = pick(fields, container, ['ID', 'Image', 'Command', 'LocalVolumes', 'RunningFor', 'Status', 'State', 'Names'])
  return { ...known, Size: humanSize(sizeBytes) }
}

function volumeCells({ volume, sizeBytes }: EngineVolumeUsage): Cells {
  const size = sizeBytes === undefined ? 'N/A' : humanSize(sizeBytes)
  return { Name: volume.name, Driver: volume.driver, Links: String(volume.holders.length), Size: size }
}

function pick<Item>(fields: Readonly<Record<string, (item: Item) => unknown>>, item: Item, names: readonly string[]): Cells {
  return Object.fromEntries(names.map((name) => [name, String(fields[name]?.(item))]))
}
