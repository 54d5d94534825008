import type { DatabaseSchema } from '@podwright/linux'
import { storageApplicationId } from './application-id.ts'

/**
 * What storage.db knows. Blobs have no rows: a file under its name is its own record. A layer's row can be made again from its directory.
 * Lists and artifacts are manifests that a name leads to without an image.
 */
const firstVersion = `
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- id_map: '' for ids as in the image, else the digest of the map of a shifted variant.
CREATE TABLE layers (
  chain_id TEXT NOT NULL,
  id_map TEXT NOT NULL DEFAULT '',
  diff_id TEXT NOT NULL,
  parent TEXT,
  link TEXT NOT NULL UNIQUE,
  size_bytes INTEGER NOT NULL,
  root_mode INTEGER,
  root_uid INTEGER,
  root_gid INTEGER,
  -- 1: hides all layers below.
  root_opaque INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (chain_id, id_map)
) STRICT, WITHOUT ROWID;

-- The forms that a layer's tar is known in, and where each was seen.
CREATE TABLE compressions (
  diff_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  compression TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (diff_id, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE blob_locations (
  digest TEXT NOT NULL,
  repository TEXT NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY (digest, repository)
) STRICT, WITHOUT ROWID;

-- kind: manifest, index, artifact.
CREATE TABLE manifests (
  digest TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- role: config, layer, manifest.
CREATE TABLE manifest_references (
  manifest TEXT NOT NULL REFERENCES manifests ON DELETE CASCADE,
  digest TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (manifest, digest, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE images (
  id TEXT PRIMARY KEY,
  platform TEXT NOT NULL,
  created_ms INTEGER,
  stored_ms INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  labels TEXT NOT NULL,
  top_layer TEXT,
  -- As parsed and verified when the image came in, since every run needs it.
  config TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX images_top_layer ON images (top_layer);
-- The manifests that describe an image, and the indexes that it came in by.
CREATE TABLE image_manifests (
  image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
  manifest TEXT NOT NULL REFERENCES manifests,
  PRIMARY KEY (image, manifest)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_manifests_manifest ON image_manifests (manifest);

-- image is null for a list or an artifact.
CREATE TABLE names (
  name TEXT PRIMARY KEY,
  repository TEXT NOT NULL,
  image TEXT REFERENCES images ON DELETE CASCADE,
  manifest TEXT NOT NULL REFERENCES manifests,
  named_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX names_image ON names (image);
CREATE INDEX names_manifest ON names (manifest);
CREATE TABLE repository_digests (
  repository TEXT NOT NULL,
  manifest TEXT NOT NULL REFERENCES manifests,
  image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
  named_ms INTEGER NOT NULL,
  PRIMARY KEY (repository, manifest, image)
) STRICT, WITHOUT ROWID;
CREATE INDEX repository_digests_image ON repository_digests (image);

CREATE TABLE snapshots (
  key TEXT PRIMARY KEY,
  image TEXT,
  top_layer TEXT,
  read_only INTEGER NOT NULL,
  id_map TEXT,
  lease TEXT,
  created_ms INTEGER NOT NULL,
  ready INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshots_image ON snapshots (image);

-- A lease is alive while the file of its id is locked.
CREATE TABLE leases (id TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- kind: blob, layer.
CREATE TABLE lease_items (
  lease TEXT NOT NULL REFERENCES leases ON DELETE CASCADE,
  kind TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (lease, kind, digest)
) STRICT, WITHOUT ROWID;
`

/** Mounts that outlive whoever asked for them, and quick answers to what refers to a digest. */
const secondVersion = `
-- id: key of the snapshot that is mounted. own_snapshot: 1 when it was made for the mount, and goes with it.
CREATE TABLE mounts (
  id TEXT PRIMARY KEY,
  image TEXT,
  read_only INTEGER NOT NULL,
  own_snapshot INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE mount_holders (
  mount TEXT NOT NULL REFERENCES mounts ON DELETE CASCADE,
  owner TEXT NOT NULL,
  -- Names the run of the kernel that the mount is of; after a reboot it is gone.
  boot_id TEXT NOT NULL,
  PRIMARY KEY (mount, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_references_digest ON manifest_references (digest);
CREATE INDEX repository_digests_manifest ON repository_digests (manifest);
CREATE INDEX snapshots_top_layer ON snapshots (top_layer);
CREATE INDEX lease_items_digest ON lease_items (kind, digest);
`

/** A directory that is not the storage's, in place of an image: JSON. A program of before takes the tree for an empty one, and nothing starts in that. */
const thirdVersion = `
ALTER TABLE snapshots ADD COLUMN base TEXT;
`

export const storageSchema: DatabaseSchema = {
  name: "the storage's database",
  applicationId: storageApplicationId,
  migrations: [{ sql: firstVersion }, { sql: secondVersion, compatible: true }, { sql: thirdVersion, compatible: true }],
}
