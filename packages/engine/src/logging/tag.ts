import type { ContainerRecord } from '../state/record.ts'
import { invalid } from '../tuning/invalid.ts'

type TagSubject = Pick<ContainerRecord, 'id' | 'name' | 'imageId' | 'imageName'>

/** What docker's templates for tags may ask for. */
const fields: Readonly<Record<string, (container: TagSubject) => string>> = {
  ID: ({ id }) => id.slice(0, 12),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  ImageName: ({ imageName }) => imageName,
  ImageID: ({ imageId }) => imageId.replace(/^.*:/, '').slice(0, 12),
  ImageFullID: ({ imageId }) => imageId,
  DaemonName: () => 'podwright',
}

const action = /\{\{\s*\.?(.*?)\s*\}\}/gs

/** A tag with what it names of the container. @throws `ERR_CONTAINER_OPTION_INVALID` */
export function expandTag(tag: string, container: TagSubject): string {
  return tag.replaceAll(action, (_, name: string) => fieldOf(name)(container))
}

/** Whether a tag can be expanded. @throws `ERR_CONTAINER_OPTION_INVALID` */
export function checkTag(tag: string): void {
  for (const [, name = ''] of tag.matchAll(action)) fieldOf(name)
  // A journal's fields and conmon's words end there.
  if (tag.includes('\0')) throw invalid('the tag of a log has a zero byte in it')
}

function fieldOf(name: string): (container: TagSubject) => string {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field !== undefined) return field
  throw invalid(
    `the tag of a log cannot have {{.${name}}} in it`,
    `It knows ${Object.keys(fields)
      .map((known) => `{{.${known}}}`)
      .join(', ')}.`,
  )
}
