import type { BoundaryPolicy } from '../boundaries/policy.ts'
import type { Workspace, WorkspacePackage } from '../workspace/workspace.ts'

const begin = '<!-- house:begin, written by npm run picture -->'
const end = '<!-- house:end -->'

/** The picture of the house as the manifests draw it: the layers in their order, then a row for each room. */
export function drawHouse(workspace: Workspace, policy: BoundaryPolicy): string {
  const rooms = workspace.packages.filter(({ directory }) => directory.startsWith('packages/'))
  const layers = policy.layers
    .map(({ name, order }) => ({ name, rooms: sortRooms(roomsOf(rooms, name), order ?? []), isOrdered: order !== undefined }))
    .filter((layer) => layer.rooms.length > 0)
  const width = Math.max(...layers.map(({ name }) => name.length))
  const picture = layers.map(({ name, rooms: inside, isOrdered }) => {
    const names = inside.map((room) => folderOf(room)).join(isOrdered ? ' ← ' : '   ')
    return `    ${name.padEnd(width)}  ${names}`
  })
  const rows = layers.flatMap((layer) => layer.rooms.map((room) => rowOf(room, layer.name)))
  const head = ['| layer | package | what it owns | imports | third-party |', '| --- | --- | --- | --- | --- |']
  return [...picture, '', ...head, ...rows].join('\n')
}

/** The text with its picture, between the two marks, replaced. @throws when there are no marks. */
export function replacePicture(text: string, picture: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the marks ${begin} and ${end} are missing`)
  return `${text.slice(0, from + begin.length)}\n\n${picture}\n\n${text.slice(to)}`
}

function roomsOf(rooms: readonly WorkspacePackage[], layer: string): WorkspacePackage[] {
  return rooms.filter(({ manifest }) => manifest.nx?.tags?.includes(`layer:${layer}`))
}

function sortRooms(rooms: readonly WorkspacePackage[], order: readonly string[]): WorkspacePackage[] {
  return rooms.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

function rowOf(room: WorkspacePackage, layer: string): string {
  const { dependencies, peerDependencies, description } = room.manifest
  const names = Object.keys({ ...dependencies, ...peerDependencies })
  const own = names.filter((name) => name.startsWith('@podwright/')).map((name) => name.slice('@podwright/'.length))
  const foreign = names.filter((name) => !name.startsWith('@podwright/'))
  const link = `[${folderOf(room)}](../${room.directory}/README.md)`
  return `| ${layer} | ${link} | ${description ?? ''} | ${namesIn(own)} | ${namesIn(foreign)} |`
}

function namesIn(entries: readonly string[]): string {
  return entries.length === 0 ? 'none' : entries.join(', ')
}

function folderOf(room: WorkspacePackage): string {
  return room.directory.slice('packages/'.length)
}
