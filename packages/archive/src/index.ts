/**
 * Image layers as tar: list, extract safely, pack; gzip and zstd. Names and values are bytes throughout.
 *
 * @packageDocumentation
 */
export { applyLayers, type ApplyLayersOptions } from './apply-layers.ts'
export { type TreeChange, treeChanges, type TreeChangesOptions, upperChanges, type UpperChangesOptions } from './changes.ts'
export { compress, type CompressOptions } from './compress.ts'
export { type Compression, detectCompression } from './compression.ts'
export { decompress, type DecompressOptions } from './decompress.ts'
export { diffTrees, type DiffTreesOptions, diffUpper, type DiffUpperOptions } from './diff.ts'
export { encodeLayer, type EncodedLayer, type LayerDigests } from './encode-layer.ts'
export type { ByteSource, SparseRegion, TarEntry, TarEntryType, TarXattr } from './entry.ts'
export { ArchiveError, type ArchiveErrorCode, archiveErrorCodes } from './errors.ts'
export { extractFiles, type ExtractFilesOptions, type ExtractFilesResult } from './extract-files.ts'
export { extractLayer } from './extract.ts'
export type { ExtractOptions, ExtractProgress, ExtractResult, SkippedItem } from './extract-options.ts'
export { flattenLayers, type FlattenLayersOptions } from './flatten.ts'
export type { LayerReader, ReadLayersOptions } from './layer-reader.ts'
export { type ImageEntry, listLayers } from './list-layers.ts'
export { type LayerEntry, listLayer, type ListLayerOptions } from './list.ts'
export { packTree, type PackTreeOptions, type ReadTreeOptions } from './pack.ts'
export { createTarParser, type TarParser, type TarParserOptions, type TarSink } from './parser.ts'
export { type ImageFile, readFileFromLayers, type ReadFileOptions } from './read-file.ts'
export { readTar, type ReadTarOptions, type TarStreamEntry } from './reader.ts'
export { isWhiteout, parseWhiteout, type Whiteout } from './whiteouts.ts'
export { createTarWriter, packEntries, type TarEntryInit, type TarEntryWithContent, type TarWriter } from './writer.ts'
