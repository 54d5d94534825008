import { PodwrightError } from '@podwright/conventions'

/** What each code of this package means. */
export const archiveErrorCodes = {
  ERR_ARCHIVE_MALFORMED: 'The tar is damaged or not a tar: a bad checksum, number, PAX record or sparse map.',
  ERR_ARCHIVE_TRUNCATED: 'The tar ends in the middle of an entry.',
  ERR_ARCHIVE_UNSUPPORTED: 'An entry of a kind that layers do not have, such as a volume continuation.',
  ERR_ARCHIVE_COMPRESSION: 'The compressed data is damaged, cut short or followed by something else.',
  ERR_ARCHIVE_COMPRESSION_UNAVAILABLE: 'This Node has no zstd; it came with 22.15.',
  ERR_ARCHIVE_UNSAFE_PATH: 'An entry or a hard link leads out of the directory, through a symbolic link, or has a reserved name.',
  ERR_ARCHIVE_LINK_TARGET: 'A hard link to something that the archive has not brought.',
  ERR_ARCHIVE_DEVICE: 'The archive has a device node that may not or can not be made.',
  ERR_ARCHIVE_OWNER: 'A user or group id that can not be given to a file here, as it is not mapped.',
  ERR_ARCHIVE_SPECIAL_FILES: 'The archive needs what only the `special` component can write, and none was handed in.',
  ERR_ARCHIVE_LIMIT: 'More entries or bytes than the limits allow.',
  ERR_ARCHIVE_CONFLICT: 'A directory is in the place of a file, or the other way round, and is not to be replaced.',
  ERR_ARCHIVE_DISK_LOW: 'Going on would leave less free space than is to be kept.',
  ERR_ARCHIVE_WRITE: 'The file system refused to write an entry.',
  ERR_ARCHIVE_READ: 'A file of the tree to be packed could not be read, or changed meanwhile.',
  ERR_ARCHIVE_OVERLAY: 'A file of an upper directory refers to the layers below by a redirect or metacopy attribute of overlayfs.',
  ERR_ARCHIVE_NOT_A_FILE: 'What was to be read from an image is a directory or a device, or lies behind a circle of links.',
  ERR_ARCHIVE_ENTRY: 'An entry that a tar can not hold was to be written.',
} as const

/** A code of this package. */
export type ArchiveErrorCode = keyof typeof archiveErrorCodes

/** What this package throws on purpose. */
export class ArchiveError extends PodwrightError<ArchiveErrorCode> {}
