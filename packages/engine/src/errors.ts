import { PodwrightError } from '@podwright/conventions'

/** The engine's own error codes. Errors of its parts come through with theirs. */
export const engineErrorCodes = {
  ERR_CONTAINER_NOT_FOUND: 'No container has that name, id or id prefix.',
  ERR_CONTAINER_AMBIGUOUS: 'The id prefix fits several containers.',
  ERR_CONTAINER_NAME_IN_USE: 'Another container has the name.',
  ERR_CONTAINER_NAME_INVALID: 'A name holds something other than letters, digits, `_`, `.` and `-`.',
  ERR_CONTAINER_RUNNING: 'What was asked for needs a container that is not running.',
  ERR_CONTAINER_NOT_RUNNING: 'What was asked for needs a running container.',
  ERR_CONTAINER_PAUSED: 'What was asked for needs a container that is not paused.',
  ERR_CONTAINER_NOT_PAUSED: 'A container that is to go on is not paused.',
  ERR_CONTAINER_NO_HEALTH_CHECK: 'A check was asked for, and the container has none.',
  ERR_CONTAINER_NO_CGROUP: 'What was asked for needs a control group, and the container has none.',
  ERR_CONTAINER_NO_LOG: "The container's log driver keeps nothing that could be read, or attached to.",
  ERR_CONTAINER_OPTION_INVALID: 'An option of a new container makes no sense; the message names it.',
  ERR_CONTAINER_MOUNT_SOURCE: 'The source of a bind mount is not there.',
  ERR_CONTAINER_PORT_IN_USE: 'Another container has a port of the host that was to be published.',
  ERR_CONTAINER_STOP_TIMEOUT: 'The container did not end even after SIGKILL.',
  ERR_IMAGE_NOT_FOUND: 'No image here has that name, digest, id or id prefix.',
  ERR_IMAGE_IN_USE: 'Containers are on the image.',
  ERR_IMAGE_NOT_PULLED: 'The pull policy forbids fetching an image that is not here.',
  ERR_IMAGE_OPTION_INVALID: 'What was asked of an image makes no sense; the message says why.',
  ERR_IMAGE_ARCHIVE: 'An archive can not be read or written; the message says why.',
  ERR_IMAGE_CHANGE_INVALID: 'An instruction that is to change an image is none, or its words are wrong.',
  ERR_ARTIFACT_NOT_FOUND: 'No artifact here has that name or digest, or no file of it that title.',
  ERR_LIST_NOT_FOUND: 'No manifest list here has that name.',
  ERR_VOLUME_NOT_FOUND: 'No volume has that name.',
  ERR_VOLUME_IN_USE: 'Containers use the volume.',
  ERR_MOUNT_OUTSIDE: "A plain user's mounts are made, and seen, only inside the engine's namespaces.",
  ERR_ENGINE_RESET: 'Not everything can be ended or unmounted, so that nothing was deleted.',
  ERR_ENGINE_ROOT_FOREIGN: "The directory that is to be deleted is not an engine's.",
  ERR_ENGINE_CLOSED: "A directory is closed to the root of a container's own user namespace.",
  ERR_ENGINE_RUN_ROOT: 'The directory for sockets and locks is missing, or is not safely ours.',
  ERR_ENGINE_ENVIRONMENT: 'A variable of the environment makes no sense; the message names it.',
  ERR_ENGINE_RUNTIME_UNKNOWN: 'The state names a runtime that is not installed any more.',
} as const

/** An error of the engine. */
export class EngineError extends PodwrightError<keyof typeof engineErrorCodes> {}
