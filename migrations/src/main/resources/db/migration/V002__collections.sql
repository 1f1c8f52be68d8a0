-- What the collector did, and what it left: the next one compares before it deletes.
CREATE TABLE collection (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at               timestamptz NOT NULL DEFAULT now(),
  expired          bigint NOT NULL CHECK (expired >= 0),
  blobs            bigint NOT NULL CHECK (blobs >= 0),
  bytes            bigint NOT NULL CHECK (bytes >= 0),
  orphans          bigint NOT NULL CHECK (orphans >= 0),
  uploads          bigint NOT NULL CHECK (uploads >= 0),
  referenced_blobs bigint NOT NULL CHECK (referenced_blobs >= 0),
  referenced_bytes bigint NOT NULL CHECK (referenced_bytes >= 0));
COMMENT ON TABLE collection IS 'One row a finished collection: what went, and what was held afterwards';
COMMENT ON COLUMN collection.referenced_blobs IS 'Only a collection makes this smaller: a later one that finds far fewer stops';
