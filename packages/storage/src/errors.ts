import { PodwrightError } from '@podwright/conventions'

/** Every code that this package throws, with its meaning. */
export const storageErrorCodes = {
  ERR_ARTIFACT_EXISTS: 'The name of the artifact is taken.',
  ERR_ARTIFACT_NOT_FOUND: 'The storage has no artifact of that name.',
  ERR_BLOB_CORRUPT: 'A blob on disk is not what its digest says.',
  ERR_BLOB_DIGEST: 'The bytes that came have another digest than the descriptor says.',
  ERR_BLOB_NOT_FOUND: 'The storage does not have the blob.',
  ERR_BLOB_SOURCE: 'The source began at another offset than it was asked for.',
  ERR_BLOB_TOO_LONG: 'More bytes came than the descriptor says.',
  ERR_BLOB_TRUNCATED: 'The source ended before as many bytes had come as the descriptor says.',
  ERR_IMAGE_AMBIGUOUS: 'Several images have an id that begins so.',
  ERR_IMAGE_HAS_NAMES: 'The image has several names, and `force` is not set.',
  ERR_IMAGE_INCOMPLETE: 'Something that the manifest refers to was never put.',
  ERR_IMAGE_INVALID: 'The manifest and the config contradict each other.',
  ERR_IMAGE_IN_USE: 'A snapshot is on the image.',
  ERR_IMAGE_NAME: 'The name is not one that an image can have here.',
  ERR_IMAGE_NAME_UNKNOWN: 'The image does not have the name that is to be taken from it.',
  ERR_IMAGE_NOT_FOUND: 'The storage has no such image.',
  ERR_IMAGE_READ_ONLY: 'The image is in an additional store, which is never changed.',
  ERR_IMAGE_UNSUPPORTED: 'The manifest is of an artifact, not of an image whose layers are tars.',
  ERR_LAYER_DIFF_ID: "The unpacked layer has another digest than the image's config says.",
  ERR_LAYER_NOT_FOUND: 'A layer of the image is not in the storage.',
  ERR_LIST_EXISTS: 'The name of the manifest list is taken.',
  ERR_LIST_FORMAT: "The list's format has no place for what it is to say.",
  ERR_LIST_MEMBER_NOT_FOUND: 'The manifest list has no member of that digest.',
  ERR_LIST_NOT_FOUND: 'The storage has no manifest list of that name.',
  ERR_MOUNT_FAILED: 'A tree could not be mounted.',
  ERR_MOUNT_NOT_FOUND: 'Whoever lets go of a mount does not hold it.',
  ERR_MOUNT_OWNER: 'It is not said who lets go of a mount, or said twice.',
  ERR_SNAPSHOT_EXISTS: 'There is a snapshot of that key.',
  ERR_SNAPSHOT_ID_MAP: 'The storage driver can not show files under other ids.',
  ERR_SNAPSHOT_KEY: 'The key is not one that a snapshot can have.',
  ERR_SNAPSHOT_MOUNTED: 'Something is still mounted on the snapshot.',
  ERR_SNAPSHOT_NOT_FOUND: 'The storage has no snapshot of that key.',
  ERR_STORAGE_ADDITIONAL: 'An additional store can not be read, or its layers are of another kind.',
  ERR_STORAGE_DRIVER_FAILED: 'A storage driver that is a program of its own failed, or gave an answer that is none.',
  ERR_STORAGE_DRIVER_MISMATCH: 'The images were stored by another driver than the one asked for.',
  ERR_STORAGE_DRIVER_UNKNOWN: 'There is no storage driver of that name.',
  ERR_STORAGE_DRIVER_UNSUPPORTED: 'The storage driver does not work on this host.',
  ERR_STORAGE_FULL: 'The disk is full, or would have less left than is to be kept free.',
  ERR_VOLUME_AMBIGUOUS: 'Several anonymous volumes have a name that begins so.',
  ERR_VOLUME_DRIVER_FAILED: 'A volume driver that is a program of its own failed, or gave an answer that is none.',
  ERR_VOLUME_DRIVER_UNKNOWN: 'There is no volume driver of that name.',
  ERR_VOLUME_EXISTS: 'There is a volume of that name.',
  ERR_VOLUME_IN_USE: 'Somebody uses the volume.',
  ERR_VOLUME_MOUNT: 'What the options of the volume say cannot be mounted.',
  ERR_VOLUME_NAME: 'The name is not one that a volume can have.',
  ERR_VOLUME_NOT_FOUND: 'No volume has that name.',
  ERR_VOLUME_OPTION: 'The driver cannot honour an option of the volume; the message names it.',
  ERR_VOLUME_RECORD: "A volume's record on disk is damaged.",
} as const

/** A code of this package. */
export type StorageErrorCode = keyof typeof storageErrorCodes

/** What this package throws on purpose. */
export class StorageError extends PodwrightError<StorageErrorCode> {}
