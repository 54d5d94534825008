/** Cuts `path:image` at the first colon, on Windows behind the drive's. */
export function splitPath(text: string, platform: NodeJS.Platform = process.platform): readonly [path: string, image: string | undefined] {
  const drive = platform === 'win32' && /^[a-zA-Z]:[\\/]/.test(text) ? 2 : 0
  const colon = text.indexOf(':', drive)
  return colon === -1 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)]
}
