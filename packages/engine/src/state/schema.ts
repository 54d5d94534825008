import type { DatabaseSchema } from '@podwright/linux'

/**
 * The state database, one entry per version: what the entry before it made is brought on by it. Tables that later parts fill are there
 * from the start, so that an older engine's state never lacks a place for a newer one's facts.
 *
 * Times are milliseconds since the epoch. JSON columns hold what is only ever read whole.
 */
export const engineSchema: DatabaseSchema = {
  name: "the engine's database",
  applicationId: 0x70775f65, // "pw_e"
  migrations: [
    {
      sql: `
  CREATE TABLE containers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    image_id TEXT NOT NULL,
    image_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    args TEXT NOT NULL,
    labels TEXT NOT NULL,
    network TEXT NOT NULL,
    auto_remove INTEGER NOT NULL,
    settings TEXT NOT NULL,
    pod_id TEXT,
    desired TEXT NOT NULL DEFAULT 'created',
    status TEXT NOT NULL DEFAULT 'created',
    pid INTEGER NOT NULL DEFAULT 0,
    pid_start INTEGER NOT NULL DEFAULT 0,
    monitor_pid INTEGER NOT NULL DEFAULT 0,
    monitor_start INTEGER NOT NULL DEFAULT 0,
    boot_id TEXT NOT NULL DEFAULT '',
    exit_code INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    error TEXT,
    runtime TEXT NOT NULL DEFAULT '',
    restart_count INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX containers_by_image ON containers (image_id);

  -- Exit codes outlive a container that was removed at its end, for whoever waits for it.
  CREATE TABLE exits (
    id TEXT PRIMARY KEY,
    exit_code INTEGER NOT NULL,
    finished_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE exec_sessions (
    id TEXT PRIMARY KEY,
    container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    process TEXT NOT NULL,
    monitor_pid INTEGER NOT NULL DEFAULT 0,
    monitor_start INTEGER NOT NULL DEFAULT 0,
    boot_id TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    exit_code INTEGER
  ) STRICT;

  -- Why one container needs another: a namespace joined, --requires, a pod, --volumes-from.
  CREATE TABLE dependencies (
    container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    needs_id TEXT NOT NULL REFERENCES containers (id),
    reason TEXT NOT NULL,
    PRIMARY KEY (container_id, needs_id, reason)
  ) STRICT;

  CREATE TABLE network_attachments (
    container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (container_id, network)
  ) STRICT;

  CREATE TABLE health_log (
    container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    exit_code INTEGER NOT NULL,
    output TEXT NOT NULL
  ) STRICT;

  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    attributes TEXT NOT NULL
  ) STRICT;
  `,
    },
    {
      // What the keeper has to do; a program of before leaves it alone.
      compatible: true,
      sql: `
  ALTER TABLE containers ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE containers ADD COLUMN restart_at INTEGER;
  ALTER TABLE containers ADD COLUMN restart_delay INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX containers_kept ON containers (id) WHERE kept = 1;
  `,
    },
    {
      // What is known of a container's health: JSON, null without a check and before the first start.
      compatible: true,
      sql: `
  ALTER TABLE containers ADD COLUMN health TEXT;
  CREATE INDEX health_log_of ON health_log (container_id, started_at);
  `,
    },
    {
      // Closed up; what a container has of one is its own, as it was when it was made.
      compatible: true,
      sql: `
  CREATE TABLE secrets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    labels TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE container_secrets (
    container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    secret_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (container_id, secret_id)
  ) STRICT;
  `,
    },
  ],
}
