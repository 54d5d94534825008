/** For whom `Volumes.mount` mounts. */
export const commandHolder = 'command'
